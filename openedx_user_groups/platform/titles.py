"""What people call scopes: the names of courses and organizations, many at a time."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from ..data import COURSE, INSTANCE, ORGANIZATION, ScopeData
from . import lms


def titles(scopes: Iterable[ScopeData]) -> dict[ScopeData, str]:
    """The name of each scope, or else its key."""
    named = {scope: scope.key for scope in scopes}
    for scope in named:
        if scope.type == INSTANCE:
            named[scope] = _("The whole platform")
    courses = {str(scope.course_key): scope for scope in named if scope.type == COURSE}
    rows = lms.rows("course_overviews.CourseOverview").filter(id__in=[scope.course_key for scope in courses.values()])
    for key, name in rows.values_list("id", "display_name") if courses else ():
        if str(key) in courses and name:
            named[courses[str(key)]] = name
    organizations = [scope for scope in named if scope.type == ORGANIZATION]
    if organizations and lms.is_installed("organizations.Organization"):
        found = lms.rows("organizations.Organization").filter(short_name__in=[scope.key for scope in organizations])
        names = dict(found.values_list("short_name", "name"))
        named.update({scope: names.get(scope.key) or scope.key for scope in organizations})
    return named


def title(scope: ScopeData) -> str:
    """The same of one."""
    return titles([scope])[scope]
