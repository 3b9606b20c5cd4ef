"""Criteria about grades and certificates."""

import pytest

from tests.criteria.asking import found, unknown
from tests.factories import (
    NOW,
    a_course,
    a_learner,
    a_user,
    certificate,
    disable,
    enroll,
    grade,
    retire,
    scope_of_course,
    scope_of_organization,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def other():
    return a_course("course-v1:Acme+A2+2026")


@pytest.mark.parametrize(
    ("operator", "percent", "grades"),
    [
        ("<", 50, {0, 49.9}),
        ("<=", 50, {0, 49.9, 50}),
        (">", 50, {100}),
        (">=", 50, {50, 100}),
        ("<", 0, set()),
        ("<=", 0, {0}),
        (">=", 0, {0, 49.9, 50, 100}),
        (">", 100, set()),
        ("between", [49.9, 50], {49.9, 50}),
        ("between", [0, 100], {0, 49.9, 50, 100}),
    ],
)
def test_grades_compare_and_a_learner_without_a_grade_is_in_no_comparison(operator, percent, grades, course) -> None:
    learners = {number: a_learner(course) for number in (0, 49.9, 50, 100)}
    for number, learner in learners.items():
        grade(learner, course, number)
    a_learner(course)

    scope = scope_of_course(course)
    assert found(scope, "course_grade", operator, percent=percent) == {learners[number] for number in grades}
    assert unknown(scope, "course_grade", operator, percent=percent) == 1


def test_the_grade_in_another_course_does_not_count(course, other) -> None:
    learner = a_learner(course)
    grade(learner, other, 90, passed=NOW)

    assert found(scope_of_course(course), "course_grade", ">=", percent=0) == set()
    assert found(scope_of_course(course), "course_passed", "is_true") == set()


def test_who_has_left_the_course_or_the_platform_is_not_found_with_a_grade(course) -> None:
    left, disabled, retiring = a_user(), a_learner(course), a_learner(course)
    enroll(left, course, is_active=False)
    for learner in (left, disabled, retiring):
        grade(learner, course, 90, passed=NOW)
    disable(disabled)
    retire(retiring)

    assert found(scope_of_course(course), "course_grade", ">=", percent=0) == set()
    assert found(scope_of_course(course), "course_passed", "is_true") == set()


def test_passed_is_who_has_passed_and_not_passed_is_everybody_else_without_a_grade_too(course) -> None:
    passed, failed, ungraded = (a_learner(course) for _ in range(3))
    grade(passed, course, 80, passed=NOW)
    grade(failed, course, 95)

    assert found(scope_of_course(course), "course_passed", "is_true") == {passed}
    assert found(scope_of_course(course), "course_passed", "is_false") == {failed, ungraded}
    assert unknown(scope_of_course(course), "course_passed", "is_true") == 1


def test_a_certificate_is_one_that_can_be_downloaded(course) -> None:
    has, *others = (a_learner(course) for _ in range(5))
    certificate(has, course)
    for learner, status in zip(others, ("notpassing", "unavailable", "audit_passing"), strict=False):
        certificate(learner, course, status=status)

    assert found(scope_of_course(course), "certificate", "is_true") == {has}
    assert found(scope_of_course(course), "certificate", "is_false") == set(others)


def test_a_certificate_of_the_listed_tracks(course) -> None:
    verified, honor, none = (a_learner(course) for _ in range(3))
    certificate(verified, course, mode="verified")
    certificate(honor, course, mode="honor")
    scope = scope_of_course(course)

    assert found(scope, "certificate", "is_true", modes=["Verified"]) == {verified}
    assert found(scope, "certificate", "is_true", modes=["verified", "honor"]) == {verified, honor}
    assert found(scope, "certificate", "is_false", modes=["verified"]) == {honor, none}
    assert found(scope, "certificate", "is_true", modes=["verif", "%"]) == set()


def test_in_an_organization_a_certificate_of_any_of_its_courses_counts(course, other) -> None:
    first, second, elsewhere, none = (a_learner(course) for _ in range(4))
    certificate(first, course)
    certificate(first, other)
    certificate(second, other, mode="honor")
    certificate(elsewhere, a_course("course-v1:Other+B1+2026"))
    scope = scope_of_organization()

    assert found(scope, "certificate", "is_true") == {first, second}
    assert found(scope, "certificate", "is_false") == {elsewhere, none}
    assert found(scope, "certificate", "is_true", modes=["honor"]) == {second}
    assert found(scope_of_course(course), "certificate", "is_true") == {first}
