"""Drift: how stored members differ from a new evaluation. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from django.db import DatabaseError

from .answers import Answers
from .data import GroupDrift
from .definition import Definition
from .difference import difference
from .evaluation import groups_with_exclusions
from .exceptions import CriterionError
from .membership import batches, groups_of
from .placement import place


def drift_of(collection_id: int, now: datetime) -> Iterator[GroupDrift]:
    """Of each refreshed group of a collection, who should be in it and is not, and who is and should not be."""
    groups = groups_of([collection_id])
    refreshed = [group for group in groups if group.is_refreshed]
    try:
        missing, surplus = _moves(groups, now) if refreshed else ({}, {})
    except (CriterionError, DatabaseError) as error:
        yield from (GroupDrift(group.uuid, group.name, (), (), str(error)) for group in refreshed)
        return
    for group in refreshed:
        joining, leaving = missing.get(group.group_id, ()), surplus.get(group.group_id, ())
        yield GroupDrift(group.uuid, group.name, tuple(sorted(joining)), tuple(sorted(leaving)))


def _moves(groups: list[Definition], now: datetime) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    missing: dict[int, list[int]] = defaultdict(list)
    surplus: dict[int, list[int]] = defaultdict(list)
    found = difference(groups, now, groups_with_exclusions(groups, now))
    for users in batches(found.users):
        moves = place(groups, Answers(users, now))
        for place_, joining in moves.joins.items():
            missing[place_.group_id] += joining
        for row in moves.leaves:
            surplus[row.group_id].append(row.user_id)
    return missing, surplus
