"""What the kinds of criteria mean, to the microsecond and to the last block."""

from datetime import UTC, datetime, timedelta

import pytest

from openedx_user_groups.criteria import Criterion
from openedx_user_groups.criteria.base import OPPOSITES, Asking, Operator
from openedx_user_groups.criteria.kinds import Opposable, numbers, parse_instant
from tests.criteria.asking import found
from tests.factories import NOW, a_course, a_learner, a_user, grade, scope_of_course, scope_of_instance

MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T12:30:00", datetime(2026, 1, 31, 12, 30, tzinfo=UTC)),
        ("2026-01-31 12:30:00", datetime(2026, 1, 31, 12, 30, tzinfo=UTC)),
        ("2026-01-31T12:30:00Z", datetime(2026, 1, 31, 12, 30, tzinfo=UTC)),
        ("2026-01-31T12:30:00+05:45", datetime(2026, 1, 31, 6, 45, tzinfo=UTC)),
        ("2026-01-31T23:30:00-01:00", datetime(2026, 2, 1, 0, 30, tzinfo=UTC)),
        ("2026-01-31T12:30:00.000001Z", datetime(2026, 1, 31, 12, 30, 0, 1, tzinfo=UTC)),
        ("1900-01-01", datetime(1900, 1, 1, tzinfo=UTC)),
        ("2199-12-31", datetime(2199, 12, 31, tzinfo=UTC)),
    ],
)
def test_dates_are_midnight_utc_and_instants_keep_their_zone(text, instant) -> None:
    assert parse_instant(text) == instant
    assert parse_instant(text).tzinfo is UTC


@pytest.mark.parametrize("text", ["", "x", "2026-02-30", "1899-12-31", "2200-01-01", "9999-12-31T23:59:59-01:00"])
def test_what_is_no_date_or_beyond_any_data_is_refused(text) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_instant(text)


@pytest.mark.django_db
@pytest.mark.parametrize("days", [0, 1, 10, 36_500])
def test_exactly_so_many_days_ago_is_within_them_and_not_more_than_them(days) -> None:
    edge = NOW - timedelta(days=days)
    exactly, before, after = (a_user(last_login=edge + shift) for shift in (MICROSECOND * 0, -MICROSECOND, MICROSECOND))
    scope = scope_of_instance()

    assert found(scope, "last_login", "within_days", days=days) == {exactly, after}
    assert found(scope, "last_login", "more_than_days_ago", days=days) == {before}


@pytest.mark.django_db
def test_a_day_is_24_hours_and_not_a_date() -> None:
    yesterday = a_user(last_login=NOW - timedelta(hours=13))
    assert yesterday.last_login.date() != NOW.date()

    assert found(scope_of_instance(), "last_login", "within_days", days=1) == {yesterday}
    assert found(scope_of_instance(), "last_login", "within_days", days=0) == set()


@pytest.mark.django_db
def test_what_lies_in_the_future_is_within_any_number_of_days() -> None:
    ahead = a_user(last_login=NOW + timedelta(hours=1))

    assert found(scope_of_instance(), "last_login", "within_days", days=0) == {ahead}
    assert found(scope_of_instance(), "last_login", "more_than_days_ago", days=0) == set()


@pytest.mark.django_db
@pytest.mark.parametrize("date", ["2026-01-31", "2026-01-31T00:00:00Z", "2026-01-31T05:45:00+05:45"])
def test_midnight_utc_itself_is_on_the_date_and_not_before_it(date) -> None:
    midnight = datetime(2026, 1, 31, tzinfo=UTC)
    on, before = a_user(date_joined=midnight), a_user(date_joined=midnight - MICROSECOND)

    assert found(scope_of_instance(), "date_joined", "on_or_after", date=date) == {on}
    assert found(scope_of_instance(), "date_joined", "before", date=date) == {before}


@pytest.mark.django_db
def test_numbers_compare_exactly_where_percentages_as_fractions_would_not() -> None:
    course = a_course()
    scope = scope_of_course(course)
    learners = {percent: a_learner(course) for percent in (0, 28, 29, 57, 58, 99, 100)}
    for percent, learner in learners.items():
        grade(learner, course, percent)

    def with_grade(operator: str, percent: object) -> set[int]:
        matched = found(scope, "course_grade", operator, percent=percent)
        return {percent for percent, learner in learners.items() if learner in matched}

    for limit in learners:
        assert with_grade("<", limit) == {percent for percent in learners if percent < limit}
        assert with_grade("<=", limit) == {percent for percent in learners if percent <= limit}
        assert with_grade(">", limit) == {percent for percent in learners if percent > limit}
        assert with_grade(">=", limit) == {percent for percent in learners if percent >= limit}
    assert with_grade("between", [29, 58]) == {29, 57, 58}
    assert with_grade("between", [29, 29]) == {29}
    assert with_grade("between", [28.5, 56.9]) == {29}


def test_numbers_have_all_comparisons_and_between() -> None:
    assert list(map(str, numbers("percent", 0, 100))) == ["<", "<=", ">", ">=", "between"]


@pytest.mark.django_db
@pytest.mark.parametrize("opposite", OPPOSITES)
def test_an_opposite_asks_its_positive_and_negates_it(opposite) -> None:
    asked = []

    class Noted(Opposable):
        def positive(self, operator: Operator):
            asked.append(operator)
            from django.db.models import Q

            return Q(is_staff=True)

    def predicate(operator: Operator):
        return Noted(operator, {}, Asking(scope_of_instance(), NOW)).predicate()

    assert predicate(opposite) == ~predicate(OPPOSITES[opposite])
    assert asked == [OPPOSITES[opposite]] * 2


@pytest.mark.django_db
def test_the_list_of_a_criterion_takes_500_values() -> None:
    course = a_course()
    learner = a_learner(course, "audit")
    modes = [f"mode {number}" for number in range(499)]

    assert found(scope_of_course(course), "enrollment_mode", "in", modes=[*modes, "Audit"]) == {learner}
    assert found(scope_of_course(course), "enrollment_mode", "not_in", modes=[*modes, "x"]) == {learner}


def test_kinds_leave_the_rows_to_their_subclasses() -> None:
    criterion: Criterion = Opposable("is_true", {}, Asking(scope_of_instance(), NOW))

    with pytest.raises(NotImplementedError):
        criterion.predicate()
