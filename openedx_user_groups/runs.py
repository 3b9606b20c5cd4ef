"""Runs: the record of a refresh, one per refreshed group of the collection, and what it says of the group's health."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from .counting import count_members
from .data import RunData
from .definition import Definition
from .difference import Difference
from .exceptions import CriterionError
from .models import RefreshRun, UserGroup

Outcome = RefreshRun.Outcome
Health = UserGroup.Health


class Runs:
    """The runs of one refresh of a collection; ``now`` is the instant that all of its criteria go by."""

    def __init__(self, groups: Sequence[Definition], token: int, causes: Sequence[str]) -> None:
        self.all_groups = groups
        self.groups = [group for group in groups if group.is_refreshed]
        self.now = timezone.now()
        self.joined: Counter[int] = Counter()
        self.left: Counter[int] = Counter()
        RefreshRun.objects.bulk_create(
            RefreshRun(
                group_id=group.group_id,
                collection_id=group.collection_id,
                causes=list(causes),
                revision=group.revision,
                lease_token=token,
                started=self.now,
            )
            for group in self.groups
        )
        # Read again: MySQL does not tell the ids of rows written together.
        collections = {group.collection_id for group in groups}
        self.rows = {r.group_id: r for r in RefreshRun.objects.filter(collection__in=collections, lease_token=token)}

    @property
    def ids(self) -> dict[int, int]:
        """The id of the run of each group."""
        return {group_id: row.pk for group_id, row in self.rows.items()}

    def read(self, found: Difference) -> None:
        """Note what the difference says of each group."""
        for group_id, row in self.rows.items():
            row.matched, row.lost_claims = found.matched[group_id], found.lost[group_id]

    def wrote(self, joined: Counter[int], left: Counter[int]) -> None:
        """Count what one batch wrote."""
        self.joined += joined
        self.left += left

    def finish(self) -> None:
        """All batches are written: the groups are up to date."""
        counted = count_members(self.all_groups, self.now)
        for group_id, row in self.rows.items():
            row.outcome = Outcome.DONE if self.joined[group_id] or self.left[group_id] else Outcome.NOTHING
        self._close()
        refreshed = set(self.rows)
        groups = [UserGroup(pk=group.group_id, member_count=counted[group.group_id]) for group in self.all_groups]
        UserGroup.objects.bulk_update(groups, ["member_count"])
        UserGroup.objects.filter(pk__in=refreshed).update(health=Health.OK, health_reason="", last_refreshed=self.now)

    def supersede(self, reason: str) -> None:
        """Something newer is in force: no more is written."""
        for row in self.rows.values():
            row.outcome, row.error = Outcome.SUPERSEDED, reason
        self._close()

    def stop(self, reason: str) -> None:
        """Ended from outside; what is written stays, and the next run does the rest."""
        for row in self.rows.values():
            row.outcome, row.error = Outcome.FAILED, reason
        self._close()

    def fail(self, error: CriterionError | str) -> None:
        """Stopped by an error; the members stay as they are, and the group that caused it is broken."""
        culprit = error.group_id if isinstance(error, CriterionError) else None
        reason = str(error)
        for group_id, row in self.rows.items():
            row.outcome = Outcome.FAILED
            row.error = reason if culprit in (None, group_id) else _("Another group of the collection is broken.")
        self._close()
        mark_broken(list(self.rows) if culprit is None else [culprit], reason)

    def _close(self) -> None:
        for group_id, row in self.rows.items():
            row.finished = timezone.now()
            row.joined, row.left = self.joined[group_id], self.left[group_id]
        fields = ["finished", "outcome", "error", "matched", "joined", "left", "lost_claims"]
        RefreshRun.objects.bulk_update(self.rows.values(), fields)

    def data(self) -> tuple[RunData, ...]:
        """What happened, as outsiders see it."""
        return tuple(run_data(self.rows[group.group_id], group) for group in self.groups)


def mark_broken(group_ids: Sequence[int], reason: str) -> None:
    """Say of groups that they cannot be refreshed, and why; their members stay."""
    UserGroup.objects.filter(pk__in=group_ids).update(health=Health.BROKEN, health_reason=reason)


def run_data(row: RefreshRun, group: Definition) -> RunData:
    """A run as frozen data."""
    return RunData(
        group_uuid=group.uuid,
        outcome=str(row.outcome),
        matched=row.matched,
        joined=row.joined,
        left=row.left,
        lost_claims=row.lost_claims,
        error=row.error,
        started=row.started,
        finished=row.finished,
    )
