"""Fills the sandbox with invented learners."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from tests.sandbox.demo.models import Seeding
from tests.sandbox.demo.seed import seed


class Command(BaseCommand):
    """The same numbers always give the same learners; a second call adds only what is missing."""

    help = "Seed courses and learners who enroll, log in, progress, pass and get certificates."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the size of the seed."""
        parser.add_argument("--learners", type=int, default=10_000, help="learners in the first course")
        parser.add_argument("--courses", type=int, default=3, help="courses, the first two of one organization")

    def handle(self, *args: Any, learners: int, courses: int, **options: Any) -> None:
        """Seed and say what is there."""
        with tqdm(total=learners, desc="Seeding learners", unit="", disable=None, leave=False) as bar:
            is_new = seed(learners, courses, bar.update)
        state = "Seeded" if is_new else "In place"
        self.stdout.write(f"{state}: {Seeding.objects.get()}")
