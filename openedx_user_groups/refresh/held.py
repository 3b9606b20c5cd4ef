"""Held refreshes: what they would have written is kept, and written or forgotten when somebody has decided."""

from __future__ import annotations

import logging

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import batches
from ..evaluation.answers import Answers
from ..evaluation.definition import groups_of
from ..evaluation.difference import Difference
from ..events import listening
from ..exceptions import CriterionError, FeatureDisabled, WrongStatus
from ..ids import IsAnyOf
from ..models import GroupCollection, HeldUser, RefreshRun, UserGroup
from ..platform import toggles
from ..retrying import in_transaction
from . import consequences, health, lease, schedule
from .placement import apply, place
from .recording import recorded
from .runs import Runs

log = logging.getLogger(__name__)

Decision = RefreshRun.Decision

APPROVED = "approved"


def keep(runs: Runs, found: Difference) -> None:
    """Keep what a refresh would write, batch by batch; nobody waits for it."""
    for group_id, run_id in runs.ids.items():
        for joins, users in ((False, found.leavers[group_id]), (True, found.joiners[group_id])):
            for batch in batches.batches(sorted(users)):
                rows = [HeldUser(run_id=run_id, user_id=user, joins=joins) for user in batch]
                HeldUser.objects.bulk_create(rows, batch_size=1_000)


def approve(run: RefreshRun, acting_user_id: int | None) -> None:
    """Let what was held be written, of everything that was held in the collection together.

    Writing is done by ``write_approved``. Raises WrongStatus and FeatureDisabled.
    """
    if not toggles.is_enabled(run.collection.scope.data):
        raise FeatureDisabled

    def act() -> None:
        health.mark_decided(_decide(run, Decision.APPROVED, acting_user_id))

    in_transaction(act)


def discard(run: RefreshRun, acting_user_id: int | None) -> None:
    """Forget what was held, and pause the groups, which would be held again by the next refresh. Raises WrongStatus."""

    def act() -> None:
        group_ids = _decide(run, Decision.DISCARDED, acting_user_id)
        health.mark_decided(group_ids)
        active = UserGroup.objects.filter(pk__in=group_ids, status=UserGroup.Status.ACTIVE)
        reason = _("A refresh that was held has been discarded.")
        active.update(status=UserGroup.Status.PAUSED, status_reason=reason, next_due=None, modified=timezone.now())
        listening.changed()
        HeldUser.objects.filter(run__in=list(_together(run))).delete()

    in_transaction(act)


def _decide(run: RefreshRun, decision: str, acting_user_id: int | None) -> list[int]:
    """The groups whose held runs are decided with this one; what one of them loses, another one gets."""
    lease.lock([run.collection_id])
    undecided = _together(run).filter(outcome=RefreshRun.Outcome.HELD, decision="")
    group_ids = list(undecided.values_list("group_id", flat=True))
    if run.group_id not in group_ids:
        raise WrongStatus(_("This refresh does not wait for a decision."))
    undecided.update(decision=decision, decided_by=acting_user_id, decided_at=timezone.now())
    return group_ids


def _together(run: RefreshRun) -> QuerySet[RefreshRun]:
    """The runs of the same refresh."""
    return RefreshRun.objects.filter(collection=run.collection_id, lease_token=run.lease_token)


def overtake(group_id: int) -> None:
    """Nobody decides any more about what is held of a group; who it was about is swept."""
    undecided = RefreshRun.objects.filter(group=group_id, outcome=RefreshRun.Outcome.HELD, decision="")
    undecided.update(decision=Decision.OVERTAKEN, decided_at=timezone.now())


def look_again(group: UserGroup) -> None:
    """A group that is put away holds up the others of its collection no longer."""
    if group.health == UserGroup.Health.HELD:
        others = UserGroup.objects.filter(collection=group.collection_id, health=UserGroup.Health.HELD)
        schedule.look_again(others.exclude(pk=group.pk).values_list("pk", flat=True))


def waiting_collections() -> list[int]:
    """The collections in which something approved is still to be written, and can be.

    What is broken heals first, and where the feature is off nothing is written.
    """
    approved = RefreshRun.objects.filter(decision=Decision.APPROVED, outcome=RefreshRun.Outcome.HELD)
    unwritten = approved.filter(Exists(HeldUser.objects.filter(run=OuterRef("pk"))))
    if not (found := set(unwritten.values_list("collection_id", flat=True))):
        return []
    ill = UserGroup.objects.filter(health=UserGroup.Health.BROKEN, status=UserGroup.Status.ACTIVE)
    found -= set(ill.filter(collection__in=found).values_list("collection_id", flat=True))
    rows = GroupCollection.objects.filter(pk__in=found).select_related("scope").order_by("pk")
    return [row.pk for row in rows if toggles.is_enabled(row.scope.data)]


def is_approved(collection_id: int) -> bool:
    """Whether something approved is still to be written in a collection."""
    return _approved(collection_id).exists()


def _approved(collection_id: int) -> QuerySet[HeldUser]:
    return HeldUser.objects.filter(run__collection=collection_id, run__decision=Decision.APPROVED)


def write_approved(collection_id: int) -> None:
    """Write what was approved, of those who still qualify, and of nobody else; goes on where it was stopped.

    A group that cannot be evaluated now is broken, and the rest is written when it has healed.
    """
    try:
        while in_transaction(lambda: _write_some(collection_id)):
            pass
    except CriterionError as error:
        if error.group_id is None:
            raise
        log.error("User groups: %s", error)
        health.mark_broken([error.group_id], str(error))


def _write_some(collection_id: int) -> bool:
    lease.lock([collection_id])
    kept = _approved(collection_id)
    # All of a user at once: whoever moves leaves one group and joins another.
    users = list(kept.order_by("user_id").values_list("user_id", flat=True).distinct()[: batches.SIZE])
    if not users:
        return False
    rows = list(kept.filter(IsAnyOf("user_id", users)).select_related("run"))
    now, groups = timezone.now(), groups_of([collection_id])
    moves = place(groups, Answers(users, now))
    moves.only(
        joins={(row.run.group_id, row.user_id) for row in rows if row.joins},
        leaves={(row.run.group_id, row.user_id) for row in rows if not row.joins},
    )
    # One instant for all batches of an approval: they are one refresh, and are undone together.
    approved = rows[0].run
    at = approved.decided_at or now
    runs = recorded(groups, moves, [APPROVED], at, approved=approved)
    joined, left = apply(moves, at, runs)
    consequences.follow(joined, left, [APPROVED], runs)
    HeldUser.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return True
