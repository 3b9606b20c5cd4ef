"""Runs: the record of a refresh, one per refreshed group of the collection, and what it says of the group's health.

A run may have been waiting since somebody asked for it; then the refresh that begins takes it over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

import attrs
from django.db.models import QuerySet
from django.utils import timezone

from ..data import RunData
from ..evaluation.counting import count_members
from ..evaluation.definition import Definition, load
from ..evaluation.difference import Difference
from ..exceptions import CriterionError, UserGroupsError, WrongStatus
from ..models import HeldUser, RefreshRun, UserGroup
from ..retrying import in_transaction
from . import health, lease, saying, schedule, waiting
from .watching import run_data
from .write import Users

Outcome = RefreshRun.Outcome
Decision = RefreshRun.Decision


@attrs.frozen
class Request:
    """Why somebody wants a refresh, and who, by user id."""

    causes: tuple[str, ...] = ()
    user_id: int | None = None


UNASKED = Request()


class Edited(UserGroupsError):
    """A group of the collection is no longer what it was when the refresh began."""


class Runs:
    """The runs of one refresh of a collection; ``now`` is the instant that all of its criteria go by."""

    def __init__(self, collection_id: int, groups: Sequence[Definition], token: int, asked: Request) -> None:
        self.collection_id = collection_id
        self.all_groups = groups
        self.groups = [group for group in groups if group.is_refreshed]
        self.now = timezone.now()
        self.joined: Counter[int] = Counter()
        self.left: Counter[int] = Counter()
        self.token = token
        in_transaction(lambda: self._begin(asked))
        # Read again: MySQL does not tell the ids of rows written together.
        self.rows = {row.group_id: row for row in self._stored().select_related("group", "collection")}

    def _begin(self, asked: Request) -> None:
        # Under the lock, for whoever asks for a refresh right now adds to a run that still waits. And with the lease,
        # for whoever has ended it may have asked for what waits now.
        (collection,) = lease.lock([self.collection_id])
        lease.prove(collection, self.token)
        waits = {row.group_id: row for row in waiting.runs_of([self.collection_id])}
        known: list[RefreshRun] = []
        new: list[RefreshRun] = []
        for group in self.groups:
            row = waits.pop(group.group_id, None)
            (new if row is None else known).append(self._started(row, group, asked))
        RefreshRun.objects.bulk_create(new)
        RefreshRun.objects.bulk_update(known, ["causes", "requested_by", "revision", "lease_token", "started"])
        # As they are now: what was activated since the groups were read goes on waiting, for the next refresh.
        kept = {group.group_id for group in load(UserGroup.objects.filter(pk__in=list(waits))) if group.is_refreshed}
        waiting.give_up([waits[pk] for pk in waits.keys() - kept], str(waiting.NOT_REFRESHED))

    def _started(self, row: RefreshRun | None, group: Definition, asked: Request) -> RefreshRun:
        if row is None:
            row = RefreshRun(group_id=group.group_id, collection_id=group.collection_id, requested=self.now)
        row.causes = waiting.in_order([*row.causes, *asked.causes]) or [waiting.UNNAMED]
        row.requested_by_id = asked.user_id or row.requested_by_id
        row.revision, row.lease_token, row.started = group.revision, self.token, self.now
        return row

    def _stored(self) -> QuerySet[RefreshRun]:
        return RefreshRun.objects.filter(collection=self.collection_id, lease_token=self.token)

    @property
    def ids(self) -> dict[int, int]:
        """The id of the run of each group."""
        return {group_id: row.pk for group_id, row in self.rows.items()}

    @property
    def causes(self) -> list[str]:
        """Why the groups are refreshed, all causes together."""
        return waiting.in_order(cause for row in self.rows.values() for cause in row.causes)

    def read(self, found: Difference) -> None:
        """Note what the difference says of each group."""
        for group_id, row in self.rows.items():
            row.matched, row.lost_claims = found.matched[group_id], found.lost[group_id]

    def agree(self, groups: Iterable[Definition]) -> None:
        """Note who has approved of these groups losing so many members, before the refresh began."""
        for group in groups:
            row = self.rows[group.group_id]
            row.decision, row.decided_by_id, row.decided_at = Decision.APPROVED, group.agreed_by_id, self.now

    def settle(self, done: int, total: int) -> None:
        """Let whoever watches know how many users are settled, of all whose place is not right yet."""
        if total:
            self._stored().update(done=done, total=total)

    def settled(self, done: int, total: int) -> None:
        """The same, once it is written for good."""
        for row in self.rows.values():
            row.done, row.total = done, total

    def wrote(self, joined: Counter[int], left: Counter[int]) -> None:
        """Count what one batch wrote."""
        self.joined += joined
        self.left += left

    def finish(self) -> None:
        """All batches are written: the groups are up to date."""
        members = count_members(self.all_groups, self.now)
        for group_id, row in self.rows.items():
            row.outcome = Outcome.DONE if self.joined[group_id] or self.left[group_id] else Outcome.NOTHING
        self._close()
        groups = [UserGroup(pk=group.group_id, member_count=members[group.group_id]) for group in self.all_groups]
        UserGroup.objects.bulk_update(groups, ["member_count"])
        self._overtake()
        health.mark_ok(self.groups, self.now)

    def hold(self, reasons: Mapping[int, str]) -> None:
        """Too many would leave these groups: nothing is written until somebody decides about all of the collection."""
        for group_id, row in self.rows.items():
            row.outcome = Outcome.HELD
            row.error = reasons.get(group_id) or saying.kept(saying.OTHER_HELD)
        self._close()
        self._overtake()
        health.mark_held({group_id: row.error for group_id, row in self.rows.items()})

    def _overtake(self) -> None:
        """What earlier refreshes held is no longer to be decided."""
        held = RefreshRun.objects.filter(collection=self.collection_id, outcome=Outcome.HELD, decision="")
        ids = list(held.exclude(lease_token=self.token).values_list("pk", flat=True))
        if ids:
            RefreshRun.objects.filter(pk__in=ids).update(decision=Decision.OVERTAKEN, decided_at=timezone.now())
            HeldUser.objects.filter(run__in=ids).delete()

    def supersede(self, reason: str) -> None:
        """Something newer is in force: no more is written."""
        for row in self.rows.values():
            row.outcome, row.error = Outcome.SUPERSEDED, reason
        self._close()

    def put_back(self, reason: str) -> None:
        """A group was edited meanwhile: no more is written, and whoever has asked for a refresh waits for the next."""
        in_transaction(lambda: self._put_back(reason))

    def _put_back(self, reason: str) -> None:
        self.supersede(reason)
        for group_id, row in self.rows.items():
            if row.requested < self.now:
                with suppress(WrongStatus):
                    waiting.wait(group_id, row.causes, row.requested_by_id)

    def stop(self, reason: str) -> None:
        """Ended from outside; what is written stays, and the next run, which is due soon, does the rest."""
        for row in self.rows.values():
            row.outcome, row.error = Outcome.FAILED, reason
        in_transaction(self._stop)

    def _stop(self) -> None:
        self._close()
        schedule.try_again(self.rows)

    def fail(self, error: CriterionError | str) -> None:
        """Stopped by an error; the members stay as they are, and the group that caused it is broken."""
        culprit = error.group_id if isinstance(error, CriterionError) else None
        reason = str(error)
        for group_id, row in self.rows.items():
            row.outcome = Outcome.FAILED
            row.error = reason if culprit in (None, group_id) else saying.kept(saying.OTHER_BROKEN)
        self._close()
        health.mark_broken(list(self.rows) if culprit is None else [culprit], reason)

    def _close(self) -> None:
        for group_id, row in self.rows.items():
            row.finished = timezone.now()
            row.joined, row.left = self.joined[group_id], self.left[group_id]
        fields = ["finished", "outcome", "error", "matched", "joined", "left", "lost_claims", "done", "total"]
        fields += ["decision", "decided_by", "decided_at"]
        RefreshRun.objects.bulk_update(self.rows.values(), fields)

    def data(self) -> tuple[RunData, ...]:
        """What happened, as outsiders see it."""
        return tuple(run_data(self.rows[group.group_id], self.now) for group in self.groups)


def counted(users: Users) -> Counter[int]:
    """How many users there are of each group."""
    return Counter({group_id: len(ids) for group_id, ids in users.items()})
