"""The difference between the stored members of a collection and those its rules want: read, and compared here.

Two plain reads and a comparison of ids cost little more than the rule alone. A difference made by the database
costs half as much again on MariaDB, and INSERT ... SELECT would lock rows of the platform's tables meanwhile.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import attrs
from django.db import DatabaseError

from .answers import Answers
from .definition import Definition
from .evaluation import members_by_rule
from .models import Membership, Origin
from .reading import plain_rows
from .retrying import is_passing


@attrs.define
class Difference:
    """Whose place in a collection is not what its rules want.

    ``users`` are their sorted ids, ``holders`` those among them who are in one of its groups now. Per group id:
    how many its rule ``matched``, and how many of these claims are ``lost`` to a group of higher priority or to
    another origin.
    """

    users: array[int] = attrs.Factory(lambda: array("q"))
    holders: set[int] = attrs.Factory(set)
    matched: Counter[int] = attrs.Factory(Counter)
    lost: Counter[int] = attrs.Factory(Counter)


def difference(groups: Sequence[Definition], now: datetime, excludes: set[int]) -> Difference:
    """The difference for all groups of a collection, given by priority.

    ``excludes`` are the ids of those that keep somebody out. Raises CriterionError.
    """
    refreshed = [group for group in groups if group.is_refreshed]
    found = Difference()
    if not refreshed:
        return found
    try:
        pinned, held = _read_members(groups)
        wanted = _read_wanted(refreshed, now, excludes, pinned, found)
    except DatabaseError as error:
        if not is_passing(error):
            _find_culprit(refreshed, now)
        raise
    for group in refreshed:
        members = held.pop(group.group_id, array("q"))
        # Who is wanted and is in stays; what is left of both sides is the difference.
        joining = wanted.pop(group.group_id)
        leaving = [user for user in members if user not in joining]
        joining.difference_update(members)
        found.holders.update(leaving)
        found.users.extend(joining)
    found.users = array("q", sorted(found.holders.union(found.users)))
    return found


def _read_members(groups: Sequence[Definition]) -> tuple[dict[int, int], dict[int, array[int]]]:
    """Who is in: the group of each user who is pinned, and the other users of each group.

    Who is pinned is not moved: rows of other origins than the rule, and rows of groups that are not refreshed.
    """
    refreshed = {group.group_id for group in groups if group.is_refreshed}
    rows = Membership.objects.filter(group_id__in=[group.group_id for group in groups]).order_by()
    pinned: dict[int, int] = {}
    held: dict[int, array[int]] = {group_id: array("q") for group_id in refreshed}
    for user_id, group_id, origin in plain_rows(rows.values_list("user_id", "group_id", "origin")):
        if origin == Origin.RULE and group_id in refreshed:
            held[group_id].append(user_id)
        else:
            pinned[user_id] = group_id
    return pinned, held


def _read_wanted(
    groups: Sequence[Definition], now: datetime, excludes: set[int], pinned: dict[int, int], found: Difference
) -> dict[int, set[int]]:
    """Whom each group gets: whoever its rule matches, unless a group of higher priority or a pin has them."""
    placed: set[int] = set()
    wanted: dict[int, set[int]] = {}
    for group in groups:
        users = _matching(group, now, group.group_id in excludes)
        found.matched[group.group_id] = len(users)
        stuck = users.intersection(pinned)
        users -= stuck
        found.lost[group.group_id] = sum(pinned[user] != group.group_id for user in stuck)
        if len(groups) > 1:
            found.lost[group.group_id] += len(users & placed)
            users -= placed
            placed |= users
        wanted[group.group_id] = users
    return wanted


def _matching(group: Definition, now: datetime, excludes: bool) -> set[int]:
    return {row[0] for row in plain_rows(members_by_rule(group, now, excludes).values_list("pk"))}


def _find_culprit(groups: Sequence[Definition], now: datetime) -> None:
    """Ask every leaf on its own, so that the error names the one that the database refuses."""
    for group in groups:
        Answers([0], now).ask([group])
