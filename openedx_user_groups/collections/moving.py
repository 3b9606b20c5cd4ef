"""Moving: a group becomes one of another collection, and takes its members along, batch by batch.

The memberships go first and the group goes last, so that whoever is there already is in one group of that collection
at every moment. Meanwhile nobody else changes the members of the group. Stopped half-way, it goes on when it is called
again, or with the schedule.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

import attrs
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..batches import SIZE
from ..criteria.base import NOBODY, Asker
from ..data import MoveData
from ..evaluation import counting, nesting, uses
from ..evaluation.definition import groups_of, rules_of
from ..exceptions import InvalidGroup, WrongStatus
from ..groups.revising import draft_rules
from ..models import GroupCollection, HeldUser, Membership, Origin, RefreshRun, UserGroup
from ..outbox import announcements
from ..refresh import consequences, health, lease, waiting, write
from ..refresh.placement import users_of
from ..refresh.write import Row
from ..retrying import in_transaction

log = logging.getLogger(__name__)

Kind = GroupCollection.Kind
Status = UserGroup.Status
MOVE = "move"
STAYS = gettext_lazy("The group was made for a choice of its collection's criterion, and stays there.")


def move(group_id: int, collection_id: int | None, acting_user_id: int | None, asker: Asker = NOBODY) -> MoveData:
    """Move a group into a collection of its scope, last by priority, or with None into one of its own.

    Who is in two groups then stays in the one that was there, unless only the other one was given by hand, by chance
    or by themselves. Raises InvalidGroup, WrongStatus and GroupInUse; then nothing has changed.
    """
    group, target = in_transaction(partial(_begin, group_id, collection_id, asker))
    told = MoveData(group.uuid, target.uuid, members=0, in_two=0, kept=0)
    after: int | None = 0
    while after is not None:
        told, after = in_transaction(partial(_move_some, group_id, target.pk, acting_user_id, told, after))
    return told


def finish_all() -> None:
    """Go on with what was stopped half-way; for the schedule. What fails is logged, and the rest goes on."""
    for group in UserGroup.objects.filter(moving_to__isnull=False).order_by("pk"):
        try:
            move(group.pk, group.moving_to_id, group.modified_by_id)
        except Exception:
            log.exception("User groups: group %s is still on its way to another collection.", group.pk)


def _begin(group_id: int, collection_id: int | None, asker: Asker) -> tuple[UserGroup, GroupCollection]:
    """Mark the group, so that from now on nothing else is done with its members."""
    group, target = _locked(group_id, collection_id)
    if group.moving_to is not None:
        if group.moving_to == target or (target is None and group.moving_to.is_implicit):
            return group, group.moving_to
        raise WrongStatus(_("The group is being moved to another collection; try again when that is over."))
    if group.collection == target or (target is None and group.collection.is_implicit):
        return group, group.collection
    if target is not None:
        check(group, target)
    elif group.choice:
        raise InvalidGroup("group", str(STAYS))
    if group.collection.is_implicit:
        # Nothing is left of it.
        uses.check_rest_unused(group.collection, asker)
    if target is None:
        target = GroupCollection.objects.create(
            scope=group.scope, is_implicit=True, parent_group=group.collection.parent_group
        )
    _refuse_cycle(group, target, asker)
    UserGroup.objects.filter(pk=group_id).update(moving_to=target)
    lease.end([group.collection_id, target.pk])
    return group, target


def _locked(group_id: int, collection_id: int | None) -> tuple[UserGroup, GroupCollection | None]:
    """The group and where it goes, both collections locked."""
    rows = UserGroup.objects.select_related("scope", "collection", "moving_to")
    home = UserGroup.objects.values_list("collection_id", flat=True).get(pk=group_id)
    locked = {row.pk: row for row in lease.lock([home] if collection_id is None else [home, collection_id])}
    group = rows.get(pk=group_id)
    if group.collection_id != home:
        # It was moved before the locks were there.
        return _locked(group_id, collection_id)
    return group, None if collection_id is None else locked[collection_id]


def check(group: UserGroup, target: GroupCollection) -> None:
    """Raises InvalidGroup for a group that cannot be one of a collection's."""
    problem = ""
    if group.scope_id != target.scope_id:
        problem = _("The group belongs to another scope than the collection.")
    elif group.collection.parent_group_id != target.parent_group_id:
        problem = _("One of them subdivides a group, and the other one does not subdivide the same.")
    elif target.is_implicit:
        problem = _("The collection was made for a single group; make one with a name.")
    elif group.choice:
        problem = str(STAYS)
    elif target.kind in (Kind.RANDOM, Kind.SELF) and (rules_of([group]) or any(draft_rules([group]).values())):
        problem = _("The group has a rule; who is in the groups of this collection is not decided by rules.")
    if problem:
        raise InvalidGroup("group", problem)


