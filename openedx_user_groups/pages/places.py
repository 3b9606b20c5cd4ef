"""Places: the scopes that somebody gets to see, whether they have groups yet or not, found by name; a few at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import attrs
from django.db.models import Count, Q

from .. import api
from ..data import COURSE, INSTANCE, ORGANIZATION, ScopeData
from ..models import UserGroup
from ..permissions import Action, Person
from ..platform import lms
from ..platform.titles import titles
from ..text import Contains, IsOneOf, fold
from ..visibility import switch

# A platform has thousands of courses; whoever looks for one types a part of its name.
LIMIT = 20
COURSES = "course_overviews.CourseOverview"
ORGANIZATIONS = "organizations.Organization"


@attrs.frozen
class Place:
    """A scope, what people call it, and how many groups it has beside the archived ones."""

    scope: ScopeData
    title: str
    groups: int


@attrs.frozen
class Places:
    """The first places that were found, and whether there are more."""

    rows: tuple[Place, ...]
    has_more: bool

    def __bool__(self) -> bool:
        return bool(self.rows)


def places(person: Person, text: str = "", limit: int = LIMIT) -> Places:
    """The platform, organizations and courses that somebody may view and in which user groups are on."""
    found = first(person, limit + 1, text)
    shown = found[:limit]
    named, counts = titles(shown), _counts(shown)
    return Places(tuple(Place(scope, named[scope], counts.get(scope, 0)) for scope in shown), len(found) > limit)


def first(person: Person, number: int, text: str = "") -> list[ScopeData]:
    """The scopes of so many of them."""
    is_on = switch()
    return list(islice((scope for scope in _named(person, text) if is_on(scope)), number))


def _named(person: Person, text: str) -> Iterator[ScopeData]:
    yield from _platform(person, text)
    yield from _organizations(person, text)
    yield from _courses(person, text)


def _platform(person: Person, text: str) -> Iterator[ScopeData]:
    scope = ScopeData(INSTANCE)
    if person.may(Action.VIEW, scope) and fold(text) in fold(titles([scope])[scope]):
        yield scope


def _organizations(person: Person, text: str) -> Iterator[ScopeData]:
    seen = person.scopes(Action.VIEW)
    if seen.everything and lms.is_installed(ORGANIZATIONS):
        rows = lms.rows(ORGANIZATIONS).filter(Q(Contains("name", text)) | Q(Contains("short_name", text)))
        names: Iterable[str] = rows.order_by("short_name").values_list("short_name", flat=True).iterator()
    elif seen.everything:
        courses = lms.rows(COURSES).filter(Contains("org", text)).values_list("org", flat=True)
        names = courses.order_by("org").distinct().iterator()
    else:
        mine = [ScopeData(ORGANIZATION, name) for name in sorted(seen.organizations)]
        names = [scope.key for scope, title in titles(mine).items() if fold(text) in fold(f"{title}\n{scope.key}")]
    yield from (ScopeData(ORGANIZATION, name) for name in names if name)


def _courses(person: Person, text: str) -> Iterator[ScopeData]:
    seen = person.scopes(Action.VIEW)
    if not lms.is_installed(COURSES):
        return
    rows = lms.rows(COURSES)
    if not seen.everything:
        within = Q(id__in=sorted(seen.course_keys))
        rows = rows.filter(within | Q(IsOneOf("org", *sorted(seen.organizations))) if seen.organizations else within)
    rows = rows.filter(Q(Contains("display_name", text)) | Q(Contains("id", text))) if text else rows
    for key in rows.order_by("display_name", "id").values_list("id", flat=True).iterator():
        yield ScopeData(COURSE, str(key))


def _counts(scopes: Iterable[ScopeData]) -> dict[ScopeData, int]:
    keys = [scope.key for scope in scopes]
    rows = api.all_groups().exclude(status=UserGroup.Status.ARCHIVED).filter(scope__key__in=keys)
    counted = rows.order_by().values_list("scope__type", "scope__key").annotate(number=Count("pk"))
    return {ScopeData(kind, key): number for kind, key, number in counted}
