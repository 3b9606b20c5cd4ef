"""Compares the refresh of a large group with what the database can do at best."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection
from tqdm import tqdm

from openedx_user_groups import api
from tests.sandbox.bench.course import BenchCourse
from tests.sandbox.bench.waits import longest_wait
from tests.sandbox.bench.workloads import Samples, Workloads, middle


class Command(BaseCommand):
    """Prints medians, ratios to the floors, peaks of memory and queries, for the database of DATABASE_URL."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--learners", type=int, default=100_000, help="size of the course; about half match")
        parser.add_argument("--repetitions", type=int, default=5, help="samples of each piece of work")

    def handle(self, *args: Any, learners: int, repetitions: int, **options: Any) -> None:
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