def _refuse_cycle(group: UserGroup, target: GroupCollection, asker: Asker) -> None:
    """Raises InvalidGroup where a rule about everybody else of the collection would make a circle."""
    home = group.collection
    group.collection = target
    group.save(update_fields=["collection"])
    try:
        nesting.refuse_cycle(group, rules_of([group]).get(group.pk), asker)
    except InvalidGroup as error:
        raise InvalidGroup("group", error.sentence) from None
    group.collection = home
    group.save(update_fields=["collection"])


def _move_some(
    group_id: int, target_id: int, acting_user_id: int | None, told: MoveData, after: int
) -> tuple[MoveData, int | None]:
    """Move the next members ``after`` a user id; all that is told of it by now, and where to go on.

    That is None when the group itself has been moved, after its last member.
    """
    group, target = _locked(group_id, target_id)
    if group.moving_to_id != target_id or target is None:
        return told, None
    left = Membership.objects.filter(group=group, collection=group.collection_id)
    rows = write.first_rows(left.filter(user_id__gt=after), SIZE) or write.first_rows(left, SIZE)
    if not rows:
        _finish(group, target, acting_user_id)
        return told, None
    there = {row.user_id: row for row in write.rows_of([target_id], [row.user_id for row in rows])}
    lost = [row for row in rows if row.user_id in there and not _wins(row, there[row.user_id])]
    won = [there[row.user_id] for row in rows if row.user_id in there and _wins(row, there[row.user_id])]
    # What must go goes first: nobody has two rows in a collection.
    write.end([*lost, *won], timezone.now())
    consequences.follow({}, users_of([*lost, *won]), [MOVE])
    gone = {row.id for row in lost}
    write.move([row for row in rows if row.id not in gone], target_id)
    members, in_two, kept = told.members + len(rows), told.in_two + len(there), told.kept + len(won)
    return attrs.evolve(told, members=members, in_two=in_two, kept=kept), rows[-1].user_id


def _wins(row: Row, there: Row) -> bool:
    """Whether somebody stays in the group that moves: it comes last by priority, and whoever put them in came later."""
    return row.origin != Origin.RULE and there.origin == Origin.RULE


def _finish(group: UserGroup, target: GroupCollection, acting_user_id: int | None) -> None:
    home = group.collection
    others = UserGroup.objects.exclude(status=Status.DELETED).filter(collection=target)
    highest = others.aggregate(n=Max("priority"))["n"]
    group.priority = 0 if highest is None else highest + 1
    group.collection, group.moving_to = target, None
    group.modified, group.modified_by_id = timezone.now(), acting_user_id
    group.save(update_fields=["priority", "collection", "moving_to", "modified", "modified_by"])
    if home.is_implicit:
        GroupCollection.objects.filter(pk=home.pk).update(parent_group=None)
    lease.end([home.pk, target.pk])
    _take_runs_along(group)
    _count(target)
    announcements.announce_group(announcements.GROUP_UPDATED, group.pk)
    ask_again([home.pk, target.pk], MOVE, acting_user_id)
    for each in (home, target):
        # Who is everybody else has changed.
        ask_again([row.collection_id for row in uses.built_on_rest(each)], MOVE, acting_user_id)


def _take_runs_along(group: UserGroup) -> None:
    """What was asked for is done in the new collection; what is held was compared with other groups than it has now."""
    waiting.all_runs().filter(group=group).update(collection=group.collection_id)
    held = RefreshRun.objects.filter(group=group, outcome=RefreshRun.Outcome.HELD)
    HeldUser.objects.filter(run__in=list(held)).delete()
    held.filter(decision="").update(decision=RefreshRun.Decision.OVERTAKEN, decided_at=timezone.now())
    health.mark_decided([group.pk])


def _count(collection: GroupCollection) -> None:
    """Count the members anew: dormant ones may have come along."""
    groups = groups_of([collection.pk])
    members = counting.count_members(groups, timezone.now())
    rows = [UserGroup(pk=group.group_id, member_count=members[group.group_id]) for group in groups]
    UserGroup.objects.bulk_update(rows, ["member_count"])


def ask_again(collection_ids: Sequence[int], cause: str, acting_user_id: int | None) -> None:
    """Let each of the collections that has a group to refresh be refreshed: a run of one group does all of them."""
    first = {group.collection_id: group for group in reversed(groups_of(collection_ids)) if group.is_refreshed}
    for group in first.values():
        waiting.wait(group.group_id, [cause], acting_user_id)
