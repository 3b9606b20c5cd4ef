"""openedx-authz: the platform's roles and permissions, where it is installed. No other module knows it.

It needs a newer Python than this package does, so it is imported where it is asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager

import attrs
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import DatabaseError

from ..data import COURSE, INSTANCE, ORGANIZATION, ScopeData
from ..exceptions import CriterionFailed, UserGroupsError
from ..ids import IsAnyOf
from ..text import fold
from . import lms

VIEW, MANAGE = "user_groups.view_group", "user_groups.manage_group"
# What stands for both until openedx-authz has loaded our schema: course teams have these in every release.
COURSE_TEAM = tuple(f"courses.legacy_{role}_role_permissions" for role in ("instructor", "staff", "limited_staff"))

ALL_COURSES = "course-v1:*"
# Where roles are about courses; others are about libraries.
COURSE_SCOPES = ("course-v1:", "ccx-v1:")
NAMES_AT_A_TIME = 1_000


@attrs.frozen
class Grants:
    """Where somebody has a permission: in everything, in whole organizations, in single courses."""

    everything: bool = False
    organizations: frozenset[str] = frozenset()
    course_keys: frozenset[str] = frozenset()


def is_installed() -> bool:
    """Whether this service has openedx-authz."""
    return apps.is_installed("openedx_authz")


def is_allowed(username: str, permission: str, scope: ScopeData) -> bool:
    """Whether somebody has a permission in a scope; in the whole instance, if they have it in all courses.

    Staff of the platform have every permission. Raises what authz raises: when it cannot tell, nobody is let in.
    """
    from openedx_authz import api

    key = _scope_key(scope)
    return any(api.is_user_allowed(username, name, key) for name in _granted_by(permission))


def scopes_allowed(username: str, permission: str) -> Grants:
    """All scopes in which somebody has a permission, as is_allowed() finds them one by one."""
    from openedx_authz import api

    names = _granted_by(permission)
    keys = {
        assignment.scope.external_key
        for assignment in api.get_user_role_assignments(username)
        for role in assignment.roles
        for granted in role.permissions
        if granted.identifier in names and granted.effect == "allow"
    }
    # Staff of the platform have no roles and are allowed all the same.
    if ALL_COURSES in keys or api.is_user_allowed(username, names[0], ALL_COURSES):
        return Grants(everything=True)
    return Grants(
        organizations=frozenset(filter(None, map(_organization, keys))),
        course_keys=frozenset(filter(_is_course, keys)),
    )


def _granted_by(permission: str) -> tuple[str, ...]:
    """What openedx-authz is asked for: the permission, or what stands for it where our schema is not loaded."""
    from openedx_authz import api

    if permission not in (VIEW, MANAGE):
        return (permission,)
    declared = api.get_all_permissions_in_scope(api.ScopeData(namespaced_key="course-v1^*"))
    return (permission,) if any(known.identifier == permission for known in declared) else COURSE_TEAM


def same_roles(roles: Iterable[str]) -> set[str]:
    """``roles``, folded, and what the other side calls them: "staff" of the platform is "course_staff" of authz."""
    names = {fold(role) for role in roles}
    if not is_installed():
        return names
    from openedx_authz.constants.roles import LEGACY_COURSE_ROLE_EQUIVALENCES

    pairs = [{old, new} for old, new in LEGACY_COURSE_ROLE_EQUIVALENCES.items()]
    return names.union(*(pair for pair in pairs if pair & names))


def roles_held(
    scope: ScopeData, *, roles: Collection[str] | None = None, users: Sequence[int] | None = None
) -> dict[int, set[str]]:
    """The roles that count in a scope, by the id of the user who has them.

    Of all users, or of ``users``; all roles, or those of ``roles`` (as same_roles() gives them). In a course those
    count that somebody has in it, in its organization or in all courses; in an organization those in any course of
    it as well; in the instance those in any course. Who is not known here is left out. Raises CriterionFailed.
    """
    with _told():
        ids = None if users is None else _names_of(users)
        held: dict[str, set[str]] = defaultdict(set)
        for name, role in _assignments(scope):
            if (roles is None or fold(role) in roles) and (ids is None or name in ids):
                held[name].add(role)
        ids = _by_name(sorted(held)) if ids is None else ids
        return {ids[name]: held[name] for name in held if name in ids}


def _assignments(scope: ScopeData) -> Iterator[tuple[str, str]]:
    """Each user name with a role that counts in the scope."""
    from openedx_authz import api

    counts = _counting_in(scope)
    # All at once: to ask for every role would read the version of the policies for every role.
    for assignment in api.get_user_role_assignments_filtered():
        if isinstance(assignment.subject, api.UserData) and counts(assignment.scope.external_key):
            for role in assignment.roles:
                yield assignment.subject.external_key, role.external_key


def _counting_in(scope: ScopeData) -> Callable[[str], bool]:
    """Whether a role that was given where authz says counts in the scope."""
    if scope.type == INSTANCE:
        return lambda key: key.startswith(COURSE_SCOPES)
    if scope.type == ORGANIZATION:
        courses = {str(key) for key in lms.courses_of(scope.key).values_list("id", flat=True)}
        name = fold(scope.key)
        return lambda key: key in courses or key == ALL_COURSES or fold(_organization(key)) == name
    keys = {scope.key}
    if _is_course(scope.key):
        keys |= {f"course-v1:{scope.course_key.org}+*", ALL_COURSES}
    return keys.__contains__


def _scope_key(scope: ScopeData) -> str:
    """What authz calls a scope: all courses for the instance, and for what it has no name for."""
    from openedx_authz import api

    if scope.type == COURSE:
        return scope.key if _is_course(scope.key) else ALL_COURSES
    organization = f"course-v1:{scope.key}+*"
    known = scope.type == ORGANIZATION and api.OrgCourseOverviewGlobData.validate_external_key(organization)
    return organization if known else ALL_COURSES


def _is_course(key: str) -> bool:
    return key.startswith("course-v1:") and not key.endswith("*")


def _organization(key: str) -> str:
    """The organization in all of whose courses a role was given; "" where it was given elsewhere."""
    in_all_of_it = key.startswith("course-v1:") and key.endswith("+*")
    return key.removeprefix("course-v1:").removesuffix("+*") if in_all_of_it else ""


def _by_name(names: Sequence[str]) -> dict[str, int]:
    """The ids of the accounts with these names; a name that nobody has is left out."""
    users = get_user_model()._default_manager.order_by()
    found: dict[str, int] = {}
    for start in range(0, len(names), NAMES_AT_A_TIME):
        chunk = users.filter(username__in=names[start : start + NAMES_AT_A_TIME])
        found.update(chunk.values_list("username", "pk"))
    # Compared in Python: MySQL finds a name in any case, and for authz that is somebody else.
    return {name: found[name] for name in names if name in found}


def _names_of(users: Iterable[int]) -> dict[str, int]:
    accounts = get_user_model()._default_manager.order_by().filter(IsAnyOf("pk", users))
    return dict(accounts.values_list("username", "pk"))


@contextmanager
def _told() -> Iterator[None]:
    """Says of errors where they come from; those of the database are left to whoever repeats statements."""
    try:
        yield
    except (DatabaseError, UserGroupsError):
        raise
    except Exception as error:
        raise CriterionFailed(f"openedx-authz cannot tell who has which role: {error!r}") from error
