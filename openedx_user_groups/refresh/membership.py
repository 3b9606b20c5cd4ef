"""Membership: refresh brings the stored members of groups into line with their rules.

A whole collection, or some users of several: difference, then short batches under the lock of the collection.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from ..batches import batches
from ..data import RunData, ScopeData
from ..evaluation.answers import Answers
from ..evaluation.definition import Definition, groups_of
from ..evaluation.difference import Difference, difference
from ..exceptions import CollectionNotFound, CriterionError, FeatureDisabled, RefreshInProgress
from ..models import GroupCollection, UserGroup
from ..platform import toggles
from ..platform.services import check_service
from ..retrying import in_transaction, is_passing
from . import consequences, drawing, guard, held, lease, waiting
from .placement import apply, place
from .runs import UNASKED, Edited, Request, Runs, counted

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]


def refresh(
    collection_id: int, asked: Request = UNASKED, *, progress: Progress | None = None, if_waiting: bool = False
) -> tuple[RunData, ...]:
    """Bring all active dynamic groups of a collection into line, for everyone; one run for each of them.

    With ``if_waiting`` only if a run of it waits that no other refresh has taken over. A rule that cannot be evaluated
    stops the collection before anything is written: its runs have failed, and the health of the group says why. In a
    random collection newcomers are drawn. Raises CollectionNotFound, RefreshInProgress, FeatureDisabled, WrongService.
    """
    waits = waiting.runs_of([collection_id]).exists
    if if_waiting and not waits():
        return ()
    group = _first_of(collection_id)
    check_may_refresh(group.scope.data)
    ran = _refresh(collection_id, asked, progress or _unwatched, if_waiting)
    # Whoever asked for a refresh while this one held the lease has been waiting for its end.
    while waits():
        try:
            _refresh(collection_id, UNASKED, _unwatched, if_waiting=True)
        except RefreshInProgress:
            # It does the same when it ends.
            break
    if group.collection.kind == GroupCollection.Kind.RANDOM:
        drawing.draw(collection_id)
    return ran


def _refresh(collection_id: int, asked: Request, progress: Progress, if_waiting: bool) -> tuple[RunData, ...]:
    # Another refresh may have taken over what waits at the last moment.
    waits = waiting.runs_of([collection_id]).exists
    token = lease.acquire(collection_id, waits) if if_waiting else lease.acquire(collection_id)
    if token is None:
        return ()
    try:
        # Read under the lease, so that what is in force now is what will be written.
        groups = groups_of([collection_id])
        if any(group.health == UserGroup.Health.BROKEN for group in groups):
            # What was approved before it broke is not judged once more.
            held.write_approved(collection_id)
            groups = groups_of([collection_id])
        runs = Runs(collection_id, groups, token, asked)
        _run(collection_id, token, runs, progress)
        return runs.data()
    except lease.LeaseLost:
        # Ended before it began, as by a group that was moved: what there is now is read again.
        return _refresh(collection_id, asked, progress, if_waiting)
    finally:
        lease.release(collection_id, token)


def _run(collection_id: int, token: int, runs: Runs, progress: Progress) -> None:
    try:
        _settle_everyone(collection_id, token, runs, progress)
    except lease.LeaseLost as error:
        runs.supersede(error.message)
    except Edited as error:
        runs.put_back(error.message)
    except CriterionError as error:
        log.error("User groups: %s", error)
        _fail(collection_id, token, runs, error)
    except DatabaseError as error:
        log.exception("User groups: the refresh of collection %s failed.", collection_id)
        if not connection.in_atomic_block:
            # One that was cut is opened again, so that the run and the lease can be ended.
            connection.close_if_unusable_or_obsolete()
        if is_passing(error):
            # Such as a deadlock: it says nothing about the group, and the next refresh will do.
            return runs.stop(_("The database refused: {error}").format(error=error))
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
    except Edited as edited:
        runs.put_back(f"{edited.message} {error}")


def _unwatched(done: int, total: int) -> None:
    """Nobody wants to know how far it is."""


def _first_of(collection_id: int) -> UserGroup:
    """A group of a collection, with its scope; even one that is deleted."""
    group = UserGroup.objects.select_related("scope", "collection").filter(collection=collection_id).first()
    if group is None:
        raise CollectionNotFound()
    return group


def check_may_refresh(scope: ScopeData) -> None:
    """Raises FeatureDisabled where the feature is off, and WrongService in a service that only reads."""
    check_service()
    if not toggles.is_enabled(scope):
        raise FeatureDisabled()


def _settle_everyone(collection_id: int, token: int, runs: Runs, progress: Progress) -> None:
    found, agreed, too_many = _judged(collection_id, token, runs)
    if too_many and held.is_approved(collection_id):
        # Whoever approved it has not come to writing it: that is not judged once more, but written first.
        held.write_approved(collection_id)
        found, agreed, too_many = _judged(collection_id, token, runs)
    if too_many:
        _hold(collection_id, token, runs, found, too_many)
    else:
        runs.agree(agreed)
        _write(collection_id, token, runs, found, progress)


def _judged(collection_id: int, token: int, runs: Runs) -> tuple[Difference, list[Definition], Mapping[int, str]]:
    """The difference; the groups whose loss somebody has agreed to, and those that would lose too many, with why."""
    found = difference(runs.all_groups, runs.now, lease.keeper(collection_id, token))
    runs.read(found)
    leaving = found.leaving
    agreed = [group for group in runs.groups if guard.is_agreed(group, leaving[group.group_id])]
    unseen = [group for group in runs.groups if group not in agreed]
    return found, agreed, guard.exceeding(unseen, leaving, runs.now)


def _write(collection_id: int, token: int, runs: Runs, found: Difference, progress: Progress) -> None:
    total = len(found.users)
    runs.settle(0, total)
    runs.settled(0, total)
    progress(0, total)
    done = 0
    for users in batches(found.users):
        holders = [user for user in users if user in found.holders]
        done += len(users)
        runs.wrote(*in_transaction(partial(_settle_batch, collection_id, token, runs, users, holders, done, total)))
        runs.settled(done, total)
        progress(done, total)

    def finish() -> None:
        _prove(collection_id, token)
        _check_still_in_force(collection_id, runs.all_groups)
        runs.finish()

    in_transaction(finish)


def _settle_batch(
    collection_id: int, token: int, runs: Runs, users: list[int], holders: list[int], done: int, total: int
) -> tuple[Counter[int], Counter[int]]:
    """Evaluate one batch again under the lock, and write what still holds."""
    _prove(collection_id, token)
    _check_still_in_force(collection_id, runs.all_groups)
    joined, left = apply(place(runs.all_groups, Answers(users, runs.now), holders), runs.now, runs.ids)
    consequences.follow(joined, left, runs.causes, runs.ids, settled=done - len(users))
    runs.settle(done, total)
    return counted(joined), counted(left)


def _hold(collection_id: int, token: int, runs: Runs, found: Difference, reasons: Mapping[int, str]) -> None:
    """Write nothing but what would have been written, for somebody to decide."""
    held.keep(runs, found)

    def hold() -> None:
        _prove(collection_id, token)
        _check_still_in_force(collection_id, runs.all_groups)
        runs.hold(reasons)

    in_transaction(hold)


def _prove(collection_id: int, token: int) -> None:
    (collection,) = lease.lock([collection_id])
    lease.prove(collection, token)


def _check_still_in_force(collection_id: int, groups: Sequence[Definition]) -> None:
    """Raises Edited when a definition was edited, paused or added since it was read."""
    kept = UserGroup.objects.exclude(status=UserGroup.Status.DELETED).filter(collection=collection_id)
    read = {(group.group_id, group.revision, group.status, group.priority) for group in groups}
    if set(kept.values_list("pk", "revision", "status", "priority")) != read:
        raise Edited(_("A group of the collection was edited meanwhile; refresh it again."))
