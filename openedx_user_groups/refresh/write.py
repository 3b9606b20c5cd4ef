"""Writing memberships: the raw multi-row statements, one function per family of databases.

bulk_create would take two to three times as long for a large group. Where a user already has a row in the
collection, no second one is written: the key (collection, user) decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import attrs
from django.db import connections, router
from django.db.models import QuerySet

from ..ids import IsAnyOf
from ..models import Membership, Origin, PastMembership


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
    return _rows_in(Membership.objects.filter(IsAnyOf("user_id", users), collection_id__in=collection_ids))


def first_rows(stored: QuerySet[Membership], number: int) -> list[Row]:
    """That many of some memberships, by user id."""
    return _rows_in(stored.order_by("user_id")[:number])


def _rows_in(stored: QuerySet[Membership]) -> list[Row]:
    columns = [field.name for field in attrs.fields(Row)]
    return [Row(*values) for values in stored.values_list(*columns)]


# Users by the id of the group that they joined or left.
Users = dict[int, list[int]]


def insert(seats: Seats, origin: Origin, joined_at: datetime, expires_at: datetime | None = None) -> Users:
    """Write new memberships; who was written in each group."""
    asked = {place.group_id: list(users) for place, users in seats.items() if users}
    if not asked:
        return asked
    connection = connections[router.db_for_write(Membership)]
    adapt = connection.ops.adapt_datetimefield_value
    common = (origin.value, adapt(joined_at), adapt(expires_at) if expires_at else None)
    statement = {"mysql": _insert_mysql, "postgresql": _insert_postgresql}.get(connection.vendor, _insert_sqlite)
    with connection.cursor() as cursor:
        statement(cursor, connection.ops.quote_name(Membership._meta.db_table), seats, common)
        return asked if cursor.rowcount == sum(map(len, asked.values())) else _written(asked, joined_at)


def _written(asked: Users, joined_at: datetime) -> Users:
    """The same when the database has refused some: rows that others wrote meanwhile."""
    written: Users = {}
    for group_id, users in asked.items():
        stored = Membership.objects.filter(IsAnyOf("user_id", users), group_id=group_id, joined_at=joined_at)
        written[group_id] = sorted(stored.values_list("user_id", flat=True))
    return {group_id: users for group_id, users in written.items() if users}


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


def end(rows: Sequence[Row], left_at: datetime, runs: Mapping[int, int] | None = None) -> None:
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


def move(rows: Sequence[Row], collection_id: int) -> None:
    """Let memberships be ones of another collection, to which their group is being moved."""
    if rows:
        Membership.objects.filter(IsAnyOf("id", [row.id for row in rows])).update(collection=collection_id)
