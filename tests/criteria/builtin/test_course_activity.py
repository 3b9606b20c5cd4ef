"""The criterion about activity in a course: work in blocks and completions, whichever is newer."""

import pytest
from completion.models import BlockCompletion
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.criteria.asking import found, sentence, unknown, values
from tests.factories import NOW, a_course, a_learner, complete, days_ago, disable, visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def course():
    return a_course(blocks=3)


def completed(learner, course, when) -> None:
    complete(learner, course, 1, completion=0.5)
    BlockCompletion.objects.filter(user=learner).update(modified=when)


def test_the_newer_of_both_tables_counts_and_who_did_nothing_has_been_away_for_ever(course, scope) -> None:
    worked, begun, both, absent, disabled = (a_learner(course) for _ in range(5))
    visit(worked, course, days_ago(3))
    visit(worked, course, days_ago(30), "unit2")
    completed(begun, course, days_ago(5))
    visit(both, course, days_ago(20))
    completed(both, course, days_ago(10))
    visit(disabled, course, days_ago(1))
    disable(disabled)

    active_within = {2: set(), 3: {worked}, 5: {worked, begun}, 9: {worked, begun}, 10: {worked, begun, both}}
    for days, active in active_within.items():
        assert found(scope, "course_activity", "within_days", days=days) == active
        away = {worked, begun, both, absent} - active
        assert found(scope, "course_activity", "more_than_days_ago", days=days) == away
    assert unknown(scope, "course_activity", "within_days", days=3) == 1


def test_what_was_done_in_another_course_does_not_count(course, scope) -> None:
    learner = a_learner(course)
    other = a_course("course-v1:Acme+A2+2026", blocks=1)
    visit(learner, other, NOW)
    complete(learner, other, 1)

    assert found(scope, "course_activity", "within_days", days=36_500) == set()
    assert unknown(scope, "course_activity", "within_days", days=1) == 1


def test_the_largest_table_of_the_platform_is_never_read_without_the_course(course, scope) -> None:
    visit(a_learner(course), course, NOW)
    with CaptureQueriesContext(connection) as captured:
        found(scope, "course_activity", "within_days", days=7)
        unknown(scope, "course_activity", "more_than_days_ago", days=7)

    reading = [query["sql"] for query in captured if "courseware_studentmodule" in query["sql"]]
    assert reading
    for sql in reading:
        assert " JOIN " not in sql.upper()
        subqueries = sql.split("SELECT")
        assert all(scope.key in part for part in subqueries if "courseware_studentmodule" in part)


def test_the_value_is_the_instant_of_the_last_activity(course, scope) -> None:
    worked, both, absent = (a_learner(course) for _ in range(3))
    visit(worked, course, days_ago(3))
    visit(worked, course, days_ago(4), "unit2")
    visit(both, course, days_ago(20))
    completed(both, course, days_ago(10))

    assert values(scope, [worked, both, absent], "course_activity", "within_days", days=1) == {
        worked: "2026-03-12T12:00:00.250000+00:00",
        both: "2026-03-05T12:00:00.250000+00:00",
    }


def test_it_reads_as_a_sentence(scope) -> None:
    words = sentence(scope, "course_activity", "more_than_days_ago", days=7)

    assert words == "was last active in the course more than 7 days ago (or never)"
