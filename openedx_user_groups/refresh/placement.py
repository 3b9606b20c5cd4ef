"""Placing users: which group of each collection a batch of users belongs in, and the moves that bring them there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import attrs

from ..evaluation.answers import Answers
from ..evaluation.definition import Definition
from ..ids import IsAnyOf
from ..models import Membership, Origin
from ..population.scopes import not_expired
from . import write
from .write import Place, Row, Users


@attrs.define
class Moves:
    """What is to be written for one batch.

    ``lost`` counts the users whom the rule of a group wants and another one has: whoever moves now, and who is in
    that otherwise than by a rule. Of the others it was said when they came.
    """

    leaves: list[Row] = attrs.Factory(list)
    joins: dict[Place, list[int]] = attrs.Factory(dict)
    lost: Counter[Place] = attrs.Factory(Counter)

    def only(self, *, joins: set[tuple[int, int]], leaves: set[tuple[int, int]]) -> None:
        """Keep those of the moves that are among these, given as group and user; nothing is said of lost claims."""
        self.lost.clear()
        self.leaves = [row for row in self.leaves if (row.group_id, row.user_id) in leaves]
        self.joins = {
            seat: kept
            for seat, users in self.joins.items()
            if (kept := [user for user in users if (seat.group_id, user) in joins])
        }

    def leave_alone(self, collection_ids: set[int]) -> None:
        """Write nothing to these collections."""
        self.leaves = [row for row in self.leaves if row.collection_id not in collection_ids]
        self.joins = {seat: users for seat, users in self.joins.items() if seat.collection_id not in collection_ids}
        self.lost = Counter({seat: n for seat, n in self.lost.items() if seat.collection_id not in collection_ids})


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
        rows = _within_parent(members[0], held[collection_id], answers, moves)
        _place_in_collection(members, rows, answers, moves)
    return moves


def _within_parent(group: Definition, held: dict[int, Row], answers: Answers, moves: Moves) -> dict[int, Row]:
    """The rows of sub-groups whose users are still in the group above; the others end, however they came in."""
    if group.parent_group_id is None or not held:
        return held
    stored = Membership.objects.filter(not_expired(answers.now), group_id=group.parent_group_id)
    above = set(stored.filter(IsAnyOf("user_id", held)).values_list("user_id", flat=True))
    moves.leaves += [row for user, row in held.items() if user not in above]
    return {user: row for user, row in held.items() if user in above}


def _place_in_collection(groups: Sequence[Definition], held: dict[int, Row], answers: Answers, moves: Moves) -> None:
    refreshed = {group.group_id: answers.matching(group) for group in groups if group.is_refreshed}
    adding = {group.group_id for group in groups if group.adds}
    removing = {group.group_id for group in groups if group.is_refreshed and group.removes}
    settled: dict[int, int] = {}
    # Whose claims are lost now.
    news: set[int] = set()
    for user_id, row in held.items():
        # Other origins than the rule stay; so do the rule's members while nothing is taken out of their group.
        pinned = row.origin != Origin.RULE or row.group_id not in removing
        if pinned or _first(refreshed, user_id, {*adding, row.group_id}) == row.group_id:
            settled[user_id] = row.group_id
        else:
            moves.leaves.append(row)
        if row.origin != Origin.RULE or user_id not in settled:
            news.add(user_id)
    for group_id, users in refreshed.items():
        joining = users - settled.keys() if group_id in adding else set()
        if joining:
            settled |= dict.fromkeys(joining, group_id)
            news |= joining
            moves.joins[Place(group_id, groups[0].collection_id)] = sorted(joining)
    for group_id in adding & refreshed.keys():
        lost = sum(settled[user] != group_id for user in refreshed[group_id] & news)
        if lost:
            moves.lost[Place(group_id, groups[0].collection_id)] = lost


def _first(refreshed: Mapping[int, set[int]], user_id: int, open_: set[int]) -> int | None:
    """The group of highest priority that wants a user, of those that are open to them."""
    return next((group_id for group_id, users in refreshed.items() if user_id in users and group_id in open_), None)


def apply(moves: Moves, at: datetime, runs: Mapping[int, int] | None = None) -> tuple[Users, Users]:
    """Write the moves, leaves before joins for the one key that makes groups exclusive.

    Who joined and who left each group; what follows from it is left to the caller.
    """
    write.end(moves.leaves, at, runs)
    joined = write.insert(moves.joins, Origin.RULE, at)
    return joined, users_of(moves.leaves)


def users_of(rows: Sequence[Row]) -> Users:
    """The users of memberships, by group."""
    found: Users = defaultdict(list)
    for row in rows:
        found[row.group_id].append(row.user_id)
    return dict(found)
