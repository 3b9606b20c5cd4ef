"""What was noted in a transaction is not noted again in it, unless that could be too little."""

import pytest
from django.db import transaction

from openedx_user_groups.outbox import noted

pytestmark = pytest.mark.django_db

ANA, BEN = 1, 2
HERE, EVERYWHERE = 7, None


def names(*given: str) -> frozenset[str]:
    return frozenset(given)


def is_noted_again(user: int = ANA, scope: int | None = HERE, listeners: frozenset[str] = names("a")) -> bool:
    return bool(noted.missing(user, {scope: listeners}))


@pytest.fixture(autouse=True)
def _ana_is_noted_for_two():
    noted.forget()
    noted.add(ANA, {HERE: names("a", "b")})


def test_a_row_covers_all_who_listen_to_it() -> None:
    assert not is_noted_again()
    assert not is_noted_again(listeners=names("a", "b"))


def test_nobody_else_no_other_scope_and_nothing_that_others_listen_to() -> None:
    assert is_noted_again(user=BEN)
    assert is_noted_again(scope=8)
    assert is_noted_again(scope=EVERYWHERE)
    assert is_noted_again(listeners=names("a", "c"))


def test_only_the_scopes_that_lack_are_noted() -> None:
    assert noted.missing(ANA, {HERE: names("b"), 8: names("a")}) == {8: names("a")}


def test_several_rows_cover_more_than_each() -> None:
    noted.add(ANA, {HERE: names("c")})

    assert not is_noted_again(listeners=names("a", "b", "c"))


def test_it_holds_after_a_savepoint_that_went_well() -> None:
    with transaction.atomic():
        noted.add(BEN, {HERE: names("a")})

    assert not is_noted_again(BEN)
    assert not is_noted_again(ANA)


def test_after_a_savepoint_that_failed_everything_is_noted_again() -> None:
    with transaction.atomic():
        noted.add(BEN, {HERE: names("a")})
        transaction.set_rollback(True)

    assert is_noted_again(BEN)


def test_whatever_is_taken_to_be_dealt_with_is_noted_again() -> None:
    noted.forget()

    assert is_noted_again()


def test_many_users_are_forgotten_and_noted_again(monkeypatch) -> None:
    monkeypatch.setattr(noted, "MAX_USERS", 2)
    noted.add(BEN, {HERE: names("a")})
    noted.add(3, {HERE: names("a")})

    assert is_noted_again(ANA)
    assert not is_noted_again(3)


def test_something_is_done_once_for_a_transaction() -> None:
    done: list[int] = []
    for _time in range(2):
        noted.once(lambda: done.append(1))
    assert done == [1]

    noted.forget()
    noted.once(lambda: done.append(2))
    assert done == [1, 2]


@pytest.mark.django_db(transaction=True)
class TestTransactions:
    """Nothing holds beyond the transaction in which it was noted."""

    def test_outside_of_one_everything_is_noted(self) -> None:
        noted.add(ANA, {HERE: names("a")})

        assert is_noted_again()

    def test_nor_does_it_last_until_the_next_one(self) -> None:
        done: list[int] = []
        noted.add(ANA, {HERE: names("a")})
        noted.once(lambda: done.append(1))

        with transaction.atomic():
            assert is_noted_again()
            noted.once(lambda: done.append(2))

        assert done == [1, 2]

    def test_the_next_one_begins_anew(self) -> None:
        with transaction.atomic():
            noted.add(ANA, {HERE: names("a")})
            assert not is_noted_again()
        with transaction.atomic():
            assert is_noted_again()

    def test_so_does_the_one_after_a_failure(self) -> None:
        with transaction.atomic():
            noted.add(ANA, {HERE: names("a")})
            transaction.set_rollback(True)
        with transaction.atomic():
            assert is_noted_again()
