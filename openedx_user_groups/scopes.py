"""Scopes: which there are, and who belongs to them (the population)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey

from . import lms
from .criteria.base import among
from .data import COURSE, INSTANCE, ORGANIZATION, ScopeData
from .exceptions import InvalidScope
from .models import Membership
from .naming import is_storable
from .text import fold

STANDING = "student.UserStanding"
RETIREMENTS = ("user_api.UserRetirementStatus", "user_api.UserRetirementRequest")


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
