"""Watching: runs as outsiders see them, while they wait, run and after they have ended."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Q

from ..data import RunData
from ..models import RefreshRun
from . import saying

WAITING = "waiting"
RUNNING = "running"
STATUSES = (WAITING, RUNNING, *RefreshRun.Outcome.values)


def run_data(row: RefreshRun, now: datetime) -> RunData:
    """A run, which comes with its group and collection, as frozen data."""
    status = str(row.outcome) or (RUNNING if row.started else WAITING)
    error = saying.told(row.error)
    if status == RUNNING and not _is_alive(row, now):
        status = str(RefreshRun.Outcome.FAILED)
        error = saying.told(saying.kept(saying.WORKER_STOPPED))
    return RunData(
        uuid=row.uuid,
        group_uuid=row.group.uuid,
        status=status,
        outcome=str(row.outcome),
        causes=tuple(row.causes),
        requested_by_id=row.requested_by_id,
        revision=row.revision,
        total=row.total,
        done=row.done,
        matched=row.matched,
        joined=row.joined,
        left=row.left,
        lost_claims=row.lost_claims,
        error=error,
        requested=row.requested,
        started=row.started,
        finished=row.finished,
        decision=row.decision,
        decided_by_id=row.decided_by_id,
        decided_at=row.decided_at,
    )


def has_status(status: str, now: datetime) -> Q:
    """The condition of runs that ``run_data`` says to have a status."""
    begun = Q(outcome="", started__isnull=False)
    alive = Q(lease_token=F("collection__lease_token"), collection__lease_expires__gt=now)
    if status == WAITING:
        return Q(outcome="", started__isnull=True)
    if status == RUNNING:
        return begun & alive
    if status == RefreshRun.Outcome.FAILED:
        # NULL, of which nothing can be said, is no lease either.
        late = Q(collection__lease_expires__isnull=True) | Q(collection__lease_expires__lte=now)
        return Q(outcome=status) | (begun & (late | ~Q(lease_token=F("collection__lease_token"))))
    return Q(outcome=status)


def _is_alive(row: RefreshRun, now: datetime) -> bool:
    """Whether the worker of a running run still has the lease of the collection."""
    expires = row.collection.lease_expires
    return row.lease_token == row.collection.lease_token and expires is not None and expires > now
