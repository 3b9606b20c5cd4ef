"""Recording: a run for each group that a batch of some users changes, as the history of its members names it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ..evaluation.definition import Definition
from ..models import RefreshRun
from .placement import Moves, users_of

Outcome = RefreshRun.Outcome


def recorded(
    groups: Sequence[Definition],
    moves: Moves,
    causes: Sequence[str],
    now: datetime,
    approved: RefreshRun | None = None,
) -> dict[int, int]:
    """A run for each group that the moves change or deny somebody; its id by group.

    ``approved`` is the held run that allows them.
    """
    joins = {place.group_id: len(users) for place, users in moves.joins.items()}
    leaves = {group_id: len(users) for group_id, users in users_of(moves.leaves).items()}
    lost = {place.group_id: number for place, number in moves.lost.items()}
    rows = []
    for group in groups:
        joined, left, claims = (numbers.get(group.group_id, 0) for numbers in (joins, leaves, lost))
        if joined or left or claims:
            row = _run(group, causes, now, approved)
            row.joined, row.left, row.lost_claims = joined, left, claims
            row.total = row.done = joined + left
            row.outcome = Outcome.DONE if joined or left else Outcome.NOTHING
            rows.append(row)
    if not rows:
        return {}
    RefreshRun.objects.bulk_create(rows)
    # Read again: MySQL does not tell the ids of rows written together.
    stored = RefreshRun.objects.filter(uuid__in=[row.uuid for row in rows])
    return dict(stored.values_list("group_id", "pk"))


def _run(group: Definition, causes: Sequence[str], now: datetime, approved: RefreshRun | None) -> RefreshRun:
    return RefreshRun(
        group_id=group.group_id,
        collection_id=group.collection_id,
        causes=list(causes),
        requested_by_id=approved.decided_by_id if approved else None,
        decision=approved.decision if approved else "",
        revision=group.revision,
        requested=now,
        started=now,
        finished=now,
    )
