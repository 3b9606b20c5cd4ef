"""The life of groups: made, edited, activated, paused, archived. Every edit is a revision."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

import attrs
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from ..criteria.base import NOBODY, Asker
from ..data import ScopeData
from ..evaluation import nesting, uses
from ..evaluation.definition import rules_of
from ..events import listening
from ..exceptions import InvalidGroup, StaleRevision, WrongStatus, encodable
from ..models import GroupCollection, Revision, Scope, UserGroup
from ..outbox.announcements import GROUP_UPDATED, announce_group
from ..refresh import health, held, lease, schedule
from ..retrying import in_transaction
from .content import Content, checked
from .revising import apply_draft, content_of, draft_rules, drop_draft, keep_as_draft, newest, put_in_force

Status = UserGroup.Status
NOTHING: Mapping[UUID, int] = MappingProxyType({})
# The statuses that each may be changed to.
TRANSITIONS: Mapping[str, frozenset[str]] = {
    Status.DRAFT: frozenset({Status.ACTIVE, Status.ARCHIVED}),
    Status.ACTIVE: frozenset({Status.PAUSED, Status.ARCHIVED}),
    Status.PAUSED: frozenset({Status.ACTIVE, Status.ARCHIVED}),
    Status.ARCHIVED: frozenset({Status.ACTIVE, Status.PAUSED}),
    Status.DELETED: frozenset(),
}


def create(
    scope: ScopeData,
    content: Content,
    *,
    collection: GroupCollection | None,
    via: str,
    acting_user_id: int | None,
    asker: Asker = NOBODY,
) -> UserGroup:
    """A new group: active when it is static, a draft when its rule has still to be looked at."""

    def act() -> UserGroup:
        row, _made = Scope.objects.get_or_create(type=scope.type, key=scope.key)
        made = collection or GroupCollection.objects.create(scope=row, is_implicit=True)
        # Read again under the lock: it may have been dissolved.
        (home,) = lease.lock([made.pk])
        if home.scope_id != row.pk:
            raise InvalidGroup("collection", _("The collection belongs to another scope."))
        if collection is not None and home.is_implicit:
            raise InvalidGroup("collection", _("The collection was made for a single group; make one with a name."))
        group = UserGroup(
            scope=row,
            collection=home,
            priority=_next_priority(home),
            status=Status.DRAFT if content.rule else Status.ACTIVE,
            created_by_id=acting_user_id,
            created_via=via,
            revision=0,
        )
        put_in_force(group, content, acting_user_id, asker)
        return group

    return in_transaction(act)


def _next_priority(collection: GroupCollection) -> int:
    highest = UserGroup.objects.filter(collection=collection).aggregate(n=Max("priority"))["n"]
    return 0 if highest is None else highest + 1


def edit(
    group_id: int, revision: int, changes: Mapping[str, Any], acting_user_id: int | None, asker: Asker = NOBODY
) -> UserGroup:
    """Replace parts of what is in force for a group; a changed rule waits as a draft, unless it was never active.

    Raises StaleRevision unless ``revision`` is the newest one.
    """

    def act() -> UserGroup:
        group = locked(group_id)
        if newest(group) != revision:
            raise StaleRevision()
        if group.status in (Status.ARCHIVED, Status.DELETED):
            raise WrongStatus(_("The group is {status}: it cannot be edited.").format(status=group.status))
        old = content_of(group)
        new = checked(group.scope.data, changes, old, asker)
        if group.status == Status.DRAFT:
            put_in_force(group, new, acting_user_id, asker)
        else:
            _edit(group, old, new, "rule" in changes, acting_user_id, asker)
        return group

    return in_transaction(act)


def _edit(
    group: UserGroup, old: Content, new: Content, has_rule: bool, acting_user_id: int | None, asker: Asker
) -> None:
    waits = draft_rules([group])
    proposed = new.rule if has_rule else waits.get(group.pk, old.rule)
    drop_draft(group)
    in_force = attrs.evolve(new, rule=old.rule)
    if in_force != old or proposed == old.rule:
        put_in_force(group, in_force, acting_user_id, asker)
    if proposed != old.rule:
        # After what is in force, so that it is the newest, whatever else was edited.
        keep_as_draft(group, attrs.evolve(new, rule=proposed), acting_user_id, asker)


def discard_draft(group_id: int, revision: int | None, acting_user_id: int | None) -> UserGroup:
    """Forget the draft of a group; what is in force goes on.

    Raises WrongStatus where there is none, and StaleRevision when ``revision`` names another one.
    """

    def act() -> UserGroup:
        group = locked(group_id)
        if group.draft_revision is None:
            raise WrongStatus(_("The group has no draft."))
        if revision not in (None, group.draft_revision):
            raise StaleRevision()
        drop_draft(group)
        group.modified, group.modified_by_id = timezone.now(), acting_user_id
        group.save(update_fields=["modified", "modified_by"])
        return group

    return in_transaction(act)


def locked(group_id: int) -> UserGroup:
    """The group, after locking its collection until the transaction ends."""
    collection_id = UserGroup.objects.values_list("collection_id", flat=True).get(pk=group_id)
    lease.lock([collection_id])
    group = UserGroup.objects.select_related("scope", "collection").get(pk=group_id)
    # It may have been moved before the lock was there.
    return group if group.collection_id == collection_id else locked(group_id)


def activate(
    group_id: int,
    revision: int | None,
    acting_user_id: int | None,
    asker: Asker = NOBODY,
    agreed: Mapping[UUID, int] = NOTHING,
) -> UserGroup:
    """Let refreshes decide who is in a group: by what is in force, or by its draft when ``revision`` names that.

    ``agreed`` is how many members may leave it, and others of its collection, by the next refresh. Raises
    StaleRevision when ``revision`` is not the newest one, WrongStatus and InvalidGroup.
    """

    def act() -> UserGroup:
        group = locked(group_id)
        if revision not in (None, newest(group)):
            raise StaleRevision()
        if group.draft_revision is not None and revision == group.draft_revision:
            apply_draft(group, acting_user_id, asker)
        _agree(group, agreed, acting_user_id)
        return _change_status(group, Status.ACTIVE, "", acting_user_id, asker)

    return in_transaction(act)


def _agree(group: UserGroup, agreed: Mapping[UUID, int], acting_user_id: int | None) -> None:
    """What was agreed to earlier was about another rule."""
    rows = list(UserGroup.objects.filter(Q(pk=group.pk) | Q(uuid__in=agreed), collection=group.collection_id))
    for row in rows:
        row.agreed_leaving = agreed.get(row.uuid)
        row.agreed_by_id = None if row.agreed_leaving is None else acting_user_id
    UserGroup.objects.bulk_update(rows, health.AGREED)


def change_status(
    group_id: int, status: str, acting_user_id: int | None, *, reason: str = "", asker: Asker = NOBODY
) -> UserGroup:
    """Activate, pause or archive a group, for a ``reason``; its members stay. Raises WrongStatus and GroupInUse."""
    return in_transaction(lambda: _change_status(locked(group_id), status, reason, acting_user_id, asker))


def _change_status(group: UserGroup, status: str, reason: str, acting_user_id: int | None, asker: Asker) -> UserGroup:
    if group.status == status:
        return group
    if status not in TRANSITIONS[group.status]:
        message = _("A group that is {old} cannot become {new}.")
        raise WrongStatus(message.format(old=group.status, new=status))
    if status == Status.ARCHIVED:
        uses.check_unused(group, asker)
    rule = rules_of([group]).get(group.pk)
    if group.status == Status.DRAFT:
        Revision.objects.filter(group=group, number=group.revision).update(state=Revision.State.IN_FORCE)
    if group.status == Status.ARCHIVED:
        # What others were built on meanwhile may lead back to it.
        nesting.refuse_cycle(group, rule, asker)
        nesting.check_parent(group)
    group.status, group.status_reason = status, encodable(reason)
    if group.draft_revision is None:
        group.would_hold = None
    group.next_due = schedule.first_due(group, rule)
    group.modified, group.modified_by_id = timezone.now(), acting_user_id
    group.save(update_fields=["status", "status_reason", "would_hold", "next_due", "modified", "modified_by"])
    if status != Status.ACTIVE:
        held.look_again(group)
    listening.changed()
    announce_group(GROUP_UPDATED, group.pk)
    return group
