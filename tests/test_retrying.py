"""Transactions are tried again when the database gave up on them for no fault of theirs."""

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, transaction

from openedx_user_groups.models import Scope
from openedx_user_groups.retrying import ATTEMPTS, in_transaction, is_passing


class PostgresError(Exception):
    """An error of the driver of PostgreSQL."""

    def __init__(self, sqlstate):
        self.sqlstate = sqlstate


def raised(error, cause=None):
    """The error as Django raises it: with that of the driver as its cause."""
    error.__cause__ = cause
    return error


# What was just being committed may be written, or not.
CUT = [
    OperationalError(2006, "Server has gone away"),
    OperationalError(2013, "Lost connection to server during query"),
    OperationalError(1927, "Connection was killed"),
    raised(OperationalError("terminating connection"), PostgresError("57P01")),
    raised(OperationalError("connection failure"), PostgresError("08006")),
]
PASSING = [
    OperationalError(1213, "Deadlock found when trying to get lock; try restarting transaction"),
    OperationalError(1205, "Lock wait timeout exceeded; try restarting transaction"),
    raised(OperationalError("deadlock detected"), PostgresError("40P01")),
    raised(OperationalError("could not serialize access"), PostgresError("40001")),
    raised(OperationalError("could not obtain lock"), PostgresError("55P03")),
    OperationalError("database is locked"),
]
LASTING = [
    IntegrityError(1062, "Duplicate entry"),
    raised(DatabaseError("syntax error"), PostgresError("42601")),
    OperationalError("no such table"),
    DatabaseError(),
    DatabaseError("database is locked"),
]


@pytest.mark.parametrize("error", [*PASSING, *CUT], ids=str)
def test_what_may_well_succeed_the_next_time(error):
    assert is_passing(error)


@pytest.mark.parametrize("error", LASTING, ids=str)
def test_what_will_not(error):
    assert not is_passing(error)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", PASSING, ids=str)
def test_a_transaction_is_tried_again_from_its_start(error):
    tried = []

    def act():
        Scope.objects.create(type="course", key=f"attempt {len(tried)}")
        tried.append(None)
        if len(tried) < 3:
            raise error
        return "done"

    assert in_transaction(act) == "done"
    assert list(Scope.objects.values_list("key", flat=True)) == ["attempt 2"]


@pytest.mark.django_db(transaction=True)
def test_another_error_is_raised_at_once_and_nothing_is_written():
    tried = []

    def act():
        tried.append(Scope.objects.create(type="course", key="x"))
        raise LASTING[0]

    with pytest.raises(IntegrityError):
        in_transaction(act)
    assert len(tried) == 1
    assert not Scope.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_is_given_up_after_some_attempts():
    tried = []

    def act():
        tried.append(None)
        raise PASSING[0]

    with pytest.raises(OperationalError):
        in_transaction(act)
    assert len(tried) == ATTEMPTS


@pytest.mark.django_db(transaction=True)
def test_within_a_transaction_of_the_caller_there_is_nothing_to_start_again():
    tried = []

    def act():
        tried.append(None)
        raise PASSING[0]

    with pytest.raises(OperationalError), transaction.atomic():
        in_transaction(act)
    assert len(tried) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", CUT, ids=str)
def test_what_may_be_written_is_not_tried_again_at_once(error):
    tried = []

    def act():
        tried.append(None)
        raise error

    with pytest.raises(OperationalError):
        in_transaction(act)
    assert len(tried) == 1
