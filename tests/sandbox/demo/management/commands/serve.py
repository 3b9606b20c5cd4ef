"""Serves the sandbox with a worker beside it; when one of the two ends, so does the other."""

import os
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from kombu.exceptions import OperationalError
from kombu.utils.url import maybe_sanitize_url

from tests.sandbox.celery import app

WORKER = [sys.executable, "-m", "celery", "-A", "tests.sandbox.celery", "worker"]
WORKER_OPTIONS = ["--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
# A worker first finishes what it does, which rarely takes longer.
PATIENCE = 30


class Command(BaseCommand):
    """Needs a broker; without one, runserver does all the work itself."""

    help = "Serve the sandbox, with a Celery worker behind the broker that the environment names in BROKER."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where to serve."""
        parser.add_argument("address", nargs="?", default="127.0.0.1:8000", help="address and port of the server")
        parser.add_argument("--check", action="store_true", help="only find out whether the broker answers")

    def handle(self, *args: Any, address: str, check: bool, **options: Any) -> None:
        """Serve until somebody or something ends it."""
        check_broker()
        if check:
            return
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, _stop)
        # Of each statement that DEBUG keeps, a worker would never be rid again.
        quiet = {name: value for name, value in os.environ.items() if name != "SANDBOX_DEBUG"}
        running: dict[str, subprocess.Popen] = {}
        try:
            running["worker"] = _start([*WORKER, *WORKER_OPTIONS], quiet)
            running["server"] = _start([sys.executable, "manage.py", "runserver", address], dict(os.environ))
            name, code = _first_to_end(running)
        finally:
            _end(list(running.values()))
        raise CommandError(f"The {name} ended with code {code}, so everything was stopped.")


def check_broker() -> None:
    """Raises CommandError when there is no broker, or it does not answer."""
    if not os.environ.get("BROKER"):
        raise CommandError("Name the broker of the worker: BROKER=redis://127.0.0.1:6379/0")
    url = maybe_sanitize_url(app.conf.broker_url)
    try:
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=5)
    except (OperationalError, LookupError, ValueError) as error:
        raise CommandError(
            f"The broker {url} does not answer ({error}). Start it, or leave BROKER out to do without a worker."
        ) from None


def _stop(number: int, _frame: object) -> None:
    # Once is enough: whoever is impatient must not leave half of it running.
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    sys.exit(0)


def _start(command: Sequence[str], environment: dict[str, str]) -> subprocess.Popen:
    # In a session of its own: Ctrl-C in the terminal is for this process, which ends the others in their order.
    return subprocess.Popen(command, cwd=settings.CHECKOUT, env=environment, start_new_session=True)


def _first_to_end(running: dict[str, subprocess.Popen]) -> tuple[str, int]:
    while True:
        for name, process in running.items():
            code = process.poll()
            if code is not None:
                return name, code
        time.sleep(0.2)


def _end(processes: Sequence[subprocess.Popen]) -> None:
    for process in processes:
        process.terminate()
    latest = time.monotonic() + PATIENCE
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=max(0.0, latest - time.monotonic()))
        # Whatever it has left behind, such as the server whose reloader was killed.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
