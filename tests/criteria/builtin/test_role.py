"""The criterion about roles, with the roles that the platform keeps itself."""

import pytest

from openedx_user_groups.criteria import registry
from openedx_user_groups.criteria.base import Asking
from openedx_user_groups.data import ScopeData
from openedx_user_groups.evaluation.wording import sentence
from openedx_user_groups.groups import rule_reader
from tests.criteria.asking import found, unknown
from tests.factories import NOW, a_course, a_learner, a_user, has_role, scope_of_course, scope_of_instance
from tests.factories import scope_of_organization as organization

pytestmark = pytest.mark.django_db

INSTANCE = scope_of_instance()


def test_in_a_course_roles_in_it_and_in_all_courses_of_its_organization_count(course) -> None:
    neighbour, foreign = a_course("course-v1:Acme+B2+2026"), a_course("course-v1:Other+B1+2026")
    here, everywhere, next_door, elsewhere, in_other, none = (a_learner(course) for _ in range(6))
    has_role(here, "staff", course)
    has_role(everywhere, "staff", org="Acme")
    has_role(next_door, "staff", neighbour)
    has_role(elsewhere, "staff", org="Other")
    has_role(in_other, "staff", foreign)

    assert found(scope_of_course(course), "course_role", "in", roles=["staff"]) == {here, everywhere}
    outside = {next_door, elsewhere, in_other, none}
    assert found(scope_of_course(course), "course_role", "not_in", roles=["staff"]) == outside
    assert unknown(scope_of_course(course), "course_role", "in", roles=["staff"]) == 0


def test_in_an_organization_roles_in_any_of_its_courses_count(course) -> None:
    neighbour, foreign = a_course("course-v1:Acme+B2+2026"), a_course("course-v1:Other+B1+2026")
    here, next_door, everywhere, elsewhere, in_other = (a_learner(course) for _ in range(5))
    has_role(here, "staff", course)
    has_role(next_door, "staff", neighbour)
    has_role(everywhere, "staff", org="acme")
    has_role(elsewhere, "staff", org="Acme2")
    has_role(in_other, "staff", foreign)

    assert found(organization("Acme"), "course_role", "in", roles=["staff"]) == {here, next_door, everywhere}
    assert found(organization("Acme"), "course_role", "not_in", roles=["staff"]) == {elsewhere, in_other}


def test_in_the_instance_any_role_counts(course) -> None:
    here, everywhere, nowhere, none = (a_user() for _ in range(4))
    has_role(here, "staff", course)
    has_role(everywhere, "staff", org="Other")
    has_role(nowhere, "staff", org="")

    assert found(INSTANCE, "course_role", "in", roles=["staff"]) == {here, everywhere, nowhere}
    assert found(INSTANCE, "course_role", "not_in", roles=["staff"]) == {none}


@pytest.mark.parametrize("scope", [ScopeData("course", "course-v1:Acme+A1+2026"), organization(), INSTANCE], ids=str)
def test_a_role_is_only_itself_in_any_ascii_case(scope, course) -> None:
    people = {
        role: a_learner(course)
        for role in ("staff", "Staff", "limited_staff", "instructor", "beta_testers", "st%ff", "stäff", "STÄFF")
    }
    for role, user in people.items():
        has_role(user, role, course)

    def with_roles(*roles: str) -> set[str]:
        matched = found(scope, "course_role", "in", roles=list(roles))
        return {role for role, user in people.items() if user in matched}

    assert with_roles("STAFF") == {"staff", "Staff"}
    assert with_roles("limited_staff", "Instructor") == {"limited_staff", "instructor"}
    assert with_roles("stäff") == {"stäff"}
    assert with_roles("%", "st_ff", "staff ") == set()


def test_with_several_roles_one_that_is_listed_is_enough(course) -> None:
    both = a_learner(course)
    has_role(both, "staff", course)
    has_role(both, "instructor", course)
    has_role(both, "staff", org="Acme")

    assert found(scope_of_course(course), "course_role", "in", roles=["staff"]) == {both}
    assert found(scope_of_course(course), "course_role", "in", roles=["instructor", "staff"]) == {both}
    assert found(scope_of_course(course), "course_role", "not_in", roles=["staff"]) == set()
    assert found(scope_of_course(course), "course_role", "not_in", roles=["beta_testers"]) == {both}


def test_the_values_are_the_roles_that_count_in_the_scope(course) -> None:
    neighbour = a_course("course-v1:Acme+B2+2026")
    several, one, none, not_asked = (a_learner(course) for _ in range(4))
    has_role(several, "staff", org="Acme")
    has_role(several, "instructor", course)
    has_role(several, "beta_testers", neighbour)
    for user in (one, not_asked):
        has_role(user, "staff", course)

    def values(scope: ScopeData):
        asking = Asking(scope, NOW, users=[several.pk, one.pk, none.pk])
        return registry.get("course_role")("in", {"roles": ["staff"]}, asking).values()

    assert values(scope_of_course(course)) == {several.pk: ["instructor", "staff"], one.pk: ["staff"]}
    everything = {several.pk: ["beta_testers", "instructor", "staff"], one.pk: ["staff"]}
    assert values(organization()) == everything
    assert values(INSTANCE) == everything


@pytest.mark.parametrize(
    ("operator", "words"),
    [("in", "Has the role staff or beta_testers"), ("not_in", "Does not have the role staff or beta_testers")],
)
def test_it_is_told_in_words(operator, words) -> None:
    leaf = {"criterion": "course_role", "operator": operator, "config": {"roles": ["staff", "beta_testers"]}}

    assert sentence(rule_reader.parse({"all": [leaf]}, INSTANCE), Asking(INSTANCE, NOW)) == words
