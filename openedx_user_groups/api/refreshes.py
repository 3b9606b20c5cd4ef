"""Refreshes: asked for, watched, checked."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q, QuerySet
from django.utils import timezone

from .. import tasks
from ..criteria.base import NOBODY, Asker
from ..data import GroupDrift, RunData, ScopeData
from ..evaluation.matching import users_where
from ..models import HeldUser, RefreshRun, UserGroup
from ..platform import services
from ..refresh import conditions, drift, due, held, membership, settling, undoing, waiting, watching
from ..refresh.conditions import Backlog, Unwell
from ..refresh.membership import Progress
from ..refresh.runs import Request
from . import presentation
from .found import collection_row, group_row, id_of, run_row


def refresh(
    group: UUID | str,
    *,
    users: Iterable[int] | None = None,
    cause: str = "request",
    progress: Progress | None = None,
    acting_user: AbstractBaseUser | None = None,
) -> RunData | None:
    """Bring the members of a group into line with its rule now, together with its whole collection.

    The run of this group; None for a group that is not refreshed (static, or not active) and with ``users``, ids
    that alone are looked at. Raises GroupNotFound, RefreshInProgress and FeatureDisabled. A rule that cannot be
    evaluated raises nothing: the outcome is "failed", and the members stay.
    """
    row = group_row(group)
    if users is not None:
        membership.check_may_refresh(row.scope.data)
        settling.settle([row.collection_id], users, [cause])
        return None
    asked = Request((cause,), acting_user.pk if acting_user else None)
    ran = membership.refresh(row.collection_id, asked, progress=progress)
    return next((run for run in ran if run.group_uuid == row.uuid), None)


def refresh_collection(
    collection: UUID | str,
    *,
    cause: str = "request",
    progress: Progress | None = None,
    acting_user: AbstractBaseUser | None = None,
) -> tuple[RunData, ...]:
    """The same for all groups of a collection: a run for each that is refreshed."""
    asked = Request((cause,), acting_user.pk if acting_user else None)
    return membership.refresh(collection_row(collection).pk, asked, progress=progress)


def request_refresh(
    group: UUID | str, *, cause: str = "request", acting_user: AbstractBaseUser | None = None
) -> RunData:
    """Let a worker refresh a group with its collection; the run that waits for it, the same one if one waits already.

    Raises GroupNotFound, FeatureDisabled, WrongService, and WrongStatus for a group that is not refreshed.
    """
    row = group_row(group)
    membership.check_may_refresh(row.scope.data)
    waits = waiting.wait(row.pk, [cause], acting_user.pk if acting_user else None)
    (data,) = runs_data(runs_of(group).filter(pk=waits.pk))
    tasks.send_refresh(row.collection_id, waits.pk)
    return data


def approve_refresh(run: UUID | str, *, acting_user: AbstractBaseUser | None = None) -> None:
    """Write what a held refresh would have written, of those who still qualify, in its whole collection.

    In a service that does not refresh groups the next drain of the one that does writes it. Raises RunNotFound,
    FeatureDisabled, and WrongStatus when it does not wait for a decision.
    """
    row = run_row(run)
    held.approve(row, id_of(acting_user))
    if services.refreshes():
        held.write_approved(row.collection_id)


def discard_refresh(run: UUID | str, *, acting_user: AbstractBaseUser | None = None) -> None:
    """Forget what a held refresh would have written, and pause its groups. Raises RunNotFound and WrongStatus."""
    held.discard(run_row(run), id_of(acting_user))


def held_users(run: UUID | str, *, joins: bool) -> QuerySet[AbstractBaseUser]:
    """Who would join, or else leave, the group by a held refresh, in no order. Raises RunNotFound."""
    kept = HeldUser.objects.filter(run=run_row(run), joins=joins)
    return users_where(Q(pk__in=kept.values("user_id")))


def undo_refresh(
    group: UUID | str, *, run: UUID | str | None = None, acting_user: AbstractBaseUser | None = None
) -> None:
    """Let the members be again who they were before the last refresh that changed any, and pause the group.

    The same in the groups of its collection that the refresh has changed. With ``run`` no other refresh than this one
    is undone. Raises GroupNotFound, RunNotFound and WrongStatus.
    """
    undoing.undo(group_row(group), id_of(acting_user), None if run is None else run_row(run).pk)


def runs_of(group: UUID | str) -> QuerySet[RefreshRun]:
    """The runs of a group, newest first."""
    found = RefreshRun.objects.filter(group=group_row(group))
    return found.select_related("group", "collection").order_by("-requested")


def runs_data(rows: Iterable[RefreshRun], *, group: UUID | str | None = None, asker: Asker = NOBODY) -> list[RunData]:
    """What ``runs_of`` gives, as frozen data; with their ``group``, only as much as ``asker`` may see of its rule."""
    data = [watching.run_data(row, timezone.now()) for row in rows]
    return data if group is None else presentation.told_runs(data, group_row(group), asker)


def unwell_groups(*, scope: ScopeData | None = None) -> list[Unwell]:
    """The active dynamic groups, of one scope or of all, that are broken, held, stale or overdue."""
    return conditions.unwell(timezone.now(), scope)


def backlog() -> Backlog | None:
    """What has happened long ago and is not dealt with yet; None where nothing waits."""
    return conditions.backlog(timezone.now())


def groups_to_refresh(*, scope: ScopeData | None = None, due_only: bool = False) -> list[UserGroup]:
    """The active dynamic groups, of one scope or of all, by collection; ``due_only`` leaves out what is fresh."""
    if due_only:
        return due.due_groups(timezone.now(), scope)
    return list(due.groups_to_refresh(scope))


def check_group(group: UUID | str) -> GroupDrift | None:
    """How the stored members differ from a new evaluation; None for a group that is not refreshed. Writes nothing."""
    row = group_row(group)
    found = drift.drift_of(row.collection_id, timezone.now())
    return next((one for one in found if one.group_uuid == row.uuid), None)


def check_collection(collection: UUID | str) -> tuple[GroupDrift, ...]:
    """The same for all groups of a collection that are refreshed."""
    return tuple(drift.drift_of(collection_row(collection).pk, timezone.now()))
