"""Roles that openedx-authz keeps, asked through the module that knows it."""

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from openedx_user_groups.data import ScopeData
from openedx_user_groups.exceptions import CriterionFailed
from openedx_user_groups.platform import authz
from tests.authz import ALL_COURSES, ALL_OF_ACME, authz_api, give, rename, take
from tests.factories import a_course, a_user, scope_of_course, scope_of_instance, scope_of_organization

pytestmark = pytest.mark.django_db

INSTANCE, ACME = scope_of_instance(), scope_of_organization("Acme")
PLACES = {
    "here": "course-v1:Acme+A1+2026",
    "next door": "course-v1:Acme+B2+2026",
    "in all of Acme": ALL_OF_ACME,
    "in all courses": ALL_COURSES,
    "elsewhere": "course-v1:Other+B1+2026",
    "in all of Other": "course-v1:Other+*",
    "in all of Acme2": "course-v1:Acme2+*",
    "in libraries": "lib:Acme:*",
}


@pytest.mark.parametrize(
    ("scope", "counting"),
    [
        (ScopeData("course", "course-v1:Acme+A1+2026"), {"here", "in all of Acme", "in all courses"}),
        (ACME, {"here", "next door", "in all of Acme", "in all courses"}),
        (ScopeData("organization", "acme"), {"here", "next door", "in all of Acme", "in all courses"}),
        (INSTANCE, set(PLACES) - {"in libraries"}),
        # No role can be given in all courses of this kind.
        (ScopeData("course", "ccx-v1:Acme+A1+2026+ccx@1"), set()),
    ],
    ids=["course", "organization", "its other spelling", "instance", "course of a coach"],
)
def test_which_roles_count_in_a_scope(scope, counting, course) -> None:
    a_course("course-v1:Acme+B2+2026")
    a_course("course-v1:Other+B1+2026")
    people = {place: a_user() for place in PLACES}
    for place, user in people.items():
        give(user, "library_admin" if place == "in libraries" else "course_staff", PLACES[place])

    held = authz.roles_held(scope)

    assert {place for place, user in people.items() if user.pk in held} == counting
    assert all(roles == {"course_staff"} for roles in held.values())


def test_all_roles_or_those_that_are_asked_for_of_all_users_or_of_some(course) -> None:
    ana, ben = a_user(), a_user()
    for user in (ana, ben):
        give(user, "course_staff", course.id)
    give(ana, "course_admin", ALL_OF_ACME)
    give(ben, "course_beta_tester", ALL_COURSES)
    scope = scope_of_course(course)

    both = {"course_admin", "course_staff"}
    assert authz.roles_held(scope) == {ana.pk: both, ben.pk: {"course_beta_tester", "course_staff"}}
    assert authz.roles_held(scope, roles={"course_admin"}) == {ana.pk: {"course_admin"}}
    assert authz.roles_held(scope, users=[ana.pk]) == {ana.pk: both}
    assert authz.roles_held(scope, roles={"course_staff"}, users=[ben.pk, 0]) == {ben.pk: {"course_staff"}}
    assert authz.roles_held(scope, roles=set()) == authz.roles_held(scope, users=[]) == {}


def test_a_role_that_is_taken_away_is_gone(course) -> None:
    ana = a_user()
    give(ana, "course_staff", course.id)
    give(ana, "course_admin", course.id)
    take(ana, "course_staff", course.id)

    assert authz.roles_held(scope_of_course(course)) == {ana.pk: {"course_admin"}}


def test_whom_nobody_here_is_called_is_left_out(course) -> None:
    ana, gone, renamed = a_user(username="ana"), a_user(username="gone"), a_user(username="old_name")
    for user in (ana, gone, renamed):
        give(user, "course_staff", course.id)
    gone.delete()
    rename(renamed, "OLD_NAME")

    for scope in (scope_of_course(course), ACME, INSTANCE):
        assert authz.roles_held(scope) == {ana.pk: {"course_staff"}}
        assert authz.roles_held(scope, users=[ana.pk, renamed.pk]) == {ana.pk: {"course_staff"}}


@pytest.mark.parametrize(
    ("named", "meant"),
    [
        ({"staff"}, {"staff", "course_staff"}),
        ({"course_staff"}, {"staff", "course_staff"}),
        ({"Instructor", "BETA_TESTERS"}, {"instructor", "course_admin", "beta_testers", "course_beta_tester"}),
        ({"ccx_coach", "finance_admin", "course_editor"}, {"ccx_coach", "finance_admin", "course_editor"}),
        ({"limited_staff"}, {"limited_staff", "course_limited_staff"}),
    ],
)
def test_a_role_has_two_names(named, meant) -> None:
    assert authz.same_roles(named) == meant


def test_the_number_of_queries_does_not_grow_with_the_people(course) -> None:
    def queries(people: int, scope: ScopeData, **limits: object) -> int:
        for user in (a_user() for _ in range(people)):
            give(user, "course_staff", course.id)
            give(user, "course_admin", ALL_OF_ACME)
        authz.roles_held(scope)
        with CaptureQueriesContext(
            connection,
        ) as sent:
            authz.roles_held(scope, **limits)
        return len(sent)

    for scope in (scope_of_course(course), ACME, INSTANCE):
        for limits in ({}, {"roles": {"course_staff"}}, {"users": range(1, 500)}):
            assert queries(1, scope, **limits) == queries(10, scope, **limits) <= 5


def test_what_openedx_authz_cannot_tell_is_an_error_and_not_nobody(course, monkeypatch) -> None:
    give(a_user(), "course_staff", course.id)
    broken = ValueError("Unknown scope: boat")

    def fail() -> None:
        raise broken

    monkeypatch.setattr(authz_api, "get_user_role_assignments_filtered", fail)

    with pytest.raises(CriterionFailed, match=r"openedx-authz cannot tell who has which role: .*Unknown scope: boat"):
        authz.roles_held(INSTANCE)

    broken = OperationalError("database is locked")
    with pytest.raises(OperationalError):
        authz.roles_held(INSTANCE)
