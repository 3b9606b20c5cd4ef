"""Transactions that are tried again when the database gave up on them for no fault of theirs."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, OperationalError, connection, transaction

T = TypeVar("T")

ATTEMPTS = 6
FIRST_PAUSE = 0.05

# MySQL: deadlock, lock wait time-out. PostgreSQL: deadlock, serialisation failure, lock not available.
MYSQL_CODES = {1213, 1205}
POSTGRESQL_STATES = {"40P01", "40001", "55P03"}
# A connection that was cut. MySQL: gone, lost, killed, idle for too long, shut down. PostgreSQL: shut down, crashed.
MYSQL_LOST = {2006, 2013, 1927, 4031, 1053}
POSTGRESQL_LOST = {"57P01", "57P02", "57P03"}


def in_transaction(act: Callable[[], T]) -> T:
    """``act`` within one transaction, again from its start on a deadlock, lock time-out or a busy SQLite."""
    # Inside a transaction of the caller there is nothing to start again: it is lost as a whole.
    attempts = 1 if connection.in_atomic_block else ATTEMPTS
    for attempt in range(attempts):
        try:
            with transaction.atomic():
                return act()
        except DatabaseError as error:
            if attempt + 1 == attempts or not _can_begin_again(error):
                raise
        # At random, so that two that have met once do not meet again.
        time.sleep(FIRST_PAUSE * 2**attempt * random.uniform(0.5, 1.5))
    raise AssertionError("unreachable")


def is_passing(error: DatabaseError) -> bool:
    """Whether the same transaction may well succeed another time: the error says nothing about what was asked."""
    return _can_begin_again(error) or _is_cut(error)


def _can_begin_again(error: DatabaseError) -> bool:
    """Whether nothing of the transaction was written, and the connection is sound."""
    if error.args and error.args[0] in MYSQL_CODES:
        return True
    if getattr(error.__cause__, "sqlstate", None) in POSTGRESQL_STATES:
        return True
    return isinstance(error, OperationalError) and "database is locked" in str(error)


def _is_cut(error: DatabaseError) -> bool:
    """Whether the connection was lost. What it was just committing may be written, or not."""
    if error.args and error.args[0] in MYSQL_LOST:
        return True
    state = getattr(error.__cause__, "sqlstate", None)
    if state in POSTGRESQL_LOST or (state or "").startswith("08"):
        return True
    return isinstance(error, OperationalError) and bool(getattr(connection.connection, "closed", False))
