"""Permissions where openedx-authz grants them, beside the roles that the platform keeps itself."""

import pytest

from openedx_user_groups.data import ScopeData
from openedx_user_groups.models import Scope
from openedx_user_groups.permissions import Action, Person, PlatformRoles
from tests.authz import ALL_COURSES, ALL_OF_ACME, give, load_schema, take
from tests.factories import (
    a_course,
    a_user,
    disable,
    has_role,
    scope_of_course,
    scope_of_instance,
    scope_of_organization,
)

pytestmark = pytest.mark.django_db

ACME, OTHER, INSTANCE = scope_of_organization("Acme"), scope_of_organization("Other"), scope_of_instance()
HERE, NEXT_DOOR, ELSEWHERE = (
    ScopeData("course", f"course-v1:{key}") for key in ("Acme+A1+2026", "Acme+B2+2026", "Other+B1+2026")
)
SCOPES = (HERE, NEXT_DOOR, ELSEWHERE, ACME, OTHER, INSTANCE)


@pytest.fixture(autouse=True)
def _campus() -> None:
    load_schema()
    for scope in SCOPES:
        Scope.objects.create(type=scope.type, key=scope.key)
        if scope.type == "course":
            assert scope_of_course(a_course(scope.key)) == scope


def allowed(user, action: Action) -> set[ScopeData]:
    """In which scopes they may do it; lists show the same ones."""
    found = {scope for scope in SCOPES if PlatformRoles().may(user, action, scope)}
    scopes = PlatformRoles().scopes(user, action)
    assert found == {scope for scope in SCOPES if scopes.holds(scope)} == {row.data for row in scopes.stored()}
    return found


@pytest.mark.parametrize(
    ("role", "place", "views", "manages"),
    [
        ("course_staff", HERE.key, {HERE}, {HERE}),
        ("course_admin", ALL_OF_ACME, {HERE, NEXT_DOOR, ACME}, {HERE, NEXT_DOOR, ACME}),
        ("course_limited_staff", ALL_COURSES, set(SCOPES), set(SCOPES)),
        ("user_groups_manager", ELSEWHERE.key, {ELSEWHERE}, {ELSEWHERE}),
        ("user_groups_viewer", "course-v1:Other+*", {ELSEWHERE, OTHER}, set()),
        ("user_groups_viewer", ALL_COURSES, set(SCOPES), set()),
        ("course_beta_tester", ALL_COURSES, set(), set()),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_a_role_of_openedx_authz_counts_where_it_was_given(role, place, views, manages) -> None:
    user = a_user()
    give(user, role, place)

    assert allowed(user, Action.VIEW) == views
    assert allowed(user, Action.MANAGE) == manages


def test_it_counts_in_addition_to_roles_of_the_platform_and_no_longer_than_it_is_given() -> None:
    user = a_user()
    has_role(user, "instructor", org="Other")
    give(user, "course_staff", HERE.key)
    assert allowed(user, Action.MANAGE) == {HERE, ELSEWHERE, OTHER}

    take(user, "course_staff", HERE.key)

    assert allowed(user, Action.MANAGE) == {ELSEWHERE, OTHER}


def test_accounts_that_are_disabled_or_not_active_may_do_nothing_whatever_they_were_given() -> None:
    disabled, inactive = a_user(), a_user(is_active=False)
    disable(disabled)
    for user in (disabled, inactive):
        give(user, "course_admin", ALL_COURSES)

        assert allowed(user, Action.VIEW) == set()
        assert not Person(user).has("courses.view_course", HERE)


def test_what_a_criterion_asks_for_may_be_a_permission_of_openedx_authz() -> None:
    user = a_user()
    give(user, "course_auditor", HERE.key)

    assert Person(user).has("courses.view_course_team", HERE)
    assert not Person(user).has("courses.manage_course_team", HERE)
    assert not Person(user).has("courses.view_course_team", NEXT_DOOR)
