"""Whom a rule matches: the same people as plain Python finds, in one statement, and an error that names its place."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from openedx_user_groups.criteria.base import Asking
from openedx_user_groups.data import ScopeData
from openedx_user_groups.evaluation import matching
from openedx_user_groups.evaluation.answers import Answers
from openedx_user_groups.groups import rule_reader
from openedx_user_groups.population.staging import staging
from tests.examples import examples
from tests.factories import NOW, a_course, a_learner, a_user, days_ago, scope_of_course, scope_of_instance
from tests.plain import SCOPES, Person, belongs, is_true
from tests.strategies import CONFIGS, configs_of, criteria_in, crowds, rules
from tests.world import definition, rolled_back, save, save_courses

pytestmark = pytest.mark.django_db

EVERYONE = {
    "any": [{"criterion": "staff_status", "operator": f"is_{answer}", "config": {}} for answer in ("true", "false")]
}


def as_a_set(rule: Mapping[str, Any], scope: ScopeData, now: datetime = NOW) -> set[int]:
    """Whom one statement finds; nobody may come twice."""
    with staging() as stage:
        asking = Asking(scope, now, stage=stage)
        users = matching.matching_users(rule_reader.parse(rule, scope), asking)
        found = list(users.values_list("pk", flat=True))
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


@st.composite
def criteria(draw: st.DrawFn, name: str) -> tuple[ScopeData, list[dict[str, Any]]]:
    """A scope that a criterion can be used in, and each of its operators with some config."""
    scope = draw(st.sampled_from([scope for scope in SCOPES if name in criteria_in(scope)]))
    asked = [(operator, draw(configs_of(name, operator, scope))) for operator in CONFIGS[name]]
    return scope, [{"criterion": name, "operator": operator, "config": config} for operator, config in asked]


@pytest.mark.parametrize("name", CONFIGS)
def test_every_operator_of_a_criterion_finds_whom_plain_python_finds(name) -> None:
    @settings(max_examples=examples(20))
    @given(crowd=crowds, question=criteria(name))
    def check(crowd: list[Person], question: tuple[ScopeData, list[dict[str, Any]]]) -> None:
        scope, asked = question
        with rolled_back():
            save_courses()
            people = save(crowd)
            for leaf in asked:
                rule = {"all": [leaf]}
                expected = in_plain_python(rule, scope, people)
                assert as_a_set(rule, scope) == expected, leaf
                assert per_user(rule, scope, people) == expected, leaf

    check()


@settings(max_examples=examples(100))
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
        found = list(matching.matching_users(tree, Asking(scope, NOW)))

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
