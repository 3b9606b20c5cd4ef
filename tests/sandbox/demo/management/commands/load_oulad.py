"""Loads real learners into the sandbox."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError
from tqdm import tqdm

from tests.sandbox.demo.oulad.files import DatasetError
from tests.sandbox.demo.oulad.load import Dataset, is_loaded, load


class Command(BaseCommand):
    """A second load changes nothing."""

    help = "Load the Open University Learning Analytics Dataset."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the directory."""
        parser.add_argument("directory", type=Path, help="holds the dataset's csv files, packed by gzip or not")

    def handle(self, *args: Any, directory: Path, **options: Any) -> None:
        """Load and say what is there."""
        if is_loaded():
            self.stdout.write("In place: the dataset was loaded before.")
            return
        dataset = self._dataset(directory)
        with tqdm(total=len(dataset), desc="Loading rows", disable=None, leave=False) as bar:
            try:
                load(dataset, bar.update)
            except IntegrityError as error:
                raise CommandError(f"Rows of others are in the way, nothing was loaded: {error}") from error
        counts = f"{len(dataset.students)} users, {len(dataset.runs)} courses, {len(dataset.enrollments)} enrollments"
        self.stdout.write(f"Loaded {counts}.")

    def _dataset(self, directory: Path) -> Dataset:
        try:
            return Dataset(directory)
        except DatasetError as error:
            raise CommandError(str(error)) from error
        except (KeyError, ValueError) as error:
            raise CommandError(f"{directory} holds a row that makes no sense: {error!r}") from error
