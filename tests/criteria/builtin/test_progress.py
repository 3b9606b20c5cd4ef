"""Criteria about progress through a course."""

from datetime import timedelta

import pytest
from django.db.models import Q

from openedx.core.djangoapps.content.block_structure.models import CourseBlock
from openedx_user_groups.criteria.base import Asking
from openedx_user_groups.evaluation import matching
from openedx_user_groups.groups import rule_reader
from openedx_user_groups.models import CourseBlockTotal
from tests.criteria.asking import found, unknown
from tests.factories import NOW, a_course, a_learner, a_user, complete, disable, enroll, retire, scope_of_course

pytestmark = pytest.mark.django_db


@pytest.fixture
def course():
    return a_course(blocks=10)


@pytest.mark.parametrize(
    ("operator", "percent", "done"),
    [
        ("<", 30, {0, 2}),
        ("<=", 30, {0, 2, 3}),
        (">", 30, {10}),
        (">=", 30, {3, 10}),
        ("<", 0, set()),
        ("<=", 0, {0}),
        (">", 0, {2, 3, 10}),
        (">=", 0, {0, 2, 3, 10}),
        (">", 100, set()),
        (">=", 100, {10}),
        ("<=", 100, {0, 2, 3, 10}),
        ("<", 30.1, {0, 2, 3}),
        (">=", 29.9, {3, 10}),
        ("between", [20, 30], {2, 3}),
        ("between", [0, 20], {0, 2}),
        ("between", [0, 0], {0}),
        ("between", [21, 29], set()),
    ],
)
def test_progress_compares_and_who_has_completed_nothing_is_at_0_percent(operator, percent, done, course) -> None:
    learners = {blocks: a_learner(course) for blocks in (0, 2, 3, 10)}
    for blocks, learner in learners.items():
        complete(learner, course, blocks)

    scope = scope_of_course(course)
    assert found(scope, "course_progress", operator, percent=percent) == {learners[blocks] for blocks in done}
    assert unknown(scope, "course_progress", operator, percent=percent) == 0


def test_a_third_of_the_course_is_between_33_and_34_percent() -> None:
    course = a_course(blocks=3)
    learner = a_learner(course)
    complete(learner, course, 1)
    scope = scope_of_course(course)

    assert found(scope, "course_progress", ">", percent=33.3333) == {learner}
    assert found(scope, "course_progress", "<", percent=33.3334) == {learner}
    assert found(scope, "course_progress", "between", percent=[33, 34]) == {learner}


def test_a_block_that_is_only_begun_is_not_completed(course) -> None:
    learner = a_learner(course)
    complete(learner, course, 10, completion=0.99)

    assert found(scope_of_course(course), "course_progress", "<=", percent=0) == {learner}


def test_blocks_of_another_course_do_not_count(course) -> None:
    learner = a_learner(course)
    complete(learner, a_course("course-v1:Acme+A2+2026", blocks=10), 10)

    assert found(scope_of_course(course), "course_progress", "<=", percent=0) == {learner}


def test_blocks_that_only_hold_others_are_not_counted_in_the_size_of_the_course(course) -> None:
    for kind in ("course", "chapter", "sequential", "vertical"):
        CourseBlock.objects.create(course_key=course.id, usage_key=course.id.make_usage_key(kind, f"the-{kind}"))
    learner = a_learner(course)
    complete(learner, course, 10)

    assert found(scope_of_course(course), "course_progress", ">=", percent=100) == {learner}
    assert CourseBlockTotal.objects.get().total == 10


def test_where_the_size_of_the_course_is_not_known_there_is_no_data_about_anybody() -> None:
    course = a_course(blocks=0)
    a_learner(course)
    scope = scope_of_course(course)

    for operator, percent in (("<", 100), ("<=", 100), (">", 0), (">=", 0), ("between", [0, 100])):
        assert found(scope, "course_progress", operator, percent=percent) == set()
        assert unknown(scope, "course_progress", operator, percent=percent) == 1


def test_who_has_left_the_course_or_the_platform_is_not_found(course) -> None:
    left, disabled, retiring = a_user(), a_learner(course), a_learner(course)
    enroll(left, course, is_active=False)
    disable(disabled)
    retire(retiring)
    for learner in (left, disabled, retiring):
        complete(learner, course, 5)

    assert found(scope_of_course(course), "course_progress", ">=", percent=0) == set()


def test_the_size_of_a_course_is_counted_again_after_a_day_and_not_before(course) -> None:
    learner = a_learner(course)
    complete(learner, course, 10)
    scope = scope_of_course(course)
    rule = rule_reader.parse(
        {"all": [{"criterion": "course_progress", "operator": ">=", "config": {"percent": 100}}]}, scope
    )

    def complete_at(now):
        return set(matching.matching_users(rule, Asking(scope, now)))

    assert complete_at(NOW) == {learner}
    CourseBlock.objects.create(course_key=course.id, usage_key=course.id.make_usage_key("problem", "a-new-one"))

    assert complete_at(NOW + timedelta(hours=23)) == {learner}
    assert complete_at(NOW + timedelta(hours=24)) == set()
    assert CourseBlockTotal.objects.filter(Q(total=11), counted=NOW + timedelta(hours=24)).exists()
