"""The difference between the stored members of a collection and what its rules want, read in one statement.

The database makes the difference, so that nothing comes over the wire where nothing changed; and it only reads:
INSERT ... SELECT would lock rows of the platform's tables for as long as the rule takes.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DatabaseError, connections, router, transaction

from .definition import Definition
from .answers import Answers
from .evaluation import members_by_rule
from .models import Membership, Origin
from .retrying import is_passing

ROWS_AT_A_TIME = 10_000
# Greater than any place in the order of priority.
NO_CLAIM = 1_000_000_000


def users_to_settle(groups: Sequence[Definition], now: datetime, excludes: set[int]) -> array[int]:
    """The sorted ids of users whose place in a collection may be wrong, or who are wanted by several groups.

    ``groups`` are all groups of the collection by priority; ``excludes`` the ids of those that keep somebody out.
    """
    using = router.db_for_write(Membership)
    sql, params = _statement(groups, now, excludes, connections[using])
    users = array("q")
    # A savepoint within a caller's transaction, so that an error leaves that usable; else no transaction at all:
    # SQLite would hold its one lock for as long as the rule takes.
    guard = transaction.atomic(using) if connections[using].in_atomic_block else nullcontext()
    try:
        with guard, connections[using].cursor() as cursor:
            cursor.execute(sql, params)
            while rows := cursor.fetchmany(ROWS_AT_A_TIME):
                users.extend(row[0] for row in rows)
    except DatabaseError as error:
        if not is_passing(error):
            _find_culprit(groups, now)
        raise
    return users


def _find_culprit(groups: Sequence[Definition], now: datetime) -> None:
    """Ask every leaf on its own, so that the error names the one that the database refuses."""
    for group in groups:
        if group.is_refreshed:
            Answers([0], now).ask([group])


def _statement(
    groups: Sequence[Definition], now: datetime, excludes: set[int], connection: Any
) -> tuple[str, list[Any]]:
    """Claims of the rules and stored rows, put together by user.

    ``claim`` and ``held`` are places in the order of priority, from 1. Who is pinned is not moved: rows of other
    origins than the rule, and rows of groups that are not refreshed (held = 0).
    """
    quote = connection.ops.quote_name
    parts: list[str] = []
    params: list[Any] = []
    ranks = {group.group_id: rank for rank, group in enumerate((g for g in groups if g.is_refreshed), 1)}
    for group in groups:
        rank = ranks.get(group.group_id, 0)
        pinned = f"CASE WHEN origin = '{Origin.RULE.value}' THEN 0 ELSE 1 END" if rank else "1"
        parts.append(
            f"SELECT user_id AS who, 0 AS claims, {NO_CLAIM} AS claim, {rank} AS held, {pinned} AS pinned "
            f"FROM {quote(Membership._meta.db_table)} WHERE group_id = {int(group.group_id)}"
        )
        compiled = _compiled(group, now, group.group_id in excludes, connection) if rank else None
        if compiled:
            parts.append(f"SELECT wanted.{quote('pk')}, 1, {rank}, 0, 0 FROM ({compiled[0]}) wanted")
            params.extend(compiled[1])
    # Only differences come out; a pinned user counts when a rule wants them, for they are a claim lost.
    return (
        f"SELECT who FROM ({' UNION ALL '.join(parts)}) places GROUP BY who HAVING SUM(claims) > 1 OR "
        "(MIN(claim) <> MAX(held) AND SUM(claims) >= MAX(pinned)) ORDER BY who",
        params,
    )


def _compiled(group: Definition, now: datetime, excludes: bool, connection: Any) -> tuple[str, Sequence[Any]] | None:
    """The SELECT of those whom a rule wants; None where it is plain without asking that it is nobody."""
    wanted = members_by_rule(group, now, excludes).values_list("pk")
    try:
        sql, params = wanted.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return None
    return sql, params
