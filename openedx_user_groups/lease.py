"""Leases: one refresh of a collection at a time, and none that lives on after its worker has died.

A lease is a number that only grows, on the row of the collection. Each batch proves that it still holds the
newest one before it writes, so that a run that was thought dead and wakes up again writes nothing.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from .exceptions import RefreshInProgress, UserGroupsError
from .models import GroupCollection, RefreshRun
from .retrying import in_transaction


class LeaseLost(UserGroupsError):
    """A newer refresh has taken over."""


def lock(collection_ids: list[int]) -> list[GroupCollection]:
    """Lock the rows of collections until the transaction ends, in the order of ids: the lock of all member writes."""
    return list(GroupCollection.objects.select_for_update().filter(pk__in=collection_ids).order_by("pk"))


def acquire(collection_id: int) -> int:
    """A new lease of the collection; raises RefreshInProgress while another one is alive."""

    def act() -> int:
        (collection,) = lock([collection_id])
        now = timezone.now()
        if collection.lease_expires is not None and collection.lease_expires > now:
            raise RefreshInProgress()
        collection.lease_token += 1
        collection.lease_expires = now + _duration()
        collection.save(update_fields=["lease_token", "lease_expires"])
        _fail_dead_runs(collection)
        return collection.lease_token

    return in_transaction(act)


def prove(collection: GroupCollection, token: int) -> None:
    """Go on with the lease, on the locked row; raises LeaseLost when a newer one has been given."""
    if collection.lease_token != token:
        raise LeaseLost()
    now = timezone.now()
    if collection.lease_expires is None or collection.lease_expires < now + _duration() / 2:
        collection.lease_expires = now + _duration()
        collection.save(update_fields=["lease_expires"])


def release(collection_id: int, token: int) -> None:
    """Give the lease back, unless a newer one has been given."""
    GroupCollection.objects.filter(pk=collection_id, lease_token=token).update(lease_expires=None)


def _fail_dead_runs(collection: GroupCollection) -> None:
    dead = RefreshRun.objects.filter(
        Q(lease_token__lt=collection.lease_token), collection=collection, finished__isnull=True
    )
    dead.update(
        finished=timezone.now(),
        outcome=RefreshRun.Outcome.FAILED,
        error=_("Its worker stopped before the end; what it had written stays."),
    )


def _duration() -> timedelta:
    return timedelta(seconds=settings.OPENEDX_USER_GROUPS_LEASE_SECONDS)
