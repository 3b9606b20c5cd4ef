"""Permissions: who may see and who may manage the groups of a scope, as a backend says that operators may replace."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import attrs
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.utils.module_loading import import_string

from .data import COURSE, ORGANIZATION, ScopeData
from .models import Scope
from .platform import authz, lms
from .population.scopes import STANDING, contains
from .text import fold

User = AbstractBaseUser | AnonymousUser


class Action(StrEnum):
    """What somebody may do with the groups of a scope; who may manage them may also view them."""

    VIEW = "view"
    MANAGE = "manage"


# What openedx-authz calls them; either one is enough to view.
AUTHZ_PERMISSIONS = {
    Action.VIEW: ("user_groups.view_group", "user_groups.manage_group"),
    Action.MANAGE: ("user_groups.manage_group",),
}


@attrs.frozen
class Scopes:
    """The scopes in which somebody may do something: everything, or organizations with their courses, and courses."""

    everything: bool = False
    organizations: frozenset[str] = frozenset()
    course_keys: frozenset[str] = frozenset()

    def __or__(self, other: Scopes) -> Scopes:
        return Scopes(
            self.everything or other.everything,
            self.organizations | other.organizations,
            self.course_keys | other.course_keys,
        )

    def holds(self, scope: ScopeData) -> bool:
        """Whether a scope is one of them; a course also where its organization is."""
        if self.everything or (scope.type == COURSE and scope.key in self.course_keys):
            return True
        return any(contains(ScopeData(ORGANIZATION, name), scope) for name in self.organizations)

    def stored(self) -> list[Scope]:
        """Those of them that have, or once had, a group or a collection."""
        rows = Scope.objects.order_by("pk")
        if self.everything:
            return list(rows)
        courses = self.course_keys
        if self.organizations:
            # There can be more courses in an organization than a statement takes, but few have groups.
            courses = courses | _courses_of(self.organizations)
        else:
            rows = rows.filter(type=COURSE, key__in=sorted(courses))
        names = {fold(name) for name in self.organizations}
        # Compared in Python: MySQL finds the key in any case.
        return [r for r in rows if (r.key in courses if r.type == COURSE else r.key and fold(r.key) in names)]


def _courses_of(organizations: Iterable[str]) -> set[str]:
    return {str(key) for name in organizations for key in lms.courses_of(name).values_list("id", flat=True)}


class PermissionBackend:
    """What a backend answers. It is made anew for every request and may remember what it has found."""

    def may(self, user: User, action: Action, scope: ScopeData) -> bool:
        """Whether somebody may do something with the groups of a scope."""
        return self.scopes(user, action).holds(scope)

    def scopes(self, user: User, action: Action) -> Scopes:
        """All scopes of which ``may()`` is true: what lists show."""
        raise NotImplementedError

    def has(self, user: User, permission: str, scope: ScopeData) -> bool:
        """Whether somebody has a permission that a criterion type asks for."""
        raise NotImplementedError


class PlatformRoles(PermissionBackend):
    """The roles of the platform, and those of openedx-authz where it is installed.

    Course staff and instructors manage the groups of their course, organization-wide ones those of the organization
    and its courses, global staff all. Accounts that are not active or are disabled may do nothing.
    """

    ROLES = "student.CourseAccessRole"
    OF_COURSES = ("instructor", "staff", "limited_staff")
    OF_ORGANIZATIONS = ("instructor", "staff")

    def __init__(self) -> None:
        self._counts: dict[User, bool] = {}
        self._roles: dict[User, Scopes] = {}

    def may(self, user: User, action: Action, scope: ScopeData) -> bool:
        """Whether a role in the scope or around it, or authz, allows it."""
        if not self.counts(user):
            return False
        if is_global_staff(user):
            return True
        if self._by_roles(user).holds(scope):
            return True
        return any(self._by_authz(user, permission, scope) for permission in AUTHZ_PERMISSIONS[action])

    def scopes(self, user: User, action: Action) -> Scopes:
        """Where their roles are, and where authz allows it."""
        if not self.counts(user):
            return Scopes()
        if is_global_staff(user):
            return Scopes(everything=True)
        found = self._by_roles(user)
        for permission in AUTHZ_PERMISSIONS[action] if authz.is_installed() else ():
            granted = authz.scopes_allowed(user.get_username(), permission)
            found |= Scopes(granted.everything, granted.organizations, granted.course_keys)
        return found

    def has(self, user: User, permission: str, scope: ScopeData) -> bool:
        """Whether Django's permissions or authz grant it; global staff have all."""
        if not self.counts(user):
            return False
        granted: Any = user
        return is_global_staff(user) or granted.has_perm(permission) or self._by_authz(user, permission, scope)

    def counts(self, user: User) -> bool:
        """Whether an account may do anything: somebody's, active, and not disabled by an administrator."""
        if not (user.is_authenticated and user.is_active):
            return False
        if user not in self._counts:
            self._counts[user] = not self._is_disabled(user)
        return self._counts[user]

    def _is_disabled(self, user: User) -> bool:
        if not lms.is_installed(STANDING):
            return False
        return bool(lms.rows(STANDING).filter(user=user.pk, account_status="disabled").exists())

    def _by_authz(self, user: User, permission: str, scope: ScopeData) -> bool:
        return authz.is_installed() and authz.is_allowed(user.get_username(), permission, scope)

    def _by_roles(self, user: User) -> Scopes:
        if user not in self._roles:
            self._roles[user] = self._read_roles(user)
        return self._roles[user]

    def _read_roles(self, user: User) -> Scopes:
        if not lms.is_installed(self.ROLES):
            return Scopes()
        rows = lms.rows(self.ROLES).filter(user=user.pk, role__in=self.OF_COURSES)
        organizations: set[str] = set()
        courses: set[str] = set()
        for role, organization, course in rows.values_list("role", "org", "course_id"):
            if course:
                courses.add(str(course))
            elif organization and role in self.OF_ORGANIZATIONS:
                organizations.add(organization)
        return Scopes(organizations=frozenset(organizations), course_keys=frozenset(courses))


def is_global_staff(user: User) -> bool:
    """Whether an account is one of the platform's staff or a superuser."""
    return bool(getattr(user, "is_staff", False) or getattr(user, "is_superuser", False))


class Person:
    """Somebody who asks, for the time of one request: what they may do, see and name. It is an Asker of rules."""

    def __init__(self, user: User) -> None:
        self.user = user
        self._backend: PermissionBackend = import_string(settings.OPENEDX_USER_GROUPS_PERMISSION_BACKEND)()
        self._may: dict[tuple[Action, ScopeData], bool] = {}
        self._scopes: dict[Action, Scopes] = {}

    @property
    def user_id(self) -> int:
        """Their id; nobody has one who is not logged in."""
        known: Any = self.user
        found: int = known.pk
        return found

    def may(self, action: Action, scope: ScopeData) -> bool:
        """Whether they may do something with the groups of a scope."""
        if (action, scope) not in self._may:
            self._may[action, scope] = self._backend.may(self.user, action, scope)
        return self._may[action, scope]

    def scopes(self, action: Action) -> Scopes:
        """All scopes in which they may do it."""
        if action not in self._scopes:
            self._scopes[action] = self._backend.scopes(self.user, action)
        return self._scopes[action]

    def sees(self, scope: ScopeData) -> bool:
        """Whether they may know of the groups and courses of a scope."""
        return self.may(Action.VIEW, scope)

    def has(self, permission: str, scope: ScopeData) -> bool:
        """Whether they have a permission that a criterion requires."""
        return self._backend.has(self.user, permission, scope)
