"""Shows the product at work: seeds, defines groups, refreshes them, prints what came out."""

import time
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand

from tests.sandbox.demo.accounts import ACCOUNTS
from tests.sandbox.demo.freshen import freshen
from tests.sandbox.demo.groups import demo_groups
from tests.sandbox.demo.past import WEEKS, days_ago, live
from tests.sandbox.demo.showing import Shown, define, refresh, table


class Command(BaseCommand):
    """A second demo finds everything in place, and nobody joins or leaves."""

    help = "Seed the sandbox, define the demo groups, refresh them and print a table of them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the size of the seed."""
        parser.add_argument("--learners", type=int, default=10_000, help="learners in the first course")
        parser.add_argument("--no-refresh", action="store_true", help="define the groups without refreshing them")

    def handle(self, *args: Any, learners: int, no_refresh: bool, **options: Any) -> None:
        """Do all of it."""
        call_command("seed_lms", learners=learners, stdout=self.stdout)
        if freshen():
            self.stdout.write("The seed was older, its instants were moved up to now.")
        admin = User.objects.get(username=ACCOUNTS[1].username)
        with days_ago(WEEKS):
            groups = [define(group, admin) for group in demo_groups()]
        self.stdout.write(f"Defined {sum(group.is_new for group in groups)} of {len(groups)} demo groups.")
        if not no_refresh:
            if all(group.is_new for group in groups):
                live({each.group.name: each.uuid for each in groups}, User.objects.get(username=ACCOUNTS[0].username))
            self._refresh(groups, admin)

    def _refresh(self, groups: list[Shown], admin: User) -> None:
        started = time.perf_counter()
        rows = [refresh(group, admin) for group in groups]
        self.stdout.write("\n" + table(rows))
        for row in rows:
            if row.held:
                self.stdout.write(f"\n{row.name} waits for a decision on its page. {row.held}")
        self.stdout.write(f"\nRefreshed in {time.perf_counter() - started:.1f} s.")
