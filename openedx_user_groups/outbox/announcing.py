"""Announcing: what was noted to be told to others is sent to them once it is committed, of each group in its order.

A row goes after it was sent, so whoever dies in between leaves it to the next one: everything is sent at least once.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from ..models import Announcement, GroupTag, RefreshRun, UserGroup
from ..platform import services
from ..signals import (
    GROUP_CREATED,
    GROUP_DELETED,
    GROUP_UPDATED,
    MEMBERSHIP_CHANGED,
    UserGroupCollectionData,
    UserGroupData,
    UserGroupMembershipData,
    UserGroupScopeData,
)
from . import store

log = logging.getLogger(__name__)

SIGNALS = {each.event_type: each for each in (GROUP_CREATED, GROUP_UPDATED, GROUP_DELETED, MEMBERSHIP_CHANGED)}
# The events of one claim: so many are sent again at most when a worker dies.
AT_A_TIME = 100


def announce() -> None:
    """Send what waits, after the transaction of whoever calls; raises nothing.

    A service that only reads leaves it to the one that refreshes.
    """
    if services.refreshes():
        transaction.on_commit(send, robust=True)


def send() -> int:
    """Send everything that waits; how many events that were."""
    number = 0
    held_up: set[int] = set()
    # What a newer release has noted is left to it.
    waiting = Announcement.objects.filter(event_type__in=SIGNALS)
    while rows := store.claim(waiting.exclude(group__in=held_up), AT_A_TIME):
        turn = _whose_turn_it_is(rows)
        early = [row for row in rows if row not in turn]
        held_up |= {row.group_id for row in early}
        store.give_back(early)
        number += _send_some(turn)
    return number


def _whose_turn_it_is(rows: Sequence[Announcement]) -> list[Announcement]:
    """Those of claimed rows before which nobody else has an older one of the same group.

    It is asked after the claim: two who claim rows of one group at the same time cannot both overlook each other.
    """
    mine = {row.pk for row in rows}
    older = Announcement.objects.filter(group__in={row.group_id for row in rows}, pk__lt=rows[-1].pk)
    firsts = older.exclude(pk__in=mine).values_list("group_id").annotate(first=Min("pk"))
    first = dict(firsts.order_by())
    return [row for row in rows if row.pk < first.get(row.group_id, row.pk + 1)]


def _send_some(rows: Sequence[Announcement]) -> int:
    groups = _groups({row.group_id for row in rows})
    refreshes = RefreshRun.objects.filter(pk__in={row.run_id for row in rows if row.run_id is not None})
    runs: dict[int | None, UUID] = dict(refreshes.values_list("pk", "uuid"))
    sent = []
    for row in rows:
        if row.group_id in groups:
            _send(row, _payload(row, groups[row.group_id], str(runs.get(row.run_id, ""))))
        else:
            log.error("User groups: there is no group %s to tell of (%s).", row.group_id, row.event_type)
        sent.append(row)
        if row.claimed_until is None or timezone.now() > row.claimed_until:
            # The others may be somebody else's by now.
            break
    store.done(sent)
    return len(sent)


def _send(row: Announcement, payload: Mapping[str, Any]) -> None:
    """Whoever listens may fail: others are told all the same, and nobody is told again because of it."""
    try:
        # .. event_implemented_name: GROUP_CREATED
        # .. event_type: org.openedx.user_groups.group.created.v1

        # .. event_implemented_name: GROUP_UPDATED
        # .. event_type: org.openedx.user_groups.group.updated.v1

        # .. event_implemented_name: GROUP_DELETED
        # .. event_type: org.openedx.user_groups.group.deleted.v1

        # .. event_implemented_name: MEMBERSHIP_CHANGED
        # .. event_type: org.openedx.user_groups.membership.changed.v1
        SIGNALS[row.event_type].send_event(time=row.created, **payload)
    except Exception:
        # With DEBUG the first receiver that fails is not passed over, and raises.
        log.exception("User groups: a receiver of %s has failed.", row.event_type)


def _payload(row: Announcement, group: UserGroupData, run_uuid: str) -> dict[str, Any]:
    if row.event_type != MEMBERSHIP_CHANGED.event_type:
        return {"group": group}
    membership = UserGroupMembershipData(
        group=group, joined=row.joined, left=row.left, causes=row.causes, run_uuid=run_uuid, batch=row.batch
    )
    return {"membership": membership}


def _groups(group_ids: Iterable[int]) -> dict[int, UserGroupData]:
    """Groups as they are now, by id; the deleted ones as well, of which enough has stayed."""
    rows = UserGroup.objects.filter(pk__in=group_ids).select_related("scope", "collection__parent_group")
    tags: dict[int, list[str]] = defaultdict(list)
    for group_id, tag in GroupTag.objects.filter(group__in=group_ids).order_by("pk").values_list("group_id", "tag"):
        tags[group_id].append(tag)
    return {row.pk: _group(row, tags[row.pk]) for row in rows}


def _group(row: UserGroup, tags: list[str]) -> UserGroupData:
    collection = row.collection
    return UserGroupData(
        uuid=str(row.uuid),
        name=row.name,
        tags=tags,
        scope=UserGroupScopeData(type=row.scope.type, key=row.scope.key),
        collection=UserGroupCollectionData(
            uuid=str(collection.uuid),
            rest_uuid=str(collection.rest_uuid),
            parent_group_uuid=str(collection.parent_group.uuid) if collection.parent_group else "",
        ),
        status=row.status,
        health=row.health,
        revision=row.revision,
    )
