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
from .evaluation import Answers, members_by_rule
from .models import Membership, Origin
from .retrying import is_passing

ROWS_AT_A_TIME = 10_000


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
            Answers([0], now).matching(group)


def _statement(groups: Sequence[Definition], now: datetime, excludes: set[int], connection: Any) -> tuple[str, list[Any]]:
    """Claims of the rules and stored rows, put together by user.

    ``claim`` and ``held`` are places in the order of priority, from 1. Who is pinned is not moved: rows of other
    origins than the rule, and rows of groups that are not refreshed (held = 0).
    """
    refreshed = [group for group in groups if group.is_refreshed]
    parts: list[str] = []
    params: list[Any] = []
    for rank, group in enumerate(refreshed, 1):
        wanted = members_by_rule(group, now, group.group_id in excludes).values_list("pk")
        try:
            sql, values = wanted.query.get_compiler(connection=connection).as_sql()
        except EmptyResultSet:
            continue
        column = connection.ops.quote_name("pk")
        parts.append(f"SELECT wanted_{rank}.{column}, {rank}, NULL, 0 FROM ({sql}) wanted_{rank}")
        params.extend(values)
    table = connection.ops.quote_name(Membership._meta.db_table)
    for group in groups:
        rank = refreshed.index(group) + 1 if group.is_refreshed else 0
        pinned = f"CASE WHEN origin = '{Origin.RULE.value}' THEN 0 ELSE 1 END" if rank else "1"
        parts.append(f"SELECT user_id, NULL, {rank}, {pinned} FROM {table} WHERE group_id = {int(group.group_id)}")
    # Only differences come out; a pinned user counts when a rule wants them, for they are a claim lost.
    return (
        "SELECT who FROM (SELECT NULL AS who, NULL AS claim, NULL AS held, NULL AS pinned WHERE 1 = 0 UNION ALL "
        + " UNION ALL ".join(parts)
        + ") AS places GROUP BY who HAVING COUNT(claim) > 1 OR "
        "(COALESCE(MIN(claim), 0) <> COALESCE(MAX(held), 0) AND COUNT(claim) >= MAX(pinned)) ORDER BY who",
        params,
    )
