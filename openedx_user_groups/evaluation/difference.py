"""The difference between the stored members of a collection and those its rules want: read, and compared here.

Two plain reads and a comparison of ids cost little more than the rule alone. A difference made by the database
costs half as much again on MariaDB, and INSERT ... SELECT would lock rows of the platform's tables meanwhile.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TypeAlias

import attrs
from django.db import DatabaseError

from ..criteria.base import Asking
from ..models import Membership, Origin
from ..population.reading import plain_rows
from ..population.scopes import not_expired
from ..population.staging import staging
from ..retrying import is_passing
from .answers import Answers
from .definition import Definition
from .matching import groups_with_exclusions, members_by_rule

Ids: TypeAlias = "array[int]"


def _no_ids() -> Ids:
    return array("q")


@attrs.define
class Difference:
    """Whose place in a collection is not what its rules want.

    ``users`` are their sorted ids, ``holders`` those among them who are in one of its groups now. Per group id:
    how many its rule ``matched``, how many of these claims are ``lost`` to a group of higher priority or to another
    origin, and the ids of who would join (``joiners``) and of the members who would leave (``leavers``), in no order.
    What is in a group that comes into the collection or leaves it just now is seen when a batch is placed only.
    """

    users: Ids = attrs.Factory(_no_ids)
    holders: set[int] = attrs.Factory(set)
    matched: Counter[int] = attrs.Factory(Counter)
    lost: Counter[int] = attrs.Factory(Counter)
    joiners: defaultdict[int, Ids] = attrs.Factory(lambda: defaultdict(_no_ids))
    leavers: defaultdict[int, Ids] = attrs.Factory(lambda: defaultdict(_no_ids))

    @property
    def joining(self) -> Counter[int]:
        """How many join each group."""
        return Counter({group_id: len(users) for group_id, users in self.joiners.items()})

    @property
    def leaving(self) -> Counter[int]:
        """How many leave each group."""
        return Counter({group_id: len(users) for group_id, users in self.leavers.items()})


def difference(groups: Sequence[Definition], now: datetime, between: Callable[[], None] = lambda: None) -> Difference:
    """The difference for all groups of a collection, given by priority; ``between`` is called between two of them.

    Raises CriterionError.
    """
    refreshed = [group for group in groups if group.is_refreshed]
    found = Difference()
    if not refreshed and (not groups or groups[0].parent_group_id is None):
        return found
    excludes = groups_with_exclusions(refreshed, now)
    try:
        pinned, held = _read_members(groups, now, found)
        with staging() as stage:
            asking = Asking(groups[0].scope, now, stage=stage)
            wanted = _read_wanted(_matching(refreshed, asking, excludes, between), pinned, held, found)
    except DatabaseError as error:
        if not is_passing(error):
            _find_culprit(refreshed, now)
        raise
    for group in refreshed:
        members = held.pop(group.group_id, array("q"))
        # Who is wanted and is in stays; what is left of both sides is the difference.
        joining = wanted.pop(group.group_id)
        found.leavers[group.group_id].extend(user for user in members if user not in joining)
        joining.difference_update(members)
        # Whoever has come back to the group above since that was read.
        joining.difference_update(found.leavers[group.group_id])
        found.joiners[group.group_id].extend(joining)
    found.holders.update(*found.leavers.values())
    found.users = array("q", sorted(found.holders.union(*found.joiners.values())))
    return found


def _read_members(
    groups: Sequence[Definition], now: datetime, found: Difference
) -> tuple[dict[int, int], dict[int, Ids]]:
    """Who is in: the group of each user who is pinned, and the other users of each group.

    Who is pinned is not moved: rows of other origins than the rule, and rows of groups out of which nothing is taken.
    Whoever is no longer in the group above leaves, however they came in.
    """
    removing = {group.group_id for group in groups if group.is_refreshed and group.removes}
    rows = Membership.objects.filter(group_id__in=[group.group_id for group in groups]).order_by()
    above = _above(groups[0], now)
    pinned: dict[int, int] = {}
    held: dict[int, Ids] = {group.group_id: array("q") for group in groups if group.is_refreshed}
    for user_id, group_id, origin in plain_rows(rows.values_list("user_id", "group_id", "origin")):
        if above is not None and user_id not in above:
            found.leavers[group_id].append(user_id)
        elif origin == Origin.RULE and group_id in removing:
            held[group_id].append(user_id)
        else:
            pinned[user_id] = group_id
    return pinned, held


def _above(group: Definition, now: datetime) -> set[int] | None:
    """The members of the group that a collection subdivides; None where it is of a whole scope."""
    if group.parent_group_id is None:
        return None
    rows = Membership.objects.filter(not_expired(now), group_id=group.parent_group_id).order_by()
    return {row[0] for row in plain_rows(rows.values_list("user_id"))}


def _matching(
    groups: Sequence[Definition], asking: Asking, excludes: set[int], between: Callable[[], None]
) -> Iterator[tuple[Definition, set[int]]]:
    """The users whom the rule of each group matches."""
    for place, group in enumerate(groups):
        if place:
            between()
        members = members_by_rule(group, asking, group.group_id in excludes)
        yield group, {row[0] for row in plain_rows(members.values_list("pk"))}


def _read_wanted(
    matching: Iterator[tuple[Definition, set[int]]],
    pinned: dict[int, int],
    held: dict[int, Ids],
    found: Difference,
) -> dict[int, set[int]]:
    """Whom each group gets: whoever its rule matches, unless a group of higher priority or a pin has them."""
    wanted: dict[int, set[int]] = {}
    placed: set[int] = set()
    users: set[int] = set()
    for group, matched in matching:
        # Only now, for a copy of the only group, or of the last one, would serve nothing.
        placed |= users
        found.matched[group.group_id] = len(matched)
        # A group that takes nobody in claims its members only.
        users = matched if group.adds else matched.intersection(held[group.group_id])
        stuck = users.intersection(pinned)
        users -= stuck
        found.lost[group.group_id] = sum(pinned[user] != group.group_id for user in stuck) + len(users & placed)
        users = users - placed if placed else users
        wanted[group.group_id] = users
    return wanted


def _find_culprit(groups: Sequence[Definition], now: datetime) -> None:
    """Ask every leaf on its own, so that the error names the one that the database refuses."""
    for group in groups:
        Answers([0], now).ask([group])
