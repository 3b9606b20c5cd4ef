"""Undoing: the members are again who they were before the last refresh, and the groups are paused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from functools import partial

import attrs
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import batches
from ..evaluation.answers import Answers
from ..evaluation.definition import Definition, groups_of
from ..events import listening
from ..exceptions import WrongStatus
from ..models import GroupCollection, Membership, Origin, PastMembership, RefreshRun, UserGroup
from ..outbox.announcements import GROUP_UPDATED, announce_group
from ..retrying import in_transaction
from . import consequences, lease, schedule, write
from .placement import users_of
from .write import Place, Row, Users

Decision = RefreshRun.Decision
Outcome = RefreshRun.Outcome
Status = UserGroup.Status

UNDONE = "undone"
PUT_AWAY = (Status.ARCHIVED, Status.DELETED)


def undo(group: UserGroup, acting_user_id: int | None, run_id: int | None = None) -> None:
    """Undo the last refresh that changed a group, in all groups of its collection that it changed.

    With ``run_id`` only if it is this one.

    Whoever joined by it leaves, whoever left by it is back, unless they are in another group by now or have left the
    population. Raises WrongStatus. Stopped half-way, it goes on when it is called again.
    """
    runs = in_transaction(partial(_begin, group, acting_user_id, run_id))
    while in_transaction(partial(_take_out_some, group.collection_id, runs)):
        pass
    while in_transaction(partial(_put_back_some, group.collection_id, runs)):
        pass
    RefreshRun.objects.filter(pk__in=[run.pk for run in runs]).update(decided_at=timezone.now())
    # Another group of the collection may want those who had to leave.
    schedule.look_again(UserGroup.objects.filter(collection=group.collection_id).values_list("pk", flat=True))


def _begin(group: UserGroup, acting_user_id: int | None, run_id: int | None) -> list[RefreshRun]:
    """Pause the groups before anything is touched: no refresh writes in between."""
    lease.lock([group.collection_id])
    _check_may_change(group)
    runs = list(last(group))
    if not runs:
        raise WrongStatus(_("No refresh of the group has changed anything that could be undone."))
    if run_id is not None and run_id not in [run.pk for run in runs]:
        raise WrongStatus(_("There has been another refresh since; look at the group again."))
    GroupCollection.objects.filter(pk=group.collection_id).update(lease_expires=None)
    reason = _("The refresh of {instant} was undone.").format(instant=f"{runs[0].started:%Y-%m-%d %H:%M} UTC")
    active = UserGroup.objects.filter(pk__in=[run.group_id for run in runs], status=Status.ACTIVE)
    for group_id in list(active.values_list("pk", flat=True)):
        announce_group(GROUP_UPDATED, group_id)
    active.update(status=Status.PAUSED, status_reason=reason, next_due=None, modified=timezone.now())
    listening.changed()
    RefreshRun.objects.filter(pk__in=[run.pk for run in runs]).update(
        decision=Decision.UNDONE, decided_by=acting_user_id, decided_at=None
    )
    return runs


def _check_may_change(group: UserGroup) -> None:
    """As it is under the lock. Raises WrongStatus."""
    now = UserGroup.objects.get(pk=group.pk)
    if now.status in PUT_AWAY:
        raise WrongStatus(_("The group is {status}: its members cannot be changed.").format(status=now.status))
    if now.moving_to_id is not None or now.collection_id != group.collection_id:
        raise WrongStatus(_("The group is being moved to another collection; try again when that is over."))


def last(group: UserGroup) -> QuerySet[RefreshRun]:
    """The runs of the last refresh that wrote something to the group; also of one whose undoing was stopped.

    Not those of groups that are put away, or elsewhere, by now.
    """
    runs = RefreshRun.objects.filter(wrote(), collection=group.collection_id)
    stopped = runs.filter(group=group, decision=Decision.UNDONE, decided_at__isnull=True)
    newest = stopped.first() or runs.filter(group=group).order_by("-started", "-pk").first()
    if newest is None or (newest.decision == Decision.UNDONE and newest.decided_at is not None):
        return runs.none()
    here = UserGroup.objects.filter(collection=group.collection_id, moving_to=None).exclude(status__in=PUT_AWAY)
    return runs.filter(started=newest.started, lease_token=newest.lease_token, group__in=here)


def wrote() -> Q:
    """The condition of runs that wrote something: to the end, or before they failed or their worker died."""
    group = OuterRef("group")
    joined = Membership.objects.filter(group=group, joined_at=OuterRef("started"), origin=Origin.RULE)
    left = PastMembership.objects.filter(group=group, run=OuterRef("pk"))
    stopped = Q(outcome__in=(Outcome.FAILED, Outcome.SUPERSEDED), done__gt=0)
    return Q(outcome=Outcome.DONE) | (stopped & (Q(decision=Decision.UNDONE) | Exists(joined) | Exists(left)))


def _take_out_some(collection_id: int, runs: list[RefreshRun]) -> bool:
    """End the memberships that the refresh has written; those of an instant are those of its run."""
    lease.lock([collection_id])
    joined = Membership.objects.filter(
        group__in=[run.group_id for run in runs], joined_at__in=[runs[0].started], origin=Origin.RULE
    )
    columns = [field.name for field in attrs.fields(Row)]
    rows = [Row(*values) for values in joined.order_by("user_id").values_list(*columns)[: batches.SIZE]]
    write.end(rows, timezone.now())
    consequences.follow({}, users_of(rows), [UNDONE])
    return bool(rows)


def _put_back_some(collection_id: int, runs: list[RefreshRun]) -> bool:
    """Let those be in again who have left by the refresh, since when they were."""
    lease.lock([collection_id])
    past = list(PastMembership.objects.filter(run__in=runs).order_by("user_id")[: batches.SIZE])
    groups = {group.group_id: group for group in groups_of([collection_id])}
    alike: dict[tuple[int, str, datetime], list[int]] = defaultdict(list)
    for row in _welcome(past, groups):
        alike[row.group_id, row.origin, row.joined_at].append(row.user_id)
    joined: Users = defaultdict(list)
    for (group_id, origin, joined_at), users in alike.items():
        if written := write.insert({Place(group_id, collection_id): users}, Origin(origin), joined_at).get(group_id):
            joined[group_id] += written
    back = {(group_id, user) for group_id, users in joined.items() for user in users}
    ended = {row.pk for row in past if (row.group_id, row.user_id) not in back}
    PastMembership.objects.filter(pk__in=[row.pk for row in past if row.pk not in ended]).delete()
    # Who does not come back has been a member all the same.
    PastMembership.objects.filter(pk__in=sorted(ended)).update(run=None)
    consequences.follow(joined, {}, [UNDONE])
    return bool(past)


def _welcome(past: list[PastMembership], by_id: Mapping[int, Definition]) -> list[PastMembership]:
    """Those of former members who belong to the population and are not kept out."""
    if not past:
        return []
    answers = Answers([row.user_id for row in past], timezone.now())
    excluded = answers.excluded(list(by_id))
    return [
        row
        for row in past
        if (group := by_id.get(row.group_id)) is not None
        and row.user_id in answers.population(group.scope, group.parent_group_id)
        and row.user_id not in excluded.get(row.group_id, ())
    ]
