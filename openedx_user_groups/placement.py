"""Placing users: which group of each collection a batch of users belongs in, and the moves that bring them there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import attrs
from django.db.models import F
from django.db.models.functions import Greatest

from . import write
from .answers import Answers
from .definition import Definition
from .models import Origin, UserGroup
from .write import Place, Row


@attrs.define
class Moves:
    """What is to be written for one batch."""

    leaves: list[Row] = attrs.Factory(list)
    joins: dict[Place, list[int]] = attrs.Factory(dict)


def place(groups: Sequence[Definition], answers: Answers, holders: Sequence[int] | None = None) -> Moves:
    """The moves of the users of ``answers``; ``groups`` are all groups of the collections, by priority.

    ``holders`` are the users who may be in a group already, where that is known. A row that one of the others has
    got meanwhile is not overwritten: the database refuses a second one.
    """
    collections: dict[int, list[Definition]] = defaultdict(list)
    for group in groups:
        collections[group.collection_id].append(group)
    held: dict[int, dict[int, Row]] = defaultdict(dict)
    for row in write.rows_of(list(collections), answers.users if holders is None else holders):
        held[row.collection_id][row.user_id] = row
    answers.ask(group for group in groups if group.is_refreshed)
    moves = Moves()
    for collection_id, members in collections.items():
        _place_in_collection(members, held[collection_id], answers, moves)
    return moves


def _place_in_collection(groups: Sequence[Definition], held: dict[int, Row], answers: Answers, moves: Moves) -> None:
    refreshed = {group.group_id: answers.matching(group) for group in groups if group.is_refreshed}
    settled: set[int] = set()
    for user_id, row in held.items():
        # Other origins than the rule stay; so do the rule's members while their group is not refreshed.
        pinned = row.origin != Origin.RULE or row.group_id not in refreshed
        if pinned or _first(refreshed, user_id) == row.group_id:
            settled.add(user_id)
        else:
            moves.leaves.append(row)
    for group_id, users in refreshed.items():
        joining = users - settled
        settled |= joining
        if joining:
            moves.joins[Place(group_id, groups[0].collection_id)] = sorted(joining)


def _first(refreshed: Mapping[int, set[int]], user_id: int) -> int | None:
    """The group of highest priority that wants a user."""
    return next((group_id for group_id, users in refreshed.items() if user_id in users), None)


def apply(moves: Moves, at: datetime, runs: dict[int, int] | None = None) -> tuple[Counter[int], Counter[int]]:
    """Write the moves, leaves before joins for the one key that makes groups exclusive.

    How many joined and how many left each group; the stored counts are left to the caller.
    """
    write.end(moves.leaves, at, runs)
    joined = write.insert(moves.joins, Origin.RULE, at)
    return joined, Counter(row.group_id for row in moves.leaves)


def count(joined: Counter[int], left: Counter[int]) -> None:
    """Bring the stored member counts of groups along; groups with the same change in one statement."""
    by_change: dict[int, list[int]] = defaultdict(list)
    for group_id in {*joined, *left}:
        by_change[joined[group_id] - left[group_id]].append(group_id)
    for change, group_ids in by_change.items():
        if change:
            counted = Greatest(F("member_count") + change, 0)
            UserGroup.objects.filter(pk__in=group_ids).update(member_count=counted)
