"""Deleting: a group ends at once, its memberships in batches; a tombstone stays."""

from __future__ import annotations

import logging

from django.db.models import Exists, OuterRef
from django.utils import timezone

from ..batches import SIZE
from ..criteria.base import NOBODY, Asker
from ..evaluation import uses
from ..events import listening
from ..models import Membership, PendingMember, UserGroup
from ..outbox.announcements import GROUP_DELETED, announce_group
from ..refresh import consequences, held, lease, write
from ..refresh.placement import users_of
from ..retrying import in_transaction
from .lifecycle import locked

log = logging.getLogger(__name__)

DELETED = "deleted"
# What of a group changes when it is deleted.
BURIED = ("status", "name_key", "next_due", "draft_revision", "would_hold", "moving_to", "modified", "modified_by")

Status = UserGroup.Status


def delete(group_id: int, acting_user_id: int | None, asker: Asker = NOBODY) -> None:
    """End a group: from now on it holds nobody; its memberships become history in batches.

    The tombstone stays. Where it is stopped, it goes on with the schedule. Raises GroupInUse.
    """

    def bury() -> UserGroup:
        group = locked(group_id)
        if group.status != Status.DELETED:
            uses.check_unused(group, asker)
            announce_group(GROUP_DELETED, group.pk)
        group.status, group.name_key, group.next_due = Status.DELETED, None, None
        # One that was on its way to another collection ends where it is.
        group.draft_revision = group.would_hold = group.moving_to = None
        group.modified, group.modified_by_id = timezone.now(), acting_user_id
        group.save(update_fields=BURIED)
        PendingMember.objects.filter(group=group).delete()
        held.overtake(group.pk)
        held.look_again(group)
        listening.changed()
        return group

    _end_all(in_transaction(bury))


def finish_all() -> None:
    """End the memberships whose end was stopped half-way; for the schedule. What fails is logged, the rest goes on."""
    left = Exists(Membership.objects.filter(group=OuterRef("pk")))
    for group in UserGroup.objects.filter(left, status=Status.DELETED).order_by("pk"):
        try:
            _end_all(group)
        except Exception:
            log.exception("User groups: group %s is deleted, and still has memberships.", group.pk)


def _end_all(group: UserGroup) -> None:
    while in_transaction(lambda: _end_some(group)):
        pass
    UserGroup.objects.filter(pk=group.pk).update(member_count=0)


def _end_some(group: UserGroup) -> int:
    lease.lock([group.collection_id])
    rows = write.first_rows(Membership.objects.filter(group=group), SIZE)
    write.end(rows, timezone.now())
    consequences.follow({}, users_of(rows), [DELETED])
    # Some may have been in another collection already, where the group was to be moved.
    for collection_id in sorted({row.collection_id for row in rows}):
        consequences.release(collection_id, [row.user_id for row in rows if row.collection_id == collection_id])
    return len(rows)
