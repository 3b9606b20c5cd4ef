"""Writing memberships: the raw multi-row statements, one function per family of databases.

bulk_create would take two to three times as long for a large group. Where a user already has a row in the
collection, no second one is written: the key (collection, user) decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import attrs
from django.db import connections, router

from .ids import IsAnyOf
from .models import Membership, Origin, PastMembership


class Place(NamedTuple):
    """A group with its collection: what the rows of its members have in common."""

    group_id: int
    collection_id: int


# Memberships to be: the users of each group.
Seats = Mapping[Place, Sequence[int]]


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


def insert(seats: Seats, origin: Origin, joined_at: datetime, expires_at: datetime | None = None) -> Counter[int]:
    """Write new memberships; how many were written in each group."""
    asked = Counter({place.group_id: len(users) for place, users in seats.items() if users})
    if not asked:
        return asked
    connection = connections[router.db_for_write(Membership)]
    adapt = connection.ops.adapt_datetimefield_value
    common = (origin.value, adapt(joined_at), adapt(expires_at) if expires_at else None)
    statement = {"mysql": _insert_mysql, "postgresql": _insert_postgresql}.get(connection.vendor, _insert_sqlite)
    with connection.cursor() as cursor:
        statement(cursor, connection.ops.quote_name(Membership._meta.db_table), seats, common)
        return asked if cursor.rowcount == asked.total() else _count_written(seats, joined_at)


def _count_written(seats: Seats, joined_at: datetime) -> Counter[int]:
    """The same when the database has refused some: rows that others wrote meanwhile."""
    written: Counter[int] = Counter()
    for place, users in seats.items():
        stored = Membership.objects.filter(IsAnyOf("user_id", users), group_id=place.group_id, joined_at=joined_at)
        written[place.group_id] = stored.count()
    return +written


COLUMNS = "user_id, group_id, collection_id, origin, joined_at, expires_at"


def _insert_mysql(cursor: Any, table: str, seats: Seats, common: tuple[Any, ...]) -> None:
    # Literals: thousands of parameters take longer than the statement. None of them comes from outside.
    constants = ",".join("NULL" if value is None else f"'{value}'" for value in common)
    rows = (f"({user},{group},{collection},{constants})" for user, group, collection in _rows(seats))
    cursor.execute(f"INSERT IGNORE INTO {table} ({COLUMNS}) VALUES {','.join(rows)}")


def _insert_postgresql(cursor: Any, table: str, seats: Seats, common: tuple[Any, ...]) -> None:
    columns = [list(column) for column in zip(*_rows(seats), strict=True)]
    cursor.execute(
        f"INSERT INTO {table} ({COLUMNS}) "
        "SELECT u, g, c, %s, %s::timestamptz, %s::timestamptz "
        "FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS seats (u, g, c) ON CONFLICT DO NOTHING",
        [*common, *columns],
    )


def _insert_sqlite(cursor: Any, table: str, seats: Seats, common: tuple[Any, ...]) -> None:
    cursor.executemany(
        f"INSERT INTO {table} ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        [(*row, *common) for row in _rows(seats)],
    )


def _rows(seats: Seats) -> Iterator[tuple[int, int, int]]:
    return ((user, *place) for place, users in seats.items() for user in users)


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
