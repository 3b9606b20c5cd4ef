"""Clearing: what is over ends, what a worker has left behind is taken up, and what is about nobody goes.

At regular intervals, for no event tells of it.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.cache import cache
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from .. import batches
from ..evaluation.matching import users_where
from ..groups import importing, pending
from ..ids import IsAnyOf
from ..models import Exclusion, HeldUser, ImportedPerson, Membership, PastMembership, RefreshRun, UserGroup
from ..platform import toggles
from ..refresh import consequences, lease, saying, settling, write
from ..refresh.placement import users_of
from ..retrying import in_transaction
from . import recounting, retention

log = logging.getLogger(__name__)

# The cause of what ends at its time.
EXPIRED = "expired"
# The cause of what ends with an account.
GONE = "account gone"
DAILY = timedelta(days=1)
# Tables beside the memberships whose rows are about an account, held there by no constraint of the database.
ABOUT_ACCOUNTS: tuple[type[Model], ...] = (PastMembership, Exclusion, HeldUser, ImportedPerson)


def clear() -> None:
    """End what is over and take up what was left behind. What fails is logged, and the rest goes on."""
    daily = (sweep_orphans_daily, forget_daily, recount_daily, look_for_those_who_wait_daily)
    for step in (close_dead_runs, end_expired_memberships, lift_expired_exclusions, carry_on_imports, *daily):
        try:
            step(timezone.now())
        except Exception:
            log.exception("User groups: %s has failed.", step.__name__)


def close_dead_runs(now: datetime) -> None:
    """Runs whose worker has died are failed, and their groups due at once."""
    begun = RefreshRun.objects.filter(started__isnull=False, finished__isnull=True).select_related("collection")
    dead = [run for run in begun if not _is_alive(run, now)]
    if not dead:
        return
    RefreshRun.objects.filter(pk__in=[run.pk for run in dead], finished__isnull=True).update(
        finished=now,
        outcome=RefreshRun.Outcome.FAILED,
        error=saying.kept(saying.WORKER_STOPPED),
    )
    groups = UserGroup.objects.filter(pk__in=[run.group_id for run in dead], status=UserGroup.Status.ACTIVE)
    groups.update(next_due=now)


def _is_alive(run: RefreshRun, now: datetime) -> bool:
    return run.lease_token == run.collection.lease_token and lease.is_held(run.collection, now)


def end_expired_memberships(now: datetime) -> None:
    """Memberships for a time end at that time."""
    expired = Membership.objects.filter(expires_at__lte=now)
    for collection_id in sorted(set(expired.values_list("collection_id", flat=True))):
        while in_transaction(partial(_end_some, collection_id, now)):
            pass


def _end_some(collection_id: int, now: datetime) -> int:
    lease.lock([collection_id])
    rows = write.first_rows(Membership.objects.filter(collection=collection_id, expires_at__lte=now), batches.SIZE)
    write.end(rows, now)
    consequences.follow({}, users_of(rows), [EXPIRED])
    consequences.release(collection_id, [row.user_id for row in rows])
    return len(rows)


def lift_expired_exclusions(now: datetime) -> None:
    """Whoever was kept out for a time is looked at again."""
    by_collection: dict[int, list[Exclusion]] = defaultdict(list)
    for row in Exclusion.objects.filter(expires_at__lte=now).select_related("group__scope"):
        by_collection[row.group.collection_id].append(row)
    for collection_id, rows in by_collection.items():
        if toggles.is_enabled(rows[0].group.scope.data):
            settling.settle([collection_id], [row.user_id for row in rows], [EXPIRED])
        for some in batches.batches([row.pk for row in rows]):
            Exclusion.objects.filter(pk__in=some).delete()


def carry_on_imports(now: datetime) -> None:
    """Lists of people whose worker has stopped, or was never told, are gone on with."""
    for import_id in importing.left_behind():
        try:
            importing.run(import_id)
        except Exception:
            log.exception("User groups: list of people %s could not be gone on with.", import_id)


def look_for_those_who_wait_daily(now: datetime) -> None:
    """Addresses that wait are looked for once a day, whatever events have said."""
    if cache.add("openedx_user_groups.pending_settled", now.isoformat(), DAILY.total_seconds()):
        pending.settle_all()


def sweep_orphans_daily(now: datetime) -> None:
    """Rows about accounts that are gone go as well, once a day: no constraint of the database does it."""
    if cache.add("openedx_user_groups.orphans_swept", now.isoformat(), DAILY.total_seconds()):
        sweep_orphans()


def sweep_orphans() -> None:
    """Memberships of accounts that do not exist end, and others are told; what else is about such accounts goes."""
    for collection_id in sorted(set(_orphans(Membership).values_list("collection_id", flat=True))):
        while in_transaction(partial(_drop_some, collection_id)):
            pass
    for model in ABOUT_ACCOUNTS:
        while ids := list(_orphans(model).values_list("pk", flat=True)[: batches.SIZE]):
            model._default_manager.filter(pk__in=ids).delete()


def _orphans(model: type[Model]) -> QuerySet[Any]:
    rows = model._default_manager.order_by().filter(user__isnull=False)
    return rows.exclude(user__in=users_where(Q(pk__isnull=False)))


def _drop_some(collection_id: int) -> int:
    lease.lock([collection_id])
    rows = write.first_rows(_orphans(Membership).filter(collection=collection_id), batches.SIZE)
    if rows:
        # Of nobody there is no history.
        Membership.objects.filter(IsAnyOf("id", [row.id for row in rows])).delete()
    consequences.follow({}, users_of(rows), [GONE])
    return len(rows)


def forget_daily(now: datetime) -> None:
    """What is older than the operator wants to keep goes once a day."""
    if cache.add("openedx_user_groups.forgotten", now.isoformat(), DAILY.total_seconds()):
        retention.forget(now)


def recount_daily(now: datetime) -> None:
    """The stored numbers of members are put right once a day."""
    if cache.add("openedx_user_groups.recounted", now.isoformat(), DAILY.total_seconds()):
        recounting.recount()
