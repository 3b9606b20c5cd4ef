"""Visibility: the stored scopes whose groups somebody gets to see, for lists over many scopes.

User groups are on in them, as ``toggles.is_enabled`` says of each, but in a number of queries that does not grow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings

from .data import COURSE, INSTANCE, ScopeData
from .models import Scope
from .permissions import Action, Person
from .platform import lms, toggles

# What is forced, by course key or by short name; what is not in it is not forced.
Forced = dict[str, bool]


def visible_scopes(person: Person) -> list[Scope]:
    """The scopes that somebody may view and in which user groups are on."""
    return switched_on(person.scopes(Action.VIEW).stored())


def switched_on(scopes: Iterable[Scope]) -> list[Scope]:
    """Those of some scopes in which user groups are on."""
    rows = list(scopes)
    on = switch() if rows else bool
    return [row for row in rows if on(row.data)]


def is_on_anywhere() -> bool:
    """Whether user groups are on in any scope at all."""
    if toggles.is_enabled(ScopeData(INSTANCE)):
        return True
    courses = _forced("courses", toggles.COURSE_OVERRIDE, "course_id")
    organizations = _forced("orgs", toggles.ORGANIZATION_OVERRIDE, "org")
    return any((*courses.values(), *organizations.values()))


def switch() -> Callable[[ScopeData], bool]:
    """Says of each scope whether user groups are on in it."""
    courses = _forced("courses", toggles.COURSE_OVERRIDE, "course_id")
    organizations = _forced("orgs", toggles.ORGANIZATION_OVERRIDE, "org")
    otherwise = toggles.is_enabled(ScopeData(INSTANCE))

    def is_on(scope: ScopeData) -> bool:
        if scope.type == INSTANCE:
            return otherwise
        if scope.type != COURSE:
            return organizations.get(scope.key, otherwise)
        if scope.key in courses or not organizations:
            return courses.get(scope.key, otherwise)
        return organizations.get(scope.course_key.org or "", otherwise)

    return is_on


def _forced(setting: str, label: str, column: str) -> Forced:
    """What operators say of courses or of organizations: in the platform's admin pages, or else in the settings."""
    if not lms.is_installed(label):
        forced: Forced = settings.OPENEDX_USER_GROUPS_FLAG_OVERRIDES.get(setting, {})
        return forced
    rows: Iterable[tuple[Any, bool, str]] = (
        lms.rows(label)
        .filter(waffle_flag=toggles.NAME)
        .order_by("change_date", "pk")
        .values_list(column, "enabled", "override_choice")
    )
    # Rows are only ever added, and the newest one counts; one that is not enabled takes the override back.
    newest = {str(key): enabled and choice for key, enabled, choice in rows}
    return {key: choice == "on" for key, choice in newest.items() if choice}
