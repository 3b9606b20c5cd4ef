"""Permissions of user groups that openedx-authz keeps, from the schema that this package ships."""

import pytest

from openedx_user_groups.data import ScopeData
from openedx_user_groups.platform import authz
from openedx_user_groups.platform.authz import MANAGE, VIEW, Grants
from tests.authz import ALL_COURSES, ALL_OF_ACME, forbid, give, load_policies, load_schema, run_load_authz_schema
from tests.factories import a_user, scope_of_instance, scope_of_organization

pytestmark = pytest.mark.django_db

HERE = ScopeData("course", "course-v1:Acme+A1+2026")
NEXT_DOOR = ScopeData("course", "course-v1:Acme+B2+2026")
ELSEWHERE = ScopeData("course", "course-v1:Acme2+A1+2026")
ACME, ACME2, INSTANCE = scope_of_organization("Acme"), scope_of_organization("Acme2"), scope_of_instance()
# What openedx-authz has no name for: who is allowed in all courses is allowed there too.
OLD_COURSE, CCX = ScopeData("course", "Acme/A1/2013"), ScopeData("course", "ccx-v1:Acme+A1+2026+ccx@1")
ODD = ScopeData("organization", "Ämne & Co")
SCOPES = (HERE, NEXT_DOOR, ELSEWHERE, ACME, ACME2, INSTANCE, OLD_COURSE, CCX, ODD)


@pytest.fixture
def _schema() -> None:
    load_schema()


def allowed(user, permission: str) -> set[ScopeData]:
    """In which scopes the user has the permission; asked one by one and all at once."""
    grants = authz.scopes_allowed(user.username, permission)
    found = {scope for scope in SCOPES if authz.is_allowed(user.username, permission, scope)}
    assert found == {scope for scope in SCOPES if covered(scope, grants)}
    return found


def covered(scope: ScopeData, grants: Grants) -> bool:
    if grants.everything or scope.type == "instance":
        return grants.everything
    if scope.type == "organization":
        return scope.key in grants.organizations
    return scope.key in grants.course_keys or (
        scope.key.startswith("course-v1:") and scope.course_key.org in grants.organizations
    )


@pytest.mark.usefixtures("_schema")
def test_course_teams_manage_groups_where_they_have_their_role() -> None:
    for role in ("course_admin", "course_staff", "course_limited_staff", "user_groups_manager"):
        of_course, of_organization, of_everything = a_user(), a_user(), a_user()
        give(of_course, role, HERE.key)
        give(of_organization, role, ALL_OF_ACME)
        give(of_everything, role, ALL_COURSES)

        for permission in (VIEW, MANAGE):
            assert allowed(of_course, permission) == {HERE}
            assert allowed(of_organization, permission) == {HERE, NEXT_DOOR, ACME}
            assert allowed(of_everything, permission) == set(SCOPES)


@pytest.mark.usefixtures("_schema")
def test_viewers_only_see_them() -> None:
    viewer = a_user()
    give(viewer, "user_groups_viewer", HERE.key)
    give(viewer, "user_groups_viewer", "course-v1:Acme2+*")

    assert allowed(viewer, VIEW) == {HERE, ELSEWHERE, ACME2}
    assert allowed(viewer, MANAGE) == set()
    assert authz.scopes_allowed(viewer.username, VIEW) == Grants(
        organizations=frozenset({"Acme2"}), course_keys=frozenset({HERE.key})
    )


@pytest.mark.usefixtures("_schema")
def test_other_roles_and_permissions_grant_nothing() -> None:
    tester, learner = a_user(), a_user()
    for role in ("course_beta_tester", "course_data_researcher", "course_auditor", "course_editor"):
        give(tester, role, HERE.key)
    give(tester, "library_admin", "lib:Acme:*")

    for permission in (VIEW, MANAGE, "user_groups.nothing", "nonsense"):
        assert allowed(tester, permission) == allowed(learner, permission) == set()
    assert not authz.is_allowed("nobody", VIEW, HERE)
    assert authz.scopes_allowed("nobody", VIEW) == Grants()


@pytest.mark.usefixtures("_schema")
def test_staff_of_the_platform_have_every_permission() -> None:
    for staff in (a_user(is_staff=True), a_user(is_superuser=True)):
        assert allowed(staff, MANAGE) == set(SCOPES)


@pytest.mark.usefixtures("_schema")
def test_the_roles_keep_the_permissions_that_they_had() -> None:
    staff = a_user()
    give(staff, "course_staff", HERE.key)

    assert authz.is_allowed(staff.username, "courses.view_course", HERE)
    assert not authz.is_allowed(staff.username, "courses.manage_course_team", HERE)


def test_the_command_of_openedx_authz_loads_the_schema_and_loaded_again_it_changes_nothing() -> None:
    said = run_load_authz_schema()
    assert "+ p, role^course_staff, act^user_groups.manage_group, course-v1^*, allow" in said
    assert "+ p, role^user_groups_viewer, act^user_groups.view_group, course-v1^*, allow" in said

    assert "Authz schema unchanged" in run_load_authz_schema()


def test_until_the_schema_is_loaded_course_teams_manage_groups_and_others_do_not() -> None:
    load_policies()
    for role in ("course_admin", "course_staff", "course_limited_staff"):
        of_course, of_organization, of_everything = a_user(), a_user(), a_user()
        give(of_course, role, HERE.key)
        give(of_organization, role, ALL_OF_ACME)
        give(of_everything, role, ALL_COURSES)

        for permission in (VIEW, MANAGE):
            assert allowed(of_course, permission) == {HERE}
            assert allowed(of_organization, permission) == {HERE, NEXT_DOOR, ACME}
            assert allowed(of_everything, permission) == set(SCOPES)
        assert allowed(of_everything, "user_groups.nothing") == set()
    tester = a_user()
    for role in ("course_beta_tester", "course_data_researcher", "course_auditor", "course_editor"):
        give(tester, role, HERE.key)
    assert allowed(tester, VIEW) == set()


@pytest.mark.usefixtures("_schema")
def test_once_it_is_loaded_operators_may_take_them_from_a_role() -> None:
    staff, manager = a_user(), a_user()
    give(staff, "course_staff", HERE.key)
    give(manager, "user_groups_manager", HERE.key)
    forbid("course_staff", MANAGE)

    assert allowed(staff, VIEW) == {HERE}
    assert allowed(staff, MANAGE) == set()
    assert allowed(manager, MANAGE) == {HERE}
