"""Compares the refresh of a large group with what the database can do at best, and events with plainer ways."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection
from tqdm import tqdm

from openedx_user_groups import api
from tests.sandbox.bench import rates
from tests.sandbox.bench.course import BenchCourse
from tests.sandbox.bench.delays import delays
from tests.sandbox.bench.waits import longest_wait
from tests.sandbox.bench.workloads import Samples, Workloads, middle

PARTS = ("refresh", "events", "delays")


class Command(BaseCommand):
    """Prints medians, ratios to the floors, peaks of memory and queries, for the database of DATABASE_URL."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--learners", type=int, default=100_000, help="size of the course; about half match")
        parser.add_argument("--repetitions", type=int, default=5, help="samples of each piece of work")
        parser.add_argument("--groups", type=int, default=1_000, help="groups of a scope that hear of one event")
        parser.add_argument("--events", type=int, default=1_000, help="events of which the delays are measured")
        parser.add_argument("--per-second", type=int, default=50, help="how many of these there are in a second")
        parser.add_argument("--only", choices=PARTS, action="append", help="a part that is run alone, or several")

    def handle(self, *args: Any, only: list[str] | None, **options: Any) -> None:
        for part in only or PARTS:
            getattr(self, f"_{part}")(**options)

    def _events(self, groups: int, repetitions: int, **options: Any) -> None:
        course = rates.CrowdedCourse(groups)
        try:
            ours, plain, statements = rates.one_event(course, repetitions)
        finally:
            course.clean()
        title = f"{connection.display_name}, one event, {groups} groups"
        self._compare(title, ours, f"{statements} statements", plain, "one group after the other")
        course = rates.CrowdedCourse(groups // 10)
        try:
            together, alone = rates.many_events(course, single=50)
        finally:
            course.clean()
        title = f"{connection.display_name}, {rates.LEARNERS} events, {groups // 10} groups"
        self._compare(title, together, "one drain", alone, "as many drains")
        heard, deaf = rates.unheard_event(saves=300)
        self._compare(f"{connection.display_name}, a save that no group hears", heard, "heard", deaf, "a bare save")

    def _compare(self, title: str, ours: float, how: str, other: float, what: str) -> None:
        ratio = f"1/{other / ours:.1f}" if ours < other else f"{ours / other:.2f} x"
        self.stdout.write(f"{title}: {ours * 1000:.2f} ms ({how}), {ratio} of {other * 1000:.2f} ms ({what})")

    def _delays(self, events: int, per_second: int, **options: Any) -> None:
        taken = delays(min(events, rates.LEARNERS), per_second)
        p50, p95 = (taken[int(len(taken) * share)] for share in (0.5, 0.95))
        self.stdout.write(
            f"{connection.display_name}, one worker, {len(taken)} events at {per_second} a second: "
            f"seen after {p50:.2f} s (p50), {p95:.2f} s (p95), {taken[-1]:.2f} s (max)"
        )

    def _refresh(self, learners: int, repetitions: int, **options: Any) -> None:
        course = BenchCourse(learners)
        with tqdm(total=learners, desc="Seeding", disable=None) as bar:
            course.seed(bar.update)
        work = Workloads(course, repetitions)
        self.stdout.write(f"{connection.display_name}, a course of {learners} learners, medians of {repetitions}\n")
        self.stdout.write(
            f"{'work':<8} {'way':<22} {'ms':>9} {'refresh is':>15} {'peak MB':>8} {'queries':>8}  members"
        )
        try:
            # First, so that every sample starts from a process that has refreshed before, as a worker has.
            group = work.group()
            wait = longest_wait(course, lambda: api.refresh(group))
            self._report("fill", work.fill())
            self._report("same", work.same(group))
            self._report("churn", work.churn(group))
            self._report("one user", work.one_user(group))
            self.stdout.write(f"While a group is filled, a member's log-in waits {wait * 1000:.0f} ms at the longest.")
        finally:
            work.clean()
            course.reset()

    def _report(self, work: str, samples: Samples) -> None:
        ours = middle(samples["refresh"]).seconds
        for way, taken in samples.items():
            one = middle(taken)
            ratio = "" if way == "refresh" else f"{ours / one.seconds:.2f} x as long"
            self.stdout.write(
                f"{work:<8} {way:<22} {one.seconds * 1000:>9.1f} {ratio:>15} {one.megabytes:>8.1f} {one.queries:>8}"
                f"  {one.result if one.result is not None else ''}"
            )
