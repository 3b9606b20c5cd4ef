"""Leases: one refresh of a collection at a time, and none that lives on after its worker has died.

A lease is a number that only grows, on the row of the collection. Each batch proves that it still holds the
newest one before it writes, so that a run that was thought dead and wakes up again writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from ..exceptions import RefreshInProgress, UserGroupsError
from ..models import GroupCollection, RefreshRun
from ..retrying import in_transaction
from . import saying


class LeaseLost(UserGroupsError):
    """A newer refresh has taken over."""


def lock(collection_ids: list[int]) -> list[GroupCollection]:
    """Lock the rows of collections until the transaction ends, in the order of ids: the lock of all member writes."""
    return list(GroupCollection.objects.select_for_update().filter(pk__in=collection_ids).order_by("pk"))


def acquire(collection_id: int, wanted: Callable[[], bool] = lambda: True) -> int | None:
    """A new lease of the collection; raises RefreshInProgress while another one is alive.

    None where it is not ``wanted`` any more, which is asked under the lock: then nobody else is kept waiting by it.
    """

    def act() -> int | None:
        (collection,) = lock([collection_id])
        now = timezone.now()
        if is_held(collection, now):
            raise RefreshInProgress()
        if not wanted():
            return None
        collection.lease_token += 1
        collection.lease_expires = now + _duration()
        collection.save(update_fields=["lease_token", "lease_expires"])
        _fail_dead_runs(collection)
        token: int = collection.lease_token
        return token

    return in_transaction(act)


def is_held(collection: GroupCollection, now: datetime) -> bool:
    """Whether a refresh has the lease. One that ends later than any that is given now is of a clock that has jumped."""
    expires = collection.lease_expires
    return expires is not None and now < expires <= latest(now)


def latest(now: datetime) -> datetime:
    """The end of a lease that may have been given by a sound clock."""
    return now + 2 * _duration()


def prove(collection: GroupCollection, token: int) -> None:
    """Go on with the lease, on the locked row; raises LeaseLost when a newer one has been given."""
    if collection.lease_token != token:
        raise LeaseLost()
    now = timezone.now()
    if collection.lease_expires is None or collection.lease_expires < now + _duration() / 2:
        collection.lease_expires = now + _duration()
        collection.save(update_fields=["lease_expires"])


def keeper(collection_id: int, token: int) -> Callable[[], None]:
    """To be called while something long is read: goes on with the lease when half of it is over.

    That a newer one has been given is said by the next batch.
    """
    renew = timezone.now() + _duration() / 2

    def keep() -> None:
        nonlocal renew
        if (now := timezone.now()) >= renew:
            renew = now + _duration() / 2
            mine = GroupCollection.objects.filter(pk=collection_id, lease_token=token)
            mine.update(lease_expires=now + _duration())

    return keep


def release(collection_id: int, token: int) -> None:
    """Give the lease back, unless a newer one has been given."""
    GroupCollection.objects.filter(pk=collection_id, lease_token=token).update(lease_expires=None)


def end(collection_ids: Iterable[int]) -> None:
    """Take the leases of locked collections away: a refresh that is running writes nothing any more."""
    rows = GroupCollection.objects.filter(pk__in=list(collection_ids))
    rows.update(lease_token=F("lease_token") + 1, lease_expires=None)


def _fail_dead_runs(collection: GroupCollection) -> None:
    dead = RefreshRun.objects.filter(
        lease_token__lt=collection.lease_token, collection=collection, started__isnull=False, finished__isnull=True
    )
    dead.update(
        finished=timezone.now(),
        outcome=RefreshRun.Outcome.FAILED,
        error=saying.kept(saying.WORKER_STOPPED),
    )


def _duration() -> timedelta:
    return timedelta(seconds=settings.OPENEDX_USER_GROUPS_LEASE_SECONDS)
