"""Ids from outside the database are kept while a rule is evaluated, and by no means any longer."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from openedx_user_groups.exceptions import CriterionFailed
from openedx_user_groups.models import Stage, StagedUser
from openedx_user_groups.population.staging import BATCH, staging
from tests.by_api import statements

pytestmark = pytest.mark.django_db

MAX_ID = 2**31 - 1


class Whole:
    """A whole number of another library."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __index__(self) -> int:
        return self.number


def ids_of(rows: Any) -> list[int]:
    return sorted(rows.values_list("user_id", flat=True))


def refused(ids: Any) -> str:
    """What is said of what are no ids; nothing of it is kept."""
    with pytest.raises(CriterionFailed) as caught, staging() as stage:
        stage.put(ids)
    assert_nothing_is_kept()
    return caught.value.message


def assert_nothing_is_kept() -> None:
    assert not StagedUser.objects.exists()
    assert not Stage.objects.exists()


def test_ids_are_rows_until_the_evaluation_ends() -> None:
    with staging() as stage:
        assert ids_of(stage.put([3, 1, 2])) == [1, 2, 3]
        assert Stage.objects.count() == 1
    assert_nothing_is_kept()


@pytest.mark.parametrize("given", [[], (), iter(()), {5: "five"}, range(5, 6), {5}])
def test_any_collection_of_ids_will_do(given) -> None:
    with staging() as stage:
        assert ids_of(stage.put(given)) in ([], [5])


def test_a_generator_of_more_than_a_batch_is_read_once_and_to_its_end() -> None:
    given = iter(range(1, 2 * BATCH + 2))

    with staging() as stage:
        assert ids_of(stage.put(given)) == list(range(1, 2 * BATCH + 2))
    assert list(given) == []


def test_twice_the_same_id_is_one_row() -> None:
    with staging() as stage:
        assert ids_of(stage.put([7, 5, 7, *range(10, BATCH + 10), 7])) == [5, 7, *range(10, BATCH + 10)]


def test_whole_numbers_of_other_libraries_are_ids_too() -> None:
    with staging() as stage:
        assert ids_of(stage.put([Whole(5), Whole(MAX_ID)])) == [5, MAX_ID]


def test_the_leaves_of_a_rule_do_not_mix() -> None:
    with staging() as stage:
        first, second = stage.put([1, 2]), stage.put([2, 3])

        assert (ids_of(first), ids_of(second)) == ([1, 2], [2, 3])
        assert Stage.objects.count() == 1


def test_two_evaluations_at_once_do_not_mix() -> None:
    with staging() as stage:
        first = stage.put([1, 2])
        with staging() as other:
            assert ids_of(other.put([2, 3])) == [2, 3]
        assert ids_of(first) == [1, 2]
    assert_nothing_is_kept()


def test_where_nothing_is_kept_nothing_is_written_or_read() -> None:
    with statements() as sent, staging():
        pass
    assert sent == []


def test_a_batch_is_one_statement() -> None:
    with staging() as stage:
        stage.put([1])
        with statements() as sent:
            stage.put(range(1, BATCH * 3 + 1))
    assert len(sent) == 3


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "not None."),
        (0, "not 0."),
        (-1, "not -1."),
        (True, "not True."),
        (5.0, "not 5.0."),
        (float("nan"), "not nan."),
        (float("inf"), "not inf."),
        (10**40, "not 1000000000"),
        ("5", "not a str."),
        (b"5", "not a bytes."),
        ([5], "not a list."),
        ((5, "ana"), "not a tuple."),
        (Whole(-5), "not a Whole."),
    ],
)
def test_what_is_no_id_is_refused_in_words_that_tell_nothing_of_people(value, shown) -> None:
    said = refused([1, *range(10, 10 + BATCH), value])

    assert said.startswith("user_ids() must give the ids of users, whole numbers above 0, not")
    assert shown in said
    assert len(said) < 130


def test_names_are_refused_without_being_told() -> None:
    assert "ana" not in refused(["ana@example.com"])


@pytest.mark.parametrize(("value", "shown"), [(None, "None"), (5, "5"), (object(), "a object"), (len, "a builtin")])
def test_what_cannot_be_gone_through_is_refused(value, shown) -> None:
    assert refused(value).startswith(f"user_ids() must give ids one by one, not {shown}")


def test_an_id_higher_than_any_user_can_have_is_refused() -> None:
    # SQLite has one size of numbers for all.
    highest = MAX_ID if connection.vendor != "sqlite" else 2**63 - 1

    with staging() as stage:
        assert ids_of(stage.put([highest])) == [highest]
    assert refused([highest + 1]).endswith(f"not {highest + 1}.")


def test_as_many_ids_as_the_setting_allows_and_no_more(settings) -> None:
    settings.OPENEDX_USER_GROUPS_MAX_STAGED_IDS = BATCH + 5

    with staging() as stage:
        assert stage.put(range(1, BATCH + 6)).count() == BATCH + 5
    assert refused(range(1, BATCH + 7)) == (
        "user_ids() gives more than 5,005 ids; OPENEDX_USER_GROUPS_MAX_STAGED_IDS allows no more."
    )
    assert "more than 5,005 ids" in refused(count(1))


def test_of_ids_that_end_in_an_error_none_are_kept() -> None:
    def breaks_off() -> Iterator[int]:
        yield from range(1, BATCH + 2)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), staging() as stage:
        stage.put(breaks_off())
    assert_nothing_is_kept()


def test_an_error_of_the_evaluation_leaves_nothing() -> None:
    def evaluate() -> None:
        with staging() as stage:
            stage.put([1])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        evaluate()
    assert_nothing_is_kept()


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_is_rolled_back_takes_the_ids_with_it() -> None:
    with staging() as stage:
        with transaction.atomic():
            stage.put([1])
            transaction.set_rollback(True)
        assert_nothing_is_kept()
        assert ids_of(stage.put([2])) == [2]
    assert_nothing_is_kept()


@pytest.mark.django_db(transaction=True)
def test_the_error_of_a_statement_within_a_transaction_is_what_the_caller_gets() -> None:
    def evaluate() -> None:
        with transaction.atomic(), staging() as stage:
            stage.put([1])
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM no_such_table")

    with pytest.raises(DatabaseError, match="no_such_table"):
        evaluate()
    assert_nothing_is_kept()


def test_what_a_killed_worker_has_left_is_swept_after_a_day_and_not_before() -> None:
    left = {}
    for hours in (23, 25, 100):
        stage = Stage.objects.create()
        Stage.objects.filter(pk=stage.pk).update(created=timezone.now() - timedelta(hours=hours))
        StagedUser.objects.create(stage=stage, leaf=1, user_id=5)
        left[hours] = stage.pk

    with staging() as stage:
        stage.put([1])
    assert list(Stage.objects.values_list("pk", flat=True)) == [left[23]]
    assert list(StagedUser.objects.values_list("stage_id", flat=True)) == [left[23]]


def test_ids_may_come_from_a_table_that_is_being_read(django_user_model) -> None:
    people = django_user_model.objects.bulk_create(
        django_user_model(username=f"user_{number}", email=f"{number}@example.com") for number in range(BATCH + 10)
    )
    rows = django_user_model.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=100)

    with staging() as stage:
        assert stage.put(rows).count() == len(people)
