"""The criterion about the grade of an assignment."""

import pytest

from lms.djangoapps.grades.models import PersistentSubsectionGrade
from openedx_user_groups.criteria.base import Operator
from tests.criteria.asking import found, refusals, sentence, unknown, values
from tests.factories import a_block, a_course, a_learner, disable, work

pytestmark = pytest.mark.django_db

KEY = "block-v1:Acme+A1+2026+type@sequential+block@homework"


@pytest.fixture
def course():
    course = a_course()
    a_block(course, "sequential", "homework")
    return course


def at(scope, operator: str, percent: object) -> set:
    return found(scope, "assignment_grade", operator, usage_key=KEY, percent=percent)


@pytest.mark.parametrize(("earned", "possible"), [(0.29, 1), (2.9, 10), (29, 100), (8.7, 30), (0.87, 3)])
def test_29_percent_are_29_percent_of_however_many_points(course, scope, earned, possible) -> None:
    learner = a_learner(course)
    work(learner, course, earned, possible)

    for operator, percent in ((">=", 29), ("<=", 29), ("between", [29, 29]), (">", 28.9999), ("<", 29.0001)):
        assert at(scope, operator, percent) == {learner}, operator
    for operator, percent in ((">", 29), ("<", 29), ("between", [29.0001, 100]), ("between", [0, 28.9999])):
        assert at(scope, operator, percent) == set(), operator


def test_without_an_attempt_or_without_points_to_be_had_there_is_no_data(course, scope) -> None:
    zero, untried, pointless, absent, disabled = (a_learner(course) for _ in range(5))
    work(zero, course, 0, 10)
    work(untried, course, 0, 10, attempted=False)
    work(pointless, course, 0, 0)
    work(disabled, course, 10, 10)
    disable(disabled)

    for operator, percent in (("<=", 100), ("between", [0, 100])):
        assert at(scope, operator, percent) == {zero}
        assert unknown(scope, "assignment_grade", operator, usage_key=KEY, percent=percent) == 3
    assert absent not in at(scope, ">=", 0)


def test_the_grade_that_course_staff_gave_takes_the_place_of_the_computed_one(course, scope) -> None:
    raised, given, lowered = (a_learner(course) for _ in range(3))
    work(raised, course, 2, 10, corrected=9)
    work(given, course, 0, 10, attempted=False, corrected=8)
    work(lowered, course, 10, 10, corrected=0)

    assert at(scope, ">=", 80) == {raised, given}
    assert at(scope, "<", 1) == {lowered}


def test_the_possible_points_can_be_corrected_as_well(course, scope) -> None:
    learner = a_learner(course)
    work(learner, course, 5, 10, corrected=5)
    grade = PersistentSubsectionGrade.objects.get()
    grade.override.possible_graded_override = 5
    grade.override.save()

    assert at(scope, ">=", 100) == {learner}


def test_another_assignment_and_another_course_do_not_count(course, scope) -> None:
    learner = a_learner(course)
    other = a_course("course-v1:Acme+A2+2026")
    work(learner, other, 10, 10)
    work(learner, course, 10, 10)
    PersistentSubsectionGrade.objects.filter(course_id=course.id).update(
        usage_key=course.id.make_usage_key("sequential", "exam")
    )

    assert at(scope, ">=", 0) == set()


@pytest.mark.parametrize("key", ["nonsense", "block-v1:Acme+A2+2026+type@sequential+block@homework", KEY + "2"])
def test_an_assignment_that_the_course_does_not_have_is_refused(scope, key) -> None:
    assert refusals(scope, "assignment_grade", "<", usage_key=key, percent=50) == [
        ("usage_key", f"{key!r} is no block of this course.")
    ]


def test_all_that_is_wrong_is_told_at_once(scope) -> None:
    assert [key for key, _ in refusals(scope, "assignment_grade", "between", usage_key="x", percent=[2, 1])] == [
        "percent",
        "usage_key",
    ]


def test_the_value_is_the_grade_in_percent(course, scope) -> None:
    third, untried, corrected = (a_learner(course) for _ in range(3))
    work(third, course, 0.29, 1)
    work(untried, course, 0, 10, attempted=False)
    work(corrected, course, 1, 3, corrected=2)

    told = values(scope, [third, untried, corrected], "assignment_grade", "<", usage_key=KEY, percent=50)
    assert told == {third: 29, corrected: 66.666666667}


def test_it_reads_as_a_sentence(course, scope) -> None:
    words = sentence(scope, "assignment_grade", Operator.BETWEEN, usage_key=KEY, percent=[50, 60.5])

    assert words == "the grade of “homework” is between 50% and 60.5%"
