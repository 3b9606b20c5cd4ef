"""Overlap: who would be in two groups when a group is moved into a collection; reads only."""

from __future__ import annotations

from ..data import MoveData
from ..ids import IsAnyOf
from ..models import GroupCollection, Membership, Origin, UserGroup
from . import moving


def in_two(group: UserGroup, collection: GroupCollection) -> tuple[list[int], set[int]]:
    """Who would be in two groups when a group is moved into a collection: their ids, and those whom it would keep."""
    rows = Membership.objects.filter(group=group)
    there = Membership.objects.filter(collection=collection).exclude(group=group)
    users = there.filter(user__in=rows.values("user")).order_by("user_id").values_list("user_id", "origin")
    others = dict(users)
    by_hand = rows.filter(IsAnyOf("user_id", others)).exclude(origin=Origin.RULE) if others else rows.none()
    kept = {user for user in by_hand.values_list("user_id", flat=True) if others[user] == Origin.RULE}
    return list(others), kept


def preview(group: UserGroup, collection: GroupCollection) -> MoveData:
    """What moving would do now; nothing is written. Raises InvalidGroup."""
    moving.check(group, collection)
    users, kept = in_two(group, collection)
    members = Membership.objects.filter(group=group).count()
    return MoveData(group.uuid, collection.uuid, members=members, in_two=len(users), kept=len(kept))
