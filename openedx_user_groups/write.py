"""Writing memberships: the raw multi-row statements, one function per family of databases.

bulk_create would take two to three times as long for a large group. Where a user already has a row in the
collection, no second one is written: the key (collection, user) decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

import attrs
from django.db import connections, router

from .ids import IsAnyOf
from .models import Membership, Origin, PastMembership


class Seat(NamedTuple):
    """A user in a group of a collection, as a row to be."""

    user_id: int
    group_id: int
    collection_id: int


@attrs.frozen
class Row:
    """A stored membership."""

    id: int
    user_id: int
    group_id: int
    collection_id: int
    origin: str
    joined_at: datetime


def rows_of(collection_ids: Sequence[int], users: Sequence[int]) -> list[Row]:
    """The stored memberships of ``users`` in the collections."""
    if not users:
        return []
    columns = [field.name for field in attrs.fields(Row)]
    stored = Membership.objects.filter(IsAnyOf("user_id", users), collection_id__in=collection_ids)
    return [Row(*values) for values in stored.values_list(*columns)]


def insert(
    seats: Sequence[Seat], origin: Origin, joined_at: datetime, expires_at: datetime | None = None
) -> Counter[int]:
    """Write new memberships; how many were written in each group."""
    if not seats:
        return Counter()
    connection = connections[router.db_for_write(Membership)]
    adapt = connection.ops.adapt_datetimefield_value
    common = (origin.value, adapt(joined_at), adapt(expires_at) if expires_at else None)
    statement = {"mysql": _insert_mysql, "postgresql": _insert_postgresql}.get(connection.vendor, _insert_sqlite)
    with connection.cursor() as cursor:
        statement(cursor, connection.ops.quote_name(Membership._meta.db_table), seats, common)
        if cursor.rowcount == len(seats):
            return Counter(map(itemgetter(1), seats))
    return _count_written(seats, joined_at)


def _count_written(seats: Sequence[Seat], joined_at: datetime) -> Counter[int]:
    """The same when the database has refused some: rows that others wrote meanwhile."""
    asked = {(seat.user_id, seat.group_id) for seat in seats}
    stored = Membership.objects.filter(IsAnyOf("user_id", [seat.user_id for seat in seats]), joined_at=joined_at)
    written = stored.filter(group_id__in={seat.group_id for seat in seats}).values_list("user_id", "group_id")
    return Counter(group_id for user_id, group_id in written if (user_id, group_id) in asked)


COLUMNS = "user_id, group_id, collection_id, origin, joined_at, expires_at"


def _insert_mysql(cursor: Any, table: str, seats: Sequence[Seat], common: tuple[Any, ...]) -> None:
    # Literals: thousands of parameters take longer than the statement. None of them comes from outside.
    constants = ",".join("NULL" if value is None else f"'{value}'" for value in common)
    rows = ",".join([f"({user},{group},{collection},{constants})" for user, group, collection in seats])
    cursor.execute(f"INSERT IGNORE INTO {table} ({COLUMNS}) VALUES {rows}")


def _insert_postgresql(cursor: Any, table: str, seats: Sequence[Seat], common: tuple[Any, ...]) -> None:
    columns = [list(column) for column in zip(*seats, strict=True)]
    cursor.execute(
        f"INSERT INTO {table} ({COLUMNS}) "
        "SELECT u, g, c, %s, %s::timestamptz, %s::timestamptz "
        "FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS seats (u, g, c) ON CONFLICT DO NOTHING",
        [*common, *columns],
    )


def _insert_sqlite(cursor: Any, table: str, seats: Sequence[Seat], common: tuple[Any, ...]) -> None:
    values = ((*seat, *common) for seat in seats)
    cursor.executemany(
        f"INSERT INTO {table} ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING", list(values)
    )


def end(rows: Sequence[Row], left_at: datetime, runs: dict[int, int] | None = None) -> None:
    """Delete memberships and keep them as history; ``runs`` names the run of each group."""
    if not rows:
        return
    PastMembership.objects.bulk_create(
        PastMembership(
            user_id=row.user_id,
            group_id=row.group_id,
            origin=row.origin,
            joined_at=row.joined_at,
            left_at=left_at,
            run_id=(runs or {}).get(row.group_id),
        )
        for row in rows
    )
    Membership.objects.filter(IsAnyOf("id", [row.id for row in rows])).delete()
