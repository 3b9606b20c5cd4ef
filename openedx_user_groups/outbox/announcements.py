"""Announcements: what has to be told to others is noted in the transaction that made it true, and sent afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.utils import timezone

from .. import signals
from ..models import Announcement
from . import waking

GROUP_CREATED = signals.GROUP_CREATED.event_type
GROUP_UPDATED = signals.GROUP_UPDATED.event_type
GROUP_DELETED = signals.GROUP_DELETED.event_type
MEMBERSHIP_CHANGED = signals.MEMBERSHIP_CHANGED.event_type

# Of one event; a change of more members is told in several.
IDS_AT_A_TIME = 1_000


def announce_group(event_type: str, group_id: int) -> None:
    """Note that a group was created, updated or deleted."""
    Announcement.objects.create(created=timezone.now(), event_type=event_type, group_id=group_id)
    waking.wake()


def announce_members(
    joined: Mapping[int, Sequence[int]],
    left: Mapping[int, Sequence[int]],
    causes: Iterable[str],
    runs: Mapping[int, int] | None = None,
    settled: int = 0,
) -> None:
    """Note who has joined and who has left groups: user ids by group id; ``runs`` names the run of each group.

    ``settled`` is how many users these runs have settled before; it numbers their events on.
    """
    now, why = timezone.now(), list(causes)
    first = -(-settled // IDS_AT_A_TIME)
    Announcement.objects.bulk_create(
        Announcement(
            created=now,
            event_type=MEMBERSHIP_CHANGED,
            group_id=group_id,
            run_id=(runs or {}).get(group_id),
            batch=batch,
            causes=why,
            joined=joins,
            left=leaves,
        )
        for group_id in sorted({*joined, *left})
        for batch, (joins, leaves) in enumerate(_chunks(joined.get(group_id, ()), left.get(group_id, ())), first)
    )


def _chunks(joined: Sequence[int], left: Sequence[int]) -> Iterator[tuple[list[int], list[int]]]:
    """At most as many ids at a time as one event takes."""
    ids = [(user, True) for user in joined] + [(user, False) for user in left]
    for start in range(0, len(ids), IDS_AT_A_TIME):
        some = ids[start : start + IDS_AT_A_TIME]
        yield [user for user, joins in some if joins], [user for user, joins in some if not joins]
