"""What somebody has, as an explanation shows it: it agrees with what the criterion answers about them."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from openedx_user_groups.criteria.base import Asking, Operator
from openedx_user_groups.evaluation import matching
from openedx_user_groups.ids import IsAnyOf
from openedx_user_groups.rules.tree import Leaf
from tests.criteria.asking import values
from tests.examples import examples
from tests.factories import (
    NOW,
    a_course,
    a_learner,
    a_user,
    certificate,
    complete,
    days_ago,
    enroll,
    grade,
    profile,
    scope_of_course,
    scope_of_instance,
    scope_of_organization,
)
from tests.plain import SCOPES
from tests.strategies import CONFIGS, configs_of, criteria_in, crowds
from tests.world import rolled_back, save, save_courses

pytestmark = pytest.mark.django_db

INSTANCE = scope_of_instance()


@st.composite
def asked(draw: st.DrawFn, name: str):
    """A scope that a criterion can be used in, an operator and a config."""
    scope = draw(st.sampled_from([scope for scope in SCOPES if name in criteria_in(scope)]))
    operator = draw(st.sampled_from(sorted(CONFIGS[name])))
    return scope, Leaf("/all/0", name, operator, draw(configs_of(name, operator, scope)))


@pytest.mark.parametrize("name", CONFIGS)
def test_whoever_matches_has_a_value_and_whoever_is_unknown_has_none(name) -> None:
    @settings(max_examples=examples(6))
    @given(crowd=crowds, question=asked(name))
    def check(crowd, question) -> None:
        scope, leaf = question
        with rolled_back():
            save_courses()
            users = sorted(save(crowd))
            asking = Asking(scope, NOW, users=users)
            told = matching.criterion_of(leaf, asking).values()
            unknown = matching.unknown_of(leaf, asking)
            matched = holders(matching.predicate_of(leaf, asking), users)

            assert json.loads(json.dumps(told)) == {str(pk): value for pk, value in told.items()}
            assert set(told) <= set(users)
            assert not holders(unknown, users) & set(told) if unknown is not None else True
            if leaf.operator in (Operator.IS_TRUE, Operator.IS_FALSE) and name != "last_login":
                assert {pk for pk, value in told.items() if value} == (
                    matched if leaf.operator == Operator.IS_TRUE else set(users) - matched
                )
            elif not Operator(leaf.operator).counts_no_data:
                assert matched <= set(told)

    check()


def holders(condition, users) -> set[int]:
    found = matching.users_where(condition).filter(IsAnyOf("pk", users))
    return set(found.values_list("pk", flat=True))


@pytest.mark.parametrize("name", CONFIGS)
def test_the_number_of_statements_does_not_grow_with_the_people(name) -> None:
    @settings(max_examples=2)
    @given(crowd=crowds, question=asked(name))
    def check(crowd, question) -> None:
        scope, leaf = question
        with rolled_back():
            save_courses()
            users = sorted(save(crowd))
            # The size of the course is counted once, whoever asks.
            matching.criterion_of(leaf, Asking(scope, NOW, users=users)).values()

            assert statements(leaf, scope, users) <= 5
            assert statements(leaf, scope, users) >= statements(leaf, scope, users[:1])
            twice = [*users, *range(max(users) + 1, max(users) + 1_000)]
            assert statements(leaf, scope, twice) == statements(leaf, scope, users)

    check()


def statements(leaf, scope, users) -> int:
    with CaptureQueriesContext(connection) as captured:
        matching.criterion_of(leaf, Asking(scope, NOW, users=users)).values()
    return len([query for query in captured if "SAVEPOINT" not in query["sql"]])


def test_instants_are_told_in_utc_to_the_microsecond() -> None:
    course = a_course()
    learner, never = a_learner(course, last_login=days_ago(1), date_joined=days_ago(2)), a_learner(course)
    scope = scope_of_course(course)

    for operator, config in (("within_days", {"days": 1}), ("is_true", {})):
        told = values(scope, [learner, never], "last_login", operator, **config)
        assert told == {learner: "2026-03-14T12:00:00.250000+00:00"}
    assert values(scope, [learner], "date_joined", "within_days", days=1) == {
        learner: "2026-03-13T12:00:00.250000+00:00"
    }
    assert values(scope, [learner], "enrollment_date", "within_days", days=1) == {
        learner: "2026-01-24T12:00:00.250000+00:00"
    }


def test_percentages_are_told_as_people_write_them() -> None:
    course = a_course(blocks=3)
    good, third, nothing = (a_learner(course) for _ in range(3))
    grade(good, course, 29)
    complete(third, course, 1)
    scope = scope_of_course(course)

    assert values(scope, [good, third], "course_grade", "<", percent=50) == {good: 29}
    assert values(scope, [good, third, nothing], "course_progress", "<", percent=50) == {
        good: 0,
        third: 33.333333333,
        nothing: 0,
    }
    empty = a_course("course-v1:Acme+A2+2026")
    assert values(scope_of_course(empty), [a_learner(empty)], "course_progress", "<", percent=50) == {}


def test_facts_are_told_as_true_and_false_where_they_are_known() -> None:
    course = a_course()
    passed, failed, ungraded = a_learner(course, is_staff=True), a_learner(course), a_learner(course)
    grade(passed, course, 90, passed=NOW)
    grade(failed, course, 10)
    certificate(passed, course)
    everybody = [passed, failed, ungraded]
    scope = scope_of_course(course)

    assert values(scope, everybody, "course_passed", "is_false") == {passed: True, failed: False}
    assert values(scope, everybody, "certificate", "is_true") == {passed: True, failed: False, ungraded: False}
    assert values(scope, everybody, "staff_status", "is_false") == {passed: True, failed: False, ungraded: False}


def test_where_somebody_can_have_several_all_are_listed_and_only_those_that_the_rule_names() -> None:
    first, second = a_course("course-v1:Acme+A1+2026"), a_course("course-v1:Acme+A2+2026")
    both, left = a_learner(first, "verified"), a_user()
    enroll(both, second, "audit")
    enroll(left, first, is_active=False)

    assert values(scope_of_organization(), [both, left], "enrollment_mode", "in", modes=["honor"]) == {
        both: ["audit", "verified"]
    }
    assert values(scope_of_course(second), [both, left], "enrollment_mode", "in", modes=["honor"]) == {both: ["audit"]}
    named = {"course_keys": ["course-v1:Acme+A2+2026"]}
    assert values(INSTANCE, [both, left], "enrolled_in_course", "not_in", **named) == {both: ["course-v1:Acme+A2+2026"]}


def test_texts_are_told_as_they_are_and_empty_ones_are_left_out() -> None:
    full, empty, none = a_user(first_name="Élodie ", email="e@Example.com"), a_user(email="", first_name=""), a_user()
    profile(full, city="Lagos", country="DE", gender="f", level_of_education="hs")
    profile(empty, city="", country="", gender=None)
    everybody = [full, empty]

    assert values(INSTANCE, everybody, "user_field", "is_empty", field="first_name") == {full: "Élodie "}
    assert values(INSTANCE, [*everybody, none], "user_field", "is_empty", field="city") == {full: "Lagos"}
    assert values(INSTANCE, everybody, "email_domain", "in", domains=["x"]) == {full: "Example.com"}
    for name, value in (("country", "DE"), ("gender", "f"), ("level_of_education", "hs")):
        assert values(INSTANCE, [*everybody, none], name, "not_in", values=["x"]) == {full: value}
