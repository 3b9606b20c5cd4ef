"""Reading many rows: as the database gives them, without what the ORM adds to each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, router, transaction
from django.db.models import QuerySet

from ..models import Membership

ROWS_AT_A_TIME = 10_000


def plain_rows(queryset: QuerySet[Any, Any]) -> Iterator[tuple[Any, ...]]:
    """The rows of a ``values_list`` of numbers and texts; none where it is plain without asking that there are none."""
    using = router.db_for_write(Membership)
    try:
        sql, params = queryset.query.get_compiler(using).as_sql()
    except EmptyResultSet:
        return
    with usable_afterwards(), connections[using].cursor() as cursor:
        cursor.execute(sql, params)
        while rows := cursor.fetchmany(ROWS_AT_A_TIME):
            yield from rows


def usable_afterwards() -> AbstractContextManager[object]:
    """A savepoint within a transaction, so that a refused statement leaves it usable (PostgreSQL).

    No transaction is begun for it: SQLite would hold its one lock for as long as the rule takes.
    """
    using = router.db_for_write(Membership)
    return transaction.atomic(using) if connections[using].in_atomic_block else nullcontext()
