"""Plays the Open University Learning Analytics Dataset as a stream of events, and checks the groups that follow it."""

import json
import logging
import os
import random
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.test import override_settings

from openedx_user_groups.models import UserGroup
from tests.sandbox.celery import app
from tests.sandbox.demo.oulad.files import DatasetError
from tests.sandbox.demo.oulad.load import is_loaded
from tests.sandbox.replay import generated
from tests.sandbox.replay.chaos import Chaos
from tests.sandbox.replay.processes import Broker, NotStarted, Workers
from tests.sandbox.replay.replay import Replay, Report
from tests.sandbox.replay.stream import Stream

CLAIM_SECONDS, LEASE_SECONDS = 60, 60
# With chaos nobody wants to wait long for what the dead have claimed.
SHORT = 3
# Without workers this process drains after so many acts.
LOT = 25
# How long it may take until everything is done, in seconds.
PATIENCE = 120


class Command(BaseCommand):
    """It needs an empty database, and leaves everything in it."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what is played, and how."""
        parser.add_argument("directory", type=Path, nargs="?", help="holds the dataset; a generated one if left out")
        parser.add_argument("--module", action="append", default=[], help="only this module; can be given again")
        parser.add_argument("--people", type=int, default=300, help="people of a generated dataset")
        parser.add_argument("--events", type=int, help="play so many at most")
        parser.add_argument("--minutes", type=float, help="play for so long at most")
        parser.add_argument("--flush", action="store_true", help="empty the database before")
        parser.add_argument("--points", type=int, default=10, help="how often it is checked, with the end")
        parser.add_argument("--workers", type=int, default=2, help="workers beside this process; 0: it does all itself")
        parser.add_argument(
            "--chaos", action="store_true", help="kill workers, stop Redis and cut connections meanwhile"
        )
        parser.add_argument("--seed", type=int, help="of the chaos")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Play and report; exit code 1 when something was wrong."""
        if options["flush"]:
            call_command("flush", interactive=False, verbosity=0)
        if is_loaded() or UserGroup.objects.exists():
            raise CommandError(
                "The database is in use: name another one by DATABASE_URL and run migrate, or use --flush."
            )
        if options["workers"] and connection.vendor == "sqlite":
            raise CommandError("SQLite has one writer at a time: name a server by DATABASE_URL, or use --workers 0.")
        if options["chaos"] and not options["workers"]:
            raise CommandError("Chaos needs workers.")
        self._is_json = options["format"] == "json"
        with ExitStack() as stack:
            stream = self._stream(stack, options)
            replay = Replay(stream, patience=PATIENCE, lot=None if options["workers"] else LOT, say=self._say)
            replay.seconds = float("inf") if options["minutes"] is None else 60 * options["minutes"]
            chaos = None
            if options["workers"]:
                chaos = self._with_workers(stack, replay, options)
            report = replay.run(options["points"])
        if chaos is not None:
            report.figures["chaos"] = dict(chaos.done)
        self._report(report)
        if report.problems:
            raise SystemExit(1)

    def _stream(self, stack: ExitStack, options: dict[str, Any]) -> Stream:
        directory = options["directory"]
        if directory is None:
            place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            directory = generated.write(place, options["people"])
        try:
            stream = Stream(directory, options["module"])
        except DatasetError as error:
            raise CommandError(str(error)) from error
        if not stream.acts:
            raise CommandError("There is nothing to play.")
        del stream.acts[options["events"] or len(stream.acts) :]
        return stream

    def _with_workers(self, stack: ExitStack, replay: Replay, options: dict[str, Any]) -> Chaos | None:
        """Start the workers; returns the chaos, if it is wanted."""
        logs = Path(tempfile.mkdtemp(prefix="replay"))
        patience = SHORT if options["chaos"] else CLAIM_SECONDS
        try:
            broker = Broker()
            stack.callback(broker.stop)
            broker.start()
            environment = stack.enter_context(_served_by(broker, patience))
            workers = Workers(environment, options["workers"], logs)
            stack.callback(workers.stop)
            workers.start()
        except NotStarted as error:
            raise CommandError(str(error)) from error
        stack.enter_context(_logging_to(logs / "player.log"))
        self._say(f"The logs of this process and of the workers are in {logs}.")
        if not options["chaos"]:
            return None
        seed = options["seed"] if options["seed"] is not None else random.SystemRandom().randrange(10**6)
        self._say(f"Chaos with --seed {seed}.")
        chaos = Chaos(workers, options["workers"], broker, seed)
        replay.disturbed, replay.grace = lambda: chaos, 2 * SHORT
        return chaos

    def _say(self, text: str) -> None:
        (self.stderr if self._is_json else self.stdout).write(text)

    def _report(self, report: Report) -> None:
        if self._is_json:
            return self.stdout.write(json.dumps(report.data(), indent=2, default=str))
        for name, value in report.figures.items():
            self.stdout.write(f"{name.replace('_', ' ')}: {value}")
        return self.stdout.write("Nothing was wrong." if not report.problems else "Something was wrong.")


@contextmanager
def _logging_to(path: Path) -> Iterator[None]:
    """What is logged goes to a file: of a broken connection there is much."""
    root, handler = logging.getLogger(), logging.FileHandler(path)
    before, root.handlers = root.handlers, [handler]
    try:
        yield
    finally:
        root.handlers = before
        handler.close()


@contextmanager
def _served_by(broker: Broker, patience: int) -> Iterator[dict[str, str]]:
    """Let this process share broker, cache and settings with its workers; the environment of these."""
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.sandbox.replay.settings",
        "BROKER": broker.url,
        "CACHE": broker.cache_url,
        "CLAIM_SECONDS": str(patience),
        "LEASE_SECONDS": str(patience),
    }
    os.environ["CELERY_BROKER_URL"] = broker.url
    app.conf.task_always_eager = False
    cache = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": broker.cache_url}
    with override_settings(
        CACHES={"default": cache},
        OPENEDX_USER_GROUPS_CLAIM_SECONDS=patience,
        OPENEDX_USER_GROUPS_LEASE_SECONDS=patience,
    ):
        yield environment
