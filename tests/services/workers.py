"""Real workers behind a real broker, and what can become of them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as NoConnection

from openedx_user_groups import api
from openedx_user_groups.data import GroupData, RunData
from tests.sandbox.celery import app

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Worker:
    """A worker of Celery, in a session of its own with the processes that do its tasks."""

    name: str
    process: subprocess.Popen
    log: Path

    @property
    def busy(self) -> list[int]:
        """The ids of its processes that are doing a task."""
        active = app.control.inspect([self.name], timeout=5).active() or {}
        return [task["worker_pid"] for task in active.get(self.name, ())]

    def kill(self) -> None:
        """End it with all its processes, as when the machine is lost."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def ask_to_stop(self) -> None:
        """Ask it to end, which it does after what it is doing."""
        self.process.terminate()


@contextmanager
def a_worker(environment: Mapping[str, str], queue: str, log: Path, concurrency: int = 1) -> Iterator[Worker]:
    """A worker that takes tasks from a queue, until the block ends."""
    name = f"{log.stem}@{queue}"
    options = f"--concurrency {concurrency} --queues {queue} --hostname {name} --include tests.services.plugin"
    log_options = f"--without-gossip --without-mingle --loglevel INFO --logfile {log}"
    command = [sys.executable, "-m", "celery", "-A", "tests.sandbox.celery", "worker"]
    with subprocess.Popen(
        [*command, *options.split(), *log_options.split()],
        cwd=CHECKOUT,
        env={**environment, "OPENBLAS_NUM_THREADS": "1"},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        worker = Worker(name, process, log)
        try:
            eventually(lambda: log.exists() and " ready." in log.read_text(), "The worker does not start.", log)
            yield worker
        finally:
            with suppress(ProcessLookupError):
                worker.kill()


@contextmanager
def a_redis() -> Iterator[str]:
    """The URL of a Redis that lives until the block ends."""
    if shutil.which("redis-server") is None:
        pytest.fail("Install redis-server, or name a broker: BROKER=redis://127.0.0.1:6379/5")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL) as process:
        try:
            eventually(lambda: _answers(port), "Redis does not start.")
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    with Redis(port=port) as client:
        try:
            return bool(client.ping())
        except NoConnection:
            return False


def newest_run(group: GroupData) -> RunData:
    """The newest run of a group, as whoever watches it sees it."""
    (run,) = api.runs_data(api.runs_of(group.uuid)[:1])
    return run


def ended(group: GroupData) -> bool:
    """Whether the newest run of a group has come to its end."""
    return newest_run(group).finished is not None


def eventually(true: Callable[[], object], otherwise: str, log: Path | None = None) -> None:
    """Wait for some minutes until something is true; a slow machine may take as long."""
    pause = threading.Event()
    latest = time.monotonic() + 180
    while time.monotonic() < latest:
        if true():
            return
        pause.wait(0.02)
    pytest.fail(otherwise + (f"\n{log.read_text()}" if log is not None and log.exists() else ""))
