"""Permissions: roles of courses and organizations, staff of the platform, accounts that count for nothing."""

import pytest
from django.contrib.auth.models import AnonymousUser, Permission
from django.contrib.contenttypes.models import ContentType
from django.test import modify_settings, override_settings

from openedx_user_groups import api
from openedx_user_groups.data import ScopeData
from openedx_user_groups.models import Scope
from openedx_user_groups.permissions import Action, PermissionBackend, Person, PlatformRoles, Scopes
from tests.by_api import statements
from tests.factories import (
    a_course,
    a_learner,
    a_user,
    disable,
    has_role,
    scope_of_course,
    scope_of_instance,
    scope_of_organization,
)
from tests.rest_api.campus import FOREIGN_KEY, KEY, SIBLING_KEY, Campus

pytestmark = pytest.mark.django_db

COURSE, SIBLING, FOREIGN = (ScopeData("course", key) for key in (KEY, SIBLING_KEY, FOREIGN_KEY))
ORGANIZATION, OTHER, INSTANCE = scope_of_organization(), scope_of_organization("Other"), scope_of_instance()
ALL = {COURSE, SIBLING, FOREIGN, ORGANIZATION, OTHER, INSTANCE}

MANAGES = {
    "anonymous": set(),
    "learner": set(),
    "staff": {COURSE},
    "instructor": {COURSE},
    "limited_staff": {COURSE},
    "staff_of_another_course": {SIBLING},
    "staff_of_the_organization": {COURSE, SIBLING, ORGANIZATION},
    "staff_of_another_organization": {FOREIGN, OTHER},
    "global_staff": ALL,
    "superuser": ALL,
    "disabled": set(),
    "inactive": set(),
}


@pytest.fixture
def campus():
    return Campus()


def allowed(user, action):
    return {scope for scope in ALL if PlatformRoles().may(user, action, scope)}


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("who", MANAGES)
def test_who_may_see_and_manage_which_scopes(campus, who, action):
    assert allowed(campus.person(who), action) == MANAGES[who]


@pytest.mark.parametrize("who", MANAGES)
def test_lists_show_exactly_what_may_be_seen_one_by_one(campus, who):
    for scope in ALL:
        Scope.objects.create(type=scope.type, key=scope.key)

    scopes = PlatformRoles().scopes(campus.person(who), Action.VIEW)

    assert {scope for scope in ALL if scopes.holds(scope)} == MANAGES[who]
    assert {row.data for row in scopes.stored()} == MANAGES[who]


@pytest.mark.parametrize("role", ["beta_testers", "data_researcher", "library_user", "course_creator_group", ""])
def test_other_roles_allow_nothing(campus, role):
    user = a_user()
    has_role(user, role, campus.course)
    has_role(user, role, org="Acme")

    assert allowed(user, Action.VIEW) == set()


def test_limited_staff_of_an_organization_are_those_of_no_course(campus):
    user = a_user()
    has_role(user, "limited_staff", org="Acme")

    assert allowed(user, Action.VIEW) == set()


def test_the_organization_of_a_role_is_found_in_any_case(campus):
    user = a_user()
    has_role(user, "staff", org="ACME")

    assert allowed(user, Action.MANAGE) == {COURSE, SIBLING, ORGANIZATION}


def test_a_course_key_in_another_case_is_another_course(campus):
    user = a_user()
    has_role(user, "staff", campus.course)

    assert not PlatformRoles().may(user, Action.VIEW, ScopeData("course", KEY.replace("Acme", "acme")))


def test_a_superuser_who_is_disabled_may_do_nothing():
    user = a_user(is_superuser=True, is_staff=True)
    disable(user)

    assert allowed(user, Action.VIEW) == set()
    assert not PlatformRoles().has(user, "auth.view_user", INSTANCE)


def test_a_service_without_the_tables_of_roles_knows_only_staff_of_the_platform(campus):
    with modify_settings(INSTALLED_APPS={"remove": ["common.djangoapps.student"]}):
        assert PlatformRoles().may(campus.person("global_staff"), Action.MANAGE, INSTANCE)
        assert not PlatformRoles().may(campus.person("staff"), Action.VIEW, INSTANCE)
        assert PlatformRoles().scopes(campus.person("staff"), Action.VIEW) == Scopes()


def test_a_permission_that_a_criterion_asks_for_is_one_of_django_or_of_global_staff():
    learner, staff = a_learner(a_course()), a_user(is_staff=True)
    trusted = a_user()
    trusted.user_permissions.add(
        Permission.objects.get(codename="view_user", content_type=ContentType.objects.get(model="user"))
    )

    assert [PlatformRoles().has(user, "auth.view_user", COURSE) for user in (learner, staff, trusted)] == [
        False,
        True,
        True,
    ]
    assert not PlatformRoles().has(AnonymousUser(), "auth.view_user", COURSE)


def test_what_is_found_of_somebody_is_remembered_for_the_request(campus):
    person = Person(campus.person("staff_of_the_organization"))
    with statements() as first:
        assert person.sees(COURSE)
    with statements() as again:
        assert person.sees(COURSE)
        assert person.may(Action.VIEW, COURSE)
    with statements() as more:
        assert person.scopes(Action.VIEW) == Scopes(organizations=frozenset({"Acme"}))

    roles = "student_courseaccessrole"
    assert len([sql for sql in first if roles in sql]) == 1
    assert again == []
    assert not any(roles in sql for sql in more)


class EverybodyLooks(PermissionBackend):
    """A backend of somebody else's."""

    def scopes(self, user, action):
        return Scopes(everything=action == Action.VIEW)

    def has(self, user, permission, scope):
        return permission == "acme.sees_all"


@override_settings(OPENEDX_USER_GROUPS_PERMISSION_BACKEND=f"{__name__}.EverybodyLooks")
def test_operators_put_a_backend_of_their_own_in_its_place(campus):
    person = Person(campus.person("learner"))

    assert person.may(Action.VIEW, INSTANCE)
    assert not person.may(Action.MANAGE, COURSE)
    assert person.has("acme.sees_all", COURSE)
    assert not person.has("acme.other", COURSE)


def test_the_api_asks_a_person_what_a_rule_may_name(campus):
    foreign_group = api.create_group(scope_of_course(campus.foreign), name="Foreign")
    rule = {"all": [{"criterion": "group_member", "operator": "in", "config": {"groups": [str(foreign_group.uuid)]}}]}

    made = api.create_group(campus.scope, name="Mine", rule=rule, asker=Person(campus.person("global_staff")))

    assert made.is_dynamic
