"""Whom a rule matches: the same people as plain Python finds, in one statement, and an error that names its place."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from openedx_user_groups import evaluation, rule_reader
from openedx_user_groups.answers import Answers
from openedx_user_groups.criteria import Criterion, Operator, registry
from openedx_user_groups.data import ScopeData
from openedx_user_groups.exceptions import CriterionError, CriterionFailed, CriterionUnavailable, UnknownCriterion
from openedx_user_groups.rules import leaves
from tests.factories import NOW, a_course, a_learner, a_user, days_ago, scope_of_course, scope_of_instance
from tests.plain import SCOPES, Person, belongs, is_true
from tests.strategies import crowds, rules
from tests.world import definition, rolled_back, save, save_courses

pytestmark = pytest.mark.django_db

EVERYONE = {
    "any": [{"criterion": "staff_status", "operator": f"is_{answer}", "config": {}} for answer in ("true", "false")]
}


def as_a_set(rule: Mapping[str, Any], scope: ScopeData, now: datetime = NOW) -> set[int]:
    """Whom one statement finds; nobody may come twice."""
    found = list(evaluation.matching_users(rule_reader.parse(rule, scope), scope, now).values_list("pk", flat=True))
    assert len(found) == len(set(found))
    return set(found)


def per_user(rule: Mapping[str, Any], scope: ScopeData, people: Mapping[int, Person]) -> set[int]:
    """Who is found when these people are asked about."""
    return Answers(list(people), NOW).matching(definition(rule_reader.parse(rule, scope), scope))


def in_plain_python(rule: Mapping[str, Any], scope: ScopeData, people: Mapping[int, Person]) -> set[int]:
    return {pk for pk, person in people.items() if belongs(person, scope) and is_true(rule, person, scope)}


@st.composite
def questions(draw: st.DrawFn) -> tuple[ScopeData, list[dict[str, Any]]]:
    """A scope and a few rules to ask in it."""
    scope = draw(st.sampled_from(SCOPES))
    return scope, draw(st.lists(rules(scope), min_size=1, max_size=3))


@settings(max_examples=100)
@given(crowd=crowds, question=questions())
def test_any_rule_finds_whom_plain_python_finds_as_a_set_per_user_and_negated(crowd, question) -> None:
    scope, asked = question
    with rolled_back():
        save_courses()
        people = save(crowd)
        for rule in asked:
            expected = in_plain_python(rule, scope, people)
            assert as_a_set(rule, scope) == expected
            assert per_user(rule, scope, people) == expected
            if rule_depth(rule) < rule_reader.MAX_DEPTH:
                everybody = {pk for pk, person in people.items() if belongs(person, scope)}
                negated = {"none": [rule]}
                assert as_a_set(negated, scope) == everybody - expected
                assert per_user(negated, scope, people) == everybody - expected


def rule_depth(rule: Mapping[str, Any]) -> int:
    if "criterion" in rule:
        return 1
    [children] = rule.values()
    return 1 + max(map(rule_depth, children))


def test_two_criteria_over_several_rows_of_one_learner_find_the_learner_once() -> None:
    first, second = a_course("course-v1:Acme+A1+2026"), a_course("course-v1:Acme+A2+2026")
    learner = a_learner(first, "audit")
    learner.courseenrollment_set.create(course=second, mode="verified")
    mode = {"criterion": "enrollment_mode", "operator": "in"}
    rule = {"all": [{**mode, "config": {"modes": ["audit"]}}, {**mode, "config": {"modes": ["verified"]}}]}

    assert as_a_set(rule, ScopeData("organization", "Acme")) == {learner.pk}


def test_a_group_is_one_select_whatever_its_rule_holds(django_assert_num_queries) -> None:
    course = a_course(blocks=2)
    learner = a_learner(course, "verified")
    rule = {
        "all": [
            {"criterion": "enrollment_mode", "operator": "in", "config": {"modes": ["verified"]}},
            {
                "any": [
                    {"criterion": "course_grade", "operator": "<", "config": {"percent": 50}},
                    {"criterion": "last_login", "operator": "more_than_days_ago", "config": {"days": 10}},
                ]
            },
            {"none": [{"criterion": "certificate", "operator": "is_true", "config": {}}]},
        ]
    }
    scope = scope_of_course(course)
    tree = rule_reader.parse(rule, scope)

    with django_assert_num_queries(1):
        found = list(evaluation.matching_users(tree, scope, NOW))

    assert found == [learner]


def test_the_size_of_a_course_is_the_one_thing_read_beside_the_select(django_assert_num_queries) -> None:
    course = a_course(blocks=2)
    scope = scope_of_course(course)
    rule = {"all": [{"criterion": "course_progress", "operator": "<", "config": {"percent": 50}}]}
    as_a_set(rule, scope)

    with django_assert_num_queries(2):
        as_a_set(rule, scope)


def test_the_number_of_statements_does_not_grow_with_people_or_criteria() -> None:
    course = a_course()
    scope = scope_of_course(course)
    leaf = {"criterion": "course_grade", "operator": "<", "config": {"percent": 50}}

    def statements(criteria: int) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            as_a_set({"all": [leaf] * criteria}, scope)
        return len(captured)

    before = statements(1)
    for _ in range(20):
        a_learner(course)
    assert statements(50) == before == 1


def test_evaluating_writes_nothing_but_the_size_of_a_course() -> None:
    course = a_course(blocks=3)
    a_learner(course)
    rule = {"all": [{"criterion": "course_progress", "operator": ">=", "config": {"percent": 0}}]}

    with CaptureQueriesContext(connection) as captured:
        as_a_set(rule, scope_of_course(course))

    written = [query["sql"] for query in captured if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert all("openedx_user_groups_courseblocktotal" in sql for sql in written)


def test_the_same_instant_is_used_for_every_criterion_of_a_run() -> None:
    user = a_user(last_login=days_ago(10))
    rule = {"all": [{"criterion": "last_login", "operator": "within_days", "config": {"days": 10}}]}

    assert as_a_set(rule, scope_of_instance(), now=NOW) == {user.pk}
    assert as_a_set(rule, scope_of_instance(), now=NOW + timedelta(microseconds=1)) == set()


class Asked(Criterion):
    """A criterion of a plugin, as tests need it; it works."""

    title = "Asked"
    scopes = ("course", "organization", "instance")
    operators = {Operator.IS_TRUE: {"type": "object"}, Operator.IS_FALSE: {"type": "object"}}

    def predicate(self) -> Q:
        return Q(is_staff=True)

    def describe(self) -> str:
        return "is asked"


class Raises(Asked):
    def predicate(self) -> Q:
        raise ZeroDivisionError("no luck")


class Empty(Asked):
    def predicate(self) -> Q:
        return Q()


class EmptyWithin(Asked):
    def predicate(self) -> Q:
        return Q(Q(), is_staff=True)


class NoCondition(Asked):
    def predicate(self) -> Q:
        return None  # type: ignore[return-value]


class JoinsToMany(Asked):
    def predicate(self) -> Q:
        return Q(courseenrollment__mode="audit")


class JoinsManyToMany(Asked):
    def predicate(self) -> Q:
        return Q(groups__name="teachers") | Q(teams__name="red")


class NamesNoColumn(Asked):
    def predicate(self) -> Q:
        return Q(shoe_size=42)


class NeedsTables(Asked):
    reads = ("shoes.Shoe",)


class Confused(Asked):
    @classmethod
    def unavailable(cls) -> str:
        raise RuntimeError("cannot tell")


def error_of(criterion: type[Criterion] | None, operator: str = "is_true") -> tuple[CriterionError, CriterionError]:
    """What a rule gets whose criterion is this one now, as a set and per user; the rule was valid when it was made."""
    leaf = {"criterion": "acme.asked", "operator": "is_true", "config": {}}
    rule = {"all": [EVERYONE, {"none": [leaf]}]}
    scope = scope_of_instance()
    with registry.temporarily(acme__asked=Asked):
        tree = rule_reader.parse(rule, scope)
        assert len(list(leaves(tree))) == 3
    pk = a_user().pk
    with registry.temporarily(acme__asked=criterion):
        with pytest.raises(CriterionError) as as_a_set:
            list(evaluation.matching_users(tree, scope, NOW))
        with pytest.raises(CriterionError) as per_user:
            Answers([pk], NOW).matching(definition(tree, scope, group_id=7))
    assert str(per_user.value) == str(as_a_set.value)
    assert per_user.value.group_id == 7
    return as_a_set.value, per_user.value


@pytest.mark.parametrize(
    ("criterion", "error", "reason"),
    [
        (Raises, CriterionFailed, "ZeroDivisionError('no luck')"),
        (Empty, CriterionFailed, "must return a Q that is not empty"),
        (EmptyWithin, CriterionFailed, "must return a Q that is not empty"),
        (NoCondition, CriterionFailed, "must return a Q that is not empty"),
        (JoinsToMany, CriterionFailed, "joins student_courseenrollment"),
        (JoinsManyToMany, CriterionFailed, "joins auth_user_groups"),
        (NamesNoColumn, CriterionFailed, "Cannot resolve keyword 'shoe_size'"),
        (NeedsTables, CriterionUnavailable, "needs shoes.Shoe, not installed"),
        (Confused, CriterionFailed, "RuntimeError('cannot tell')"),
        (None, UnknownCriterion, "No installed package offers the criterion 'acme.asked'"),
    ],
)
def test_a_criterion_that_cannot_be_asked_is_an_error_with_its_place_in_the_rule(criterion, error, reason) -> None:
    for found in error_of(criterion):
        assert type(found) is error
        assert found.path == "/all/1/none/0"
        assert reason in str(found)
        assert str(found).startswith("/all/1/none/0: ")


def test_a_criterion_that_no_longer_has_the_operator_is_an_error_with_its_place() -> None:
    class Shrunk(Asked):
        operators = {Operator.IS_FALSE: {"type": "object"}}

        def predicate(self) -> Q:
            return {Operator.IS_FALSE: Q(is_staff=False)}[self.operator]

    for found in error_of(Shrunk):
        assert found.path == "/all/1/none/0"
