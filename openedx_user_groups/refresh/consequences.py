"""Consequences: what follows from people having joined and left groups, in the transaction in which they did.

The stored counts come along, others are going to be told, and what depends on the groups is noted to be looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import F, Q
from django.db.models.functions import Greatest

from ..evaluation import nesting
from ..events import routing
from ..models import GroupCollection, GroupCriterion, UserGroup
from ..outbox import store, waking
from ..outbox.announcements import announce_members
from .write import Users

# The source of a change that is a change of the members of a group.
MEMBERS = "openedx_user_groups.Membership"


def follow(
    joined: Users, left: Users, causes: Iterable[str], runs: Mapping[int, int] | None = None, settled: int = 0
) -> None:
    """Draw the consequences; ``joined`` and ``left`` are user ids by group id, ``runs`` names the run of each group.

    ``settled`` is how many users these runs have settled before.
    """
    if not joined and not left:
        return
    _count(joined, left)
    announce_members(joined, left, causes, runs, settled)
    waking.wake()
    for group_id in nesting.used(sorted({*joined, *left})):
        store.note({*joined.get(group_id, ()), *left.get(group_id, ())}, MEMBERS, group_id=group_id)


def release(collection_id: int, users: Iterable[int]) -> None:
    """Note whom nothing holds in a group, or keeps out of one, any more: rules or chance may want them elsewhere."""
    by_rule = Q(pk__in=GroupCriterion.objects.filter(position=0).values("group"))
    by_chance = Q(collection__kind=GroupCollection.Kind.RANDOM)
    groups = UserGroup.objects.filter(by_rule | by_chance, collection=collection_id, status=UserGroup.Status.ACTIVE)
    for group_id, scope_id in groups.values_list("pk", "scope")[:1]:
        store.note(users, routing.RELEASED, scopes=[scope_id], group_id=group_id)
        waking.wake()


def _count(joined: Users, left: Users) -> None:
    """Bring the stored member counts along; groups with the same change in one statement."""
    by_change: dict[int, list[int]] = defaultdict(list)
    for group_id in sorted({*joined, *left}):
        by_change[len(joined.get(group_id, ())) - len(left.get(group_id, ()))].append(group_id)
    for change, group_ids in by_change.items():
        if change:
            counted = Greatest(F("member_count") + change, 0)
            UserGroup.objects.filter(pk__in=group_ids).update(member_count=counted)
