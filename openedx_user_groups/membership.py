"""Membership: refresh brings the stored members of groups into line with their rules.

A whole collection, or some users of several: difference, then short batches under the lock of the collection.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _

from . import lease, toggles
from .answers import Answers
from .data import RunData, ScopeData
from .definition import Definition, load
from .difference import difference
from .evaluation import groups_with_exclusions
from .exceptions import CollectionNotFound, CriterionError, FeatureDisabled, WrongService
from .models import UserGroup
from .placement import apply, count, place
from .retrying import in_transaction
from .runs import Runs, mark_broken

log = logging.getLogger(__name__)

# Others wait no longer than one batch takes.
BATCH = 5_000

Progress = Callable[[int, int], None]


def refresh(collection_id: int, *, causes: Sequence[str], progress: Progress | None = None) -> tuple[RunData, ...]:
    """Bring all active dynamic groups of a collection into line, for everyone; one run for each of them.

    A rule that cannot be evaluated stops the collection before anything is written: its runs have failed, and the
    health of the group says why. Raises CollectionNotFound, RefreshInProgress, FeatureDisabled and WrongService.
    """
    check_may_refresh(_scope_of(collection_id))
    token = lease.acquire(collection_id)
    try:
        # Read under the lease, so that what is in force now is what will be written.
        runs = Runs(groups_of([collection_id]), token, causes)
        _run(collection_id, token, runs, progress or _unwatched)
        return runs.data()
    finally:
        lease.release(collection_id, token)


def _run(collection_id: int, token: int, runs: Runs, progress: Progress) -> None:
    try:
        _settle_everyone(collection_id, token, runs, progress)
    except lease.LeaseLost as error:
        runs.supersede(error.message)
    except CriterionError as error:
        log.error("User groups: %s", error)
        _fail(collection_id, token, runs, error)
    except DatabaseError as error:
        log.exception("User groups: the refresh of collection %s failed.", collection_id)
        _fail(collection_id, token, runs, _("The database refused: {error}").format(error=error))
    except BaseException as error:
        # Whoever watches the progress may end the run, too; that says nothing about the group.
        runs.stop(repr(error))
        raise


def _fail(collection_id: int, token: int, runs: Runs, error: CriterionError | str) -> None:
    """What is no longer in force, or no longer this run's to say, breaks no group."""

    def fail() -> None:
        _prove(collection_id, token)
        _check_still_in_force(collection_id, runs.all_groups)
        runs.fail(error)

    try:
        in_transaction(fail)
    except lease.LeaseLost as lost:
        runs.supersede(f"{lost.message} {error}")


def _unwatched(done: int, total: int) -> None:
    """Nobody wants to know how far it is."""


def groups_of(collection_ids: Iterable[int]) -> list[Definition]:
    """All groups of the collections but the deleted ones."""
    return load(UserGroup.objects.exclude(status=UserGroup.Status.DELETED).filter(collection__in=list(collection_ids)))


def _scope_of(collection_id: int) -> ScopeData:
    group = UserGroup.objects.select_related("scope").filter(collection=collection_id).first()
    if group is None:
        raise CollectionNotFound()
    return group.scope.data


def check_may_refresh(scope: ScopeData) -> None:
    """Raises FeatureDisabled where the feature is off, and WrongService in a service that only reads."""
    if getattr(settings, "SERVICE_VARIANT", None) not in (None, *settings.OPENEDX_USER_GROUPS_SERVICE_VARIANTS):
        raise WrongService()
    if not toggles.is_enabled(scope):
        raise FeatureDisabled()


def _settle_everyone(collection_id: int, token: int, runs: Runs, progress: Progress) -> None:
    excludes = groups_with_exclusions(runs.groups, runs.now)
    found = difference(runs.all_groups, runs.now, excludes)
    runs.read(found)
    progress(0, len(found.users))
    done = 0
    for users in batches(found.users):
        holders = [user for user in users if user in found.holders]
        runs.wrote(*in_transaction(partial(_settle_batch, collection_id, token, runs, users, holders)))
        done += len(users)
        progress(done, len(found.users))

    def finish() -> None:
        _prove(collection_id, token)
        _check_still_in_force(collection_id, runs.all_groups)
        runs.finish()

    in_transaction(finish)


def _settle_batch(
    collection_id: int, token: int, runs: Runs, users: list[int], holders: list[int]
) -> tuple[Counter[int], Counter[int]]:
    """Evaluate one batch again under the lock, and write what still holds."""
    _prove(collection_id, token)
    _check_still_in_force(collection_id, runs.all_groups)
    joined, left = apply(place(runs.all_groups, Answers(users, runs.now), holders), runs.now, runs.ids)
    # With the batch, so that the counts are right wherever the run is ended.
    count(joined, left)
    return joined, left


def _prove(collection_id: int, token: int) -> None:
    (collection,) = lease.lock([collection_id])
    lease.prove(collection, token)


def _check_still_in_force(collection_id: int, groups: Sequence[Definition]) -> None:
    """Raises LeaseLost when a definition was edited, paused or added since it was read."""
    kept = UserGroup.objects.exclude(status=UserGroup.Status.DELETED).filter(collection=collection_id)
    read = {(group.group_id, group.revision, group.status, group.priority) for group in groups}
    if set(kept.values_list("pk", "revision", "status", "priority")) != read:
        raise lease.LeaseLost(_("A group of the collection was edited meanwhile; refresh it again."))


def batches(users: Sequence[int]) -> Iterator[list[int]]:
    """The users in lots that are written in one transaction each."""
    for start in range(0, len(users), BATCH):
        yield list(users[start : start + BATCH])


def refresh_users(collection_ids: Iterable[int], users: Iterable[int]) -> None:
    """Bring some users into line in all these collections of one scope, each distinct leaf evaluated once.

    A group that cannot be evaluated is broken, and its collection stays as it is; the others go on. Raises
    FeatureDisabled and WrongService.
    """
    collections = sorted(set(collection_ids))
    if not collections:
        return
    check_may_refresh(_scope_of(collections[0]))
    for batch in batches(sorted(set(users))):
        _settle_or_leave_out(list(collections), batch)


def _settle_or_leave_out(collections: list[int], users: list[int]) -> None:
    while collections:
        try:
            return in_transaction(lambda: _settle_users(collections, users, timezone.now()))
        except CriterionError as error:
            log.error("User groups: %s", error)
            if error.group_id is None:
                raise
            mark_broken([error.group_id], str(error))
            broken = UserGroup.objects.values_list("collection_id", flat=True).get(pk=error.group_id)
            collections.remove(broken)
    return None


def _settle_users(collections: list[int], users: list[int], now: datetime) -> None:
    locked = lease.lock(collections)
    count(*apply(place(groups_of(collection.pk for collection in locked), Answers(users, now)), now))
