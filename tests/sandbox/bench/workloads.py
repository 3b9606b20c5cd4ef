"""Workloads: first fill, a refresh that changes nothing, one percent of churn, one user."""

import gc
from collections.abc import Callable
from statistics import median
from typing import Any
from uuid import UUID, uuid4

from openedx_user_groups import api
from openedx_user_groups.models import Membership, UserGroup
from tests.sandbox.bench import floors
from tests.sandbox.bench.course import FIRST_ID, RULE, BenchCourse
from tests.sandbox.bench.samples import Sample, sample

Samples = dict[str, list[Sample]]


class Workloads:
    """The work to be compared, on one course; each way in turn, so that all meet the same weather."""

    def __init__(self, course: BenchCourse, repetitions: int) -> None:
        self.course = course
        self.repetitions = repetitions
        self.made: list[UUID] = []

    def group(self) -> UUID:
        """A new group with the rule, active and empty."""
        made = api.create_group(api.course_scope(self.course.key), name=f"Bench {uuid4()}", rule=RULE)
        api.activate_group(made.uuid)
        self.made.append(made.uuid)
        return made.uuid

    def clean(self, keep: int = 0) -> None:
        """Take away the groups that were made, but the first ones; with their rows, for nobody wants their history."""
        for uuid in self.made[keep:]:
            row = UserGroup.objects.get(uuid=uuid)
            Membership.objects.filter(group=row).delete()
            api.delete_group(uuid)
        del self.made[keep:]

    def fill(self) -> Samples:
        """Fill an empty group."""
        keep = len(self.made)

        def ours() -> Any:
            group = self.group()
            return lambda: _refreshed(group)

        def floor() -> Any:
            group = self.group()
            return lambda: floors.insert_select(group)

        return self._interleaved({"refresh": ours, "INSERT ... SELECT": floor}, after=lambda: self.clean(keep))

    def same(self, group: UUID) -> Samples:
        """Refresh a full group that has nothing to change."""
        return self._interleaved(
            {
                "refresh": lambda: lambda: _refreshed(group),
                "SELECT ids": lambda: lambda: floors.select_ids(group),
                "delete and insert all": lambda: lambda: floors.delete_and_insert(group),
            }
        )

    def churn(self, group: UUID) -> Samples:
        """Refresh a full group after one learner in a hundred has changed."""
        rounds = iter(range(1, self.repetitions + 1))

        def ours() -> Any:
            self.course.churn(next(rounds))
            return lambda: _refreshed(group)

        return self._interleaved({"refresh": ours, "SELECT ids": lambda: lambda: floors.select_ids(group)})

    def one_user(self, group: UUID) -> Samples:
        """Refresh one user of a full group."""
        return self._interleaved({"refresh": lambda: lambda: api.refresh(group, users=[FIRST_ID])})

    def _interleaved(
        self, ways: dict[str, Callable[[], Callable[[], Any]]], after: Callable[[], None] = lambda: None
    ) -> Samples:
        samples: Samples = {name: [] for name in ways}
        for _ in range(self.repetitions):
            for name, prepare in ways.items():
                work = prepare()
                # What the child shares with its parent is not looked through, and so not copied, by its collector.
                gc.collect()
                gc.freeze()
                samples[name].append(sample(work))
                after()
        return samples


def _refreshed(group: UUID) -> str:
    run = api.refresh(group)
    assert run is not None
    if run.outcome not in ("done", "nothing"):
        raise SystemExit(f"The refresh ended as {run.outcome}: {run.error}")
    return f"+{run.joined} -{run.left}"


def middle(samples: list[Sample]) -> Sample:
    """The median of each figure."""
    return Sample(
        median(one.seconds for one in samples),
        max(one.megabytes for one in samples),
        samples[-1].queries,
        samples[-1].result,
    )
