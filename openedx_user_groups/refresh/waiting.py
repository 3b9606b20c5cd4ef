"""Waiting: runs that somebody has asked for, until a refresh of the collection takes them over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy

from ..evaluation.definition import load
from ..exceptions import WrongStatus
from ..models import RefreshRun, UserGroup
from ..retrying import in_transaction
from . import lease

SCHEDULE = "schedule"
# Of a refresh that nobody in particular asked for.
UNNAMED = "task"

NOT_REFRESHED = gettext_lazy("The group is not refreshed: it is not active, or it has no rule.")


def wait(group_id: int, causes: Iterable[str], requested_by_id: int | None = None) -> RefreshRun:
    """A run that waits until a refresh takes it over; the one that waits already, if there is one.

    Raises WrongStatus for a group that is not refreshed.
    """

    def act() -> RefreshRun:
        lease.lock([UserGroup.objects.values_list("collection_id", flat=True).get(pk=group_id)])
        (group,) = load(UserGroup.objects.filter(pk=group_id))
        if not group.is_refreshed:
            raise WrongStatus(str(NOT_REFRESHED))
        row = runs_of([group.collection_id]).filter(group=group_id).first()
        if row is None:
            row = RefreshRun(group_id=group_id, collection_id=group.collection_id, requested=timezone.now())
        row.causes = in_order([*row.causes, *causes])
        row.requested_by_id = requested_by_id or row.requested_by_id
        row.revision = group.revision
        row.save()
        return row

    return in_transaction(act)


def in_order(causes: Iterable[str]) -> list[str]:
    """Several causes, each once: what people ask for, then events, then the schedule."""
    return sorted(dict.fromkeys(causes), key=_rank)


def _rank(cause: str) -> int:
    if cause in (SCHEDULE, UNNAMED):
        return 2
    # Events and tables are named with dots.
    return 1 if "." in cause else 0


def runs_of(collection_ids: Sequence[int]) -> QuerySet[RefreshRun]:
    """The runs of collections that wait."""
    return all_runs().filter(collection__in=collection_ids)


def all_runs() -> QuerySet[RefreshRun]:
    """All runs that wait."""
    return RefreshRun.objects.filter(started__isnull=True, finished__isnull=True)


def give_up(rows: Iterable[RefreshRun], reason: str) -> None:
    """End runs that wait, for they will not begin."""
    ids = [row.pk for row in rows]
    if ids:
        ended = RefreshRun.objects.filter(pk__in=ids, started__isnull=True)
        ended.update(finished=timezone.now(), outcome=RefreshRun.Outcome.FAILED, error=reason)
