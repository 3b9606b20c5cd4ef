"""Retention: runs and history go when they are older than the operator wants to keep, in small batches.

Never what something still needs: what the guard counts, what waits for a decision, and the last refresh that changed a
group, which can be undone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from ..models import HeldUser, ImportedPerson, ManualChange, MemberImport, PastMembership, RefreshRun, UserGroup
from ..refresh import guard, undoing
from ..retrying import in_transaction

Outcome = RefreshRun.Outcome
Decision = RefreshRun.Decision

# What is younger is kept whatever the settings say: the guard counts it.
AT_LEAST = 2 * guard.WINDOW
# Rows that are deleted in one transaction.
AT_A_TIME = 1_000


def forget(now: datetime) -> None:
    """Delete what is too old to be kept, and what nobody can decide about any more."""
    forget_what_cannot_be_decided()
    if (before := _limit("OPENEDX_USER_GROUPS_KEEP_HISTORY_DAYS", now)) is not None:
        _forget_history(before)
        _delete(ManualChange.objects.filter(at__lt=before))
    if (before := _limit("OPENEDX_USER_GROUPS_KEEP_RUNS_DAYS", now)) is not None:
        _forget_runs(before)
    if (days := settings.OPENEDX_USER_GROUPS_KEEP_IMPORTS_DAYS) is not None:
        old = MemberImport.objects.filter(created__lt=now - timedelta(days=days))
        # The rows first: each list may have thousands.
        _delete(ImportedPerson.objects.filter(member_import__in=old))
        _delete(old)


def forget_what_cannot_be_decided() -> None:
    """Delete who would have joined or left by refreshes that are not held, such as those whose worker has died."""
    undecided = Q(outcome=Outcome.HELD, decision__in=("", Decision.APPROVED)) | Q(finished__isnull=True)
    waits = RefreshRun.objects.filter(undecided, pk=OuterRef("run"))
    _delete(HeldUser.objects.filter(~Exists(waits)))


def _limit(setting: str, now: datetime) -> datetime | None:
    """What is older may go; None where nothing does."""
    days: int | None = getattr(settings, setting)
    return None if days is None else now - max(timedelta(days=days), AT_LEAST)


def _forget_history(before: datetime) -> None:
    old = PastMembership.objects.filter(left_at__lt=before)
    ids = sorted(set(old.order_by().values_list("group_id", flat=True).distinct()))
    for group_id, collection_id in UserGroup.objects.filter(pk__in=ids).values_list("pk", "collection_id"):
        kept = list(_undoable(collection_id).filter(group=group_id).values_list("pk", flat=True))
        # Whom people took out, no run did.
        _delete(old.filter(group=group_id).filter(Q(run__isnull=True) | ~Q(run__in=kept)))


def _forget_runs(before: datetime) -> None:
    old = RefreshRun.objects.filter(finished__lt=before)
    for collection_id in sorted(set(old.order_by().values_list("collection_id", flat=True).distinct())):
        kept = list(_undoable(collection_id).values_list("pk", flat=True))
        waits = Q(outcome=Outcome.HELD, decision="") | Exists(HeldUser.objects.filter(run=OuterRef("pk")))
        _delete(old.filter(collection=collection_id).exclude(pk__in=kept).exclude(waits))


def _undoable(collection_id: int) -> QuerySet[RefreshRun]:
    """The runs of the last refresh that changed each group of a collection: it is undone in all that it changed."""
    done = RefreshRun.objects.filter(undoing.wrote(), collection=collection_id)
    alive = done.filter(group__collection=collection_id).exclude(group__status=UserGroup.Status.DELETED)
    last = alive.order_by().values("group").annotate(last=Max("started")).values_list("last", flat=True)
    return done.filter(started__in=set(last))


def _delete(rows: QuerySet[Any]) -> None:
    """Delete rows, some at a time: whoever writes to the same table waits no longer than that takes."""
    while ids := list(rows.order_by().values_list("pk", flat=True)[:AT_A_TIME]):
        in_transaction(rows.model._default_manager.filter(pk__in=ids).delete)
