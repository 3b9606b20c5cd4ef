"""Scopes: which there are, and who belongs to them (the population)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey

from ..data import COURSE, INSTANCE, ORGANIZATION, ScopeData
from ..exceptions import InvalidScope
from ..models import Membership
from ..naming import is_storable
from ..platform import lms
from ..rules.combine import among
from ..text import fold

STANDING = "student.UserStanding"
RETIREMENTS = ("user_api.UserRetirementStatus", "user_api.UserRetirementRequest")

ENROLLMENT = "student.CourseEnrollment"
# One act of enrolling is a save and one or two events. Who is edited by hand in Django's admin is a save only.
ENROLLMENT_UPDATED_BY: Mapping[str, Any] = {ENROLLMENT: ("user_id", "course_id")} | {
    f"org.openedx.learning.course.{event}.v1": ("enrollment.user.id", "enrollment.course.course_key")
    for event in ("enrollment.created", "enrollment.changed", "unenrollment.completed")
}
# The same for all that listen to enrollments, so that the save speaks for the events.
ENROLLMENT_COLUMNS: Mapping[str, Any] = {ENROLLMENT: ("is_active", "mode", "created")}
_ACCOUNTS: Mapping[str, Any] = dict.fromkeys((STANDING, *RETIREMENTS), "user_id")
# What changes who belongs to a type of scope, as criteria have it in ``updated_by``.
POPULATION_UPDATED_BY: Mapping[str, Mapping[str, Any]] = {
    COURSE: {**ENROLLMENT_UPDATED_BY, **_ACCOUNTS},
    ORGANIZATION: {**ENROLLMENT_UPDATED_BY, **_ACCOUNTS},
    INSTANCE: {"auth.User": "id", **_ACCOUNTS},
}
# What may bring somebody to a scope whose e-mail address waits for them there.
PENDING_UPDATED_BY: Mapping[str, Any] = {"auth.User": "id", **ENROLLMENT_UPDATED_BY}
# What changes who belongs to any scope, for what is about the groups of several.
ANY_POPULATION_UPDATED_BY: Mapping[str, Any] = dict(
    item for paths in POPULATION_UPDATED_BY.values() for item in paths.items()
)
# Which columns of these tables matter; that there is a row at all always does.
POPULATION_COLUMNS: Mapping[str, Sequence[str]] = {
    **ENROLLMENT_COLUMNS,
    **dict.fromkeys(RETIREMENTS, ("user",)),
    STANDING: ("account_status",),
    "auth.User": ("is_active",),
}


def course_scope(course_key: str | CourseKey) -> ScopeData:
    """The scope of an existing course; raises InvalidScope."""
    try:
        key = CourseKey.from_string(str(course_key))
    except InvalidKeyError:
        raise InvalidScope(_("{key!r} is not a course key.").format(key=str(course_key))) from None
    found = lms.rows("course_overviews.CourseOverview").filter(id=key).values_list("id", flat=True)
    # Compared in Python: MySQL finds the key in any case.
    if str(key) not in map(str, found):
        raise InvalidScope(_("There is no course {key!r}.").format(key=str(key)))
    return ScopeData(COURSE, str(key))


def organization_scope(short_name: str) -> ScopeData:
    """The scope of an existing organization, spelled as the platform spells it; raises InvalidScope."""
    if short_name and is_storable(short_name):
        names = _organizations(short_name)
        if names:
            return ScopeData(ORGANIZATION, names[0])
    raise InvalidScope(_("There is no organization {name!r}.").format(name=short_name))


def _organizations(short_name: str) -> list[str]:
    names: list[str] = []
    if lms.is_installed("organizations.Organization"):
        found = lms.rows("organizations.Organization").filter(short_name__iexact=short_name)
        names = sorted(found.values_list("short_name", flat=True))
    if not names and lms.is_installed("course_overviews.CourseOverview"):
        names = sorted(set(lms.courses_of(short_name).values_list("org", flat=True)))
    return [name for name in names if fold(name) == fold(short_name)]


def instance_scope() -> ScopeData:
    """The scope of the whole instance."""
    return ScopeData(INSTANCE)


def verified(scope: ScopeData) -> ScopeData:
    """The scope as the platform spells it; raises InvalidScope when there is none such."""
    if scope.type == COURSE:
        return course_scope(scope.key)
    if scope.type == ORGANIZATION:
        return organization_scope(scope.key)
    if scope == instance_scope():
        return scope
    raise InvalidScope(_("A scope is a course, an organization or the instance, not {scope!r}.").format(scope=scope))


def scope_of(text: str) -> ScopeData:
    """The scope as command lines write it: a course key, "instance" or an organization; raises InvalidScope."""
    if text == INSTANCE:
        return instance_scope()
    try:
        CourseKey.from_string(text)
    except InvalidKeyError:
        return organization_scope(text)
    return course_scope(text)


def contains(outer: ScopeData, inner: ScopeData) -> bool:
    """Whether a scope is another one or inside it: a course in its organization, everything in the instance."""
    return inner in inside(outer, [inner])


def inside(outer: ScopeData, inner: Iterable[ScopeData]) -> set[ScopeData]:
    """Those scopes that are another one or inside it; at most one query."""
    scopes = set(inner)
    if outer.type == INSTANCE:
        return scopes
    found = scopes & {outer}
    if outer.type == ORGANIZATION:
        found |= {scope for scope in scopes if scope.type == ORGANIZATION and fold(scope.key) == fold(outer.key)}
        found |= _courses_inside(outer.key, [scope for scope in scopes if scope.type == COURSE])
    return found


def _courses_inside(organization: str, courses: Sequence[ScopeData]) -> set[ScopeData]:
    if not courses:
        return set()
    found = lms.courses_of(organization).filter(id__in=[scope.course_key for scope in courses])
    # Compared in Python: MySQL finds the key in any case.
    own = set(map(str, found.values_list("id", flat=True)))
    return {scope for scope in courses if scope.key in own}


def population(scope: ScopeData, *, now: datetime, parent_group_id: int | None = None) -> Q:
    """The condition of belonging to a scope: who studies there, and is neither disabled nor retired.

    Of the instance all active accounts; of a course or an organization whoever is enrolled, a learner who has
    not confirmed the e-mail address yet included. Of a subdivided group: its members, within the scope.
    """
    belongs = Q(is_active=True)
    if scope.type != INSTANCE:
        belongs = among(lms.LMS(scope=scope).enrollments())
    if parent_group_id is not None:
        belongs &= among(Membership.objects.filter(not_expired(now), group_id=parent_group_id))
    for gone in _gone():
        belongs &= ~gone
    return belongs


def not_expired(now: datetime) -> Q:
    """The condition of memberships and exclusions that still count."""
    return Q(expires_at__isnull=True) | Q(expires_at__gt=now)


def _gone() -> list[Q]:
    """The conditions of accounts that count nowhere; a service without the table has none of them."""
    gone = [among(lms.rows(label)) for label in RETIREMENTS if lms.is_installed(label)]
    if lms.is_installed(STANDING):
        gone.append(among(lms.rows(STANDING).filter(account_status="disabled")))
    return gone
