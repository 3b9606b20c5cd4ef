"""The criterion about roles of the course team."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...data import COURSE, INSTANCE, ORGANIZATION
from ...platform import authz
from ...rules.combine import among
from ...text import IsOneOf
from .. import themes
from ..base import Asking, Operator
from ..kinds import Opposable, lists
from ..registry import register
from ..users import of_users

ROLE = "student.CourseAccessRole"


# Without the course: a role can count in many, or in the instance alone, as those of libraries do.
UPDATED_BY = {ROLE: "user_id"} | {
    f"org.openedx.learning.user.course_access_role.{event}.v1": "course_access_role_data.user.id"
    for event in ("added", "removed")
}
if authz.is_installed():
    UPDATED_BY |= {
        f"org.openedx.authz.role_assignment.{event}": "role_assignment.subject" for event in ("created", "deleted")
    }


@register("course_role")
class CourseRole(Opposable):
    """The roles that the user has been given, such as staff or instructor, by the platform or by openedx-authz.

    In a course those count that they have in it, in all courses of its organization, or in all courses; in an
    organization those in any of its courses as well; in the instance all of them. A role is only itself: whoever is
    instructor or limited_staff is not staff, unless they have been given that role too. But "staff" and what
    openedx-authz calls the same role, "course_staff", are one.
    """

    title = gettext_lazy("Role in the course team")
    theme = themes.GROUPS
    summary = gettext_lazy("The role in the course team, such as staff or instructor.")
    keywords = gettext_lazy("teacher assistant admin permission")
    scopes = (COURSE, ORGANIZATION, INSTANCE)
    operators = lists("roles")
    suggests = ("roles",)
    example = {"operator": "in", "config": {"roles": ["staff", "instructor"]}}
    reads = (ROLE,)
    updated_by = UPDATED_BY
    columns = {ROLE: ("role", "org", "course_id")}
    # All roles of a user taken at once by openedx-authz send no event.
    refresh_every = timedelta(days=1)

    def positive(self, operator: Operator) -> Q:
        roles = authz.same_roles(self.config["roles"])
        holders = among(self._rows().filter(IsOneOf("role", *sorted(roles))))
        if authz.is_installed():
            holders |= self.staged(authz.roles_held(self.scope, roles=roles, users=self.users))
        return holders

    def values(self) -> Mapping[int, Any]:
        held: dict[int, set[str]] = defaultdict(set)
        for pk, role in of_users(self._rows(), self.users, "role"):
            held[pk].add(role)
        if authz.is_installed():
            for pk, roles in authz.roles_held(self.scope, users=self.users or ()).items():
                held[pk] |= roles
        return {pk: sorted(roles) for pk, roles in held.items()}

    @classmethod
    def choices(cls, asking: Asking) -> Mapping[str, str]:
        roles = set(cls(Operator.IN, {"roles": []}, asking)._rows().values_list("role", flat=True))
        if authz.is_installed():
            roles = roles.union(*authz.roles_held(asking.scope).values())
        found: dict[str, str] = {}
        for role in sorted(roles):
            # What openedx-authz calls otherwise is the same role.
            if role and not authz.same_roles([role]) & authz.same_roles(found):
                found[role] = role
        return found

    def _rows(self) -> QuerySet[Any]:
        """The platform's roles that count in the scope."""
        rows = self.source("lms").rows(ROLE)
        if self.scope.type == COURSE:
            key = self.scope.course_key
            # A role without a course is one in all courses of the organization.
            in_all_of_it = Q(IsOneOf("org", str(key.org))) & Q(IsOneOf("course_id", ""))
            return rows.filter(Q(course_id=key) | in_all_of_it)
        if self.scope.type == ORGANIZATION:
            return rows.filter(IsOneOf("org", self.scope.key))
        return rows

    def describe(self) -> str:
        roles = _(" or ").join(self.config["roles"])
        sentence = _("has the role {roles}") if self.operator == Operator.IN else _("does not have the role {roles}")
        return sentence.format(roles=roles)
