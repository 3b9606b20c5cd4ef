"""Health: what the last refresh said of a group, and when the schedule looks at it again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from ..evaluation.definition import Definition
from ..models import UserGroup
from ..outbox.announcements import GROUP_UPDATED, announce_group
from ..retrying import in_transaction
from . import schedule

Health = UserGroup.Health

# What somebody has agreed to goes for one refresh.
AGREED = ("agreed_leaving", "agreed_by")
# How far ahead of this clock another one may be that has made a group due.
AHEAD = timedelta(minutes=1)


def mark_ok(groups: Sequence[Definition], now: datetime) -> None:
    """Refreshes have brought these groups into line; those that were ill are due again, for events passed them by.

    So are those of which somebody has said so since they were read, in the definitions that are given.
    """
    stored = {row.pk: row for row in UserGroup.objects.filter(pk__in=[group.group_id for group in groups])}
    ill = (Health.BROKEN, Health.HELD)
    # An event may have broken one since it was read.
    healed = [each.group_id for each in groups if each.health in ill or stored[each.group_id].health in ill]
    asked = [each.group_id for each in groups if _is_asked_for(stored[each.group_id].next_due, each)]
    _tell(healed)
    rows = [
        UserGroup(
            pk=group.group_id,
            health=Health.OK,
            health_reason="",
            failures=0,
            last_refreshed=now,
            swept_until=now,
            next_due=schedule.next_due(group, now),
        )
        for group in groups
    ]
    columns = ["health", "health_reason", "failures", "last_refreshed", "swept_until", "next_due", *AGREED]
    UserGroup.objects.bulk_update(rows, columns)
    schedule.look_again({*healed, *asked})


def _is_asked_for(next_due: datetime | None, group: Definition) -> bool:
    """Whether a group was made due since it was read; what is due later was put off."""
    return next_due is not None and next_due != group.next_due and next_due <= timezone.now() + AHEAD


def mark_swept(groups: Sequence[Definition], now: datetime) -> None:
    """In these groups everybody has been looked at for whom time alone may have changed something until ``now``.

    Those that were made due, edited or paused since they were read, in the definitions that are given, stay so.
    """
    in_transaction(lambda: _mark_swept({group.group_id: group for group in groups}, now))


def _mark_swept(groups: Mapping[int, Definition], now: datetime) -> None:
    rows = list(UserGroup.objects.select_for_update().filter(pk__in=groups).order_by("pk"))
    for row in rows:
        row.swept_until = now
        if row.next_due == groups[row.pk].next_due:
            row.next_due = schedule.next_due(groups[row.pk], now)
    UserGroup.objects.bulk_update(rows, ["swept_until", "next_due"])


def mark_broken(group_ids: Iterable[int], reason: str) -> None:
    """These groups cannot be refreshed, for this reason; their members stay, and the schedule tries again."""
    in_transaction(lambda: _mark_broken(group_ids, reason))


def _mark_broken(group_ids: Iterable[int], reason: str) -> None:
    now, rows = timezone.now(), list(UserGroup.objects.filter(pk__in=list(group_ids)))
    _tell(row.pk for row in rows if row.health != Health.BROKEN)
    for row in rows:
        row.health, row.health_reason, row.failures = Health.BROKEN, reason, min(row.failures + 1, 1_000)
        row.next_due = schedule.after_failure(row, now)
    UserGroup.objects.bulk_update(rows, ["health", "health_reason", "failures", "next_due"])
    for row in rows:
        if row.next_due is not None:
            schedule.not_before(row.next_due, row.collection_id)


def mark_held(reasons: Mapping[int, str]) -> None:
    """A refresh of these groups waits for a decision, each for its reason; meanwhile they are looked at once a day."""
    _tell(reasons)
    due, rows = timezone.now() + schedule.AT_LEAST_EVERY, list(UserGroup.objects.filter(pk__in=list(reasons)))
    for row in rows:
        row.health, row.health_reason, row.failures = Health.HELD, reasons[row.pk], 0
        row.next_due = None if row.method == UserGroup.Method.REQUEST else due
        row.agreed_leaving = row.agreed_by_id = None
    UserGroup.objects.bulk_update(rows, ["health", "health_reason", "failures", "next_due", *AGREED])


def mark_decided(group_ids: Iterable[int]) -> None:
    """Nothing is held any more."""
    held = UserGroup.objects.filter(pk__in=list(group_ids), health=Health.HELD)
    ids = list(held.values_list("pk", flat=True))
    _tell(ids)
    held.update(health=Health.OK, health_reason="", next_due=None)
    schedule.look_again(ids)


def _tell(group_ids: Iterable[int]) -> None:
    """Whoever looks after groups wants to know when one stops following its rule, and when it goes on."""
    for group_id in group_ids:
        announce_group(GROUP_UPDATED, group_id)
