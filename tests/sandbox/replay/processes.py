"""Processes beside the one that plays: a Redis of its own, and workers that can be killed at any moment."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as NoConnection

from tests.sandbox.replay.checking import eventually

CHECKOUT = Path(__file__).resolve().parents[3]
REDIS = "redis-server"


class NotStarted(Exception):
    """A process that is needed does not start; says why."""


class Broker:
    """A Redis on a port of its own, which keeps nothing when it ends."""

    def __init__(self) -> None:
        if shutil.which(REDIS) is None:
            raise NotStarted("Install redis-server.")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        """Where tasks are sent."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def cache_url(self) -> str:
        """Where all processes have their cache."""
        return f"redis://127.0.0.1:{self.port}/1"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen([REDIS, *options], stdout=subprocess.DEVNULL, start_new_session=True)
        if not eventually(self._answers, 30):
            raise NotStarted("Redis does not answer.")

    def stop(self) -> None:
        """End it at once, with everything that was in it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        with Redis(port=self.port) as client:
            try:
                return bool(client.ping())
            except NoConnection:
                return False


class Workers:
    """So many workers of Celery, each in a session of its own with the process that does its tasks."""

    def __init__(self, environment: Mapping[str, str], number: int, logs: Path) -> None:
        self._environment = {**os.environ, **environment, "OPENBLAS_NUM_THREADS": "1"}
        self._logs = logs
        self._number = number
        self._processes: dict[int, subprocess.Popen] = {}

    def start(self) -> None:
        """Start all, and wait until they take tasks."""
        for place in range(self._number):
            self.start_one(place)
        for place in range(self._number):
            if not eventually(lambda place=place: " ready." in self._log(place).read_text(), 60):  # type: ignore[misc]
                raise NotStarted(f"A worker does not start:\n{self._log(place).read_text()}")

    def start_one(self, place: int) -> None:
        """Start one of them."""
        options = f"--concurrency 1 --hostname replay{place}@%h --without-gossip --without-mingle --loglevel INFO"
        command = [sys.executable, "-m", "celery", "-A", "tests.sandbox.celery", "worker", *options.split()]
        with self._log(place).open("a") as log:
            self._processes[place] = subprocess.Popen(
                command, cwd=CHECKOUT, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill_one(self, place: int) -> None:
        """End one of them with all its processes, as when the machine is lost."""
        process = self._processes[place]
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def revive(self) -> None:
        """Start those again that have ended by themselves, as whatever watches over workers does."""
        for place, process in list(self._processes.items()):
            if process.poll() is not None:
                self.start_one(place)

    def stop(self) -> None:
        """End all of them."""
        for place in self._processes:
            self.kill_one(place)

    def _log(self, place: int) -> Path:
        return self._logs / f"worker{place}.log"
