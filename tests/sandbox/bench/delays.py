"""Delays: how long after an event somebody is seen in a group, with a broker and one worker."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import CommandError
from django.db import connection, transaction
from redis import Redis
from redis.exceptions import ConnectionError as NoConnection

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups.models import Membership, UserGroup
from tests.sandbox.bench.rates import CrowdedCourse
from tests.sandbox.celery import app

GROUPS = 60
PATIENCE = 60


def delays(events: int, per_second: int) -> list[float]:
    """The seconds from each enrollment's commit until its user is seen in a group, sorted."""
    course = CrowdedCourse(GROUPS)
    group = UserGroup.objects.filter(scope=course.scope, criteria__config={"modes": ["audit"]}).earliest("pk")
    users = course.users[:events]
    User.objects.filter(pk__in=users).update(last_login=None)
    rows = {row.user_id: row for row in CourseEnrollment.objects.filter(course_id=course.key, user__in=users)}
    try:
        with _broker() as url, _worker(url):
            seen: dict[int, float] = {}
            watcher = threading.Thread(target=_watch, args=(group.pk, len(users), seen), daemon=True)
            watcher.start()
            happened = _happen([rows[user] for user in users], per_second)
            watcher.join(timeout=PATIENCE)
    finally:
        course.clean()
    if missing := happened.keys() - seen.keys():
        raise CommandError(f"{len(missing)} people are not in the group after {PATIENCE} seconds.")
    return sorted(seen[user] - at for user, at in happened.items())


def _happen(rows: list[CourseEnrollment], per_second: int) -> dict[int, float]:
    """Learners change their track, so many in a second; when each of it was committed."""
    happened, begun = {}, time.monotonic()
    for number, row in enumerate(rows):
        time.sleep(max(0.0, begun + number / per_second - time.monotonic()))
        row.mode = "audit"
        with transaction.atomic():
            row.save()
        happened[row.user_id] = time.monotonic()
    return happened


def _watch(group_id: int, number: int, seen: dict[int, float]) -> None:
    latest = time.monotonic() + 2 * PATIENCE
    while len(seen) < number and time.monotonic() < latest:
        found = Membership.objects.filter(group=group_id).values_list("user_id", flat=True)
        now = time.monotonic()
        for user in found:
            seen.setdefault(user, now)
        time.sleep(0.02)
    connection.close()


@contextmanager
def _broker() -> Iterator[str]:
    """The broker that BROKER names, or else a Redis that lives until the block ends."""
    if url := os.environ.get("BROKER"):
        yield url
        return
    if shutil.which("redis-server") is None:
        raise CommandError("Install redis-server, or name a broker: BROKER=redis://127.0.0.1:6379/5")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process, Redis(port=port) as client:
        try:
            _wait_for(lambda: _answers(client), "Redis does not start.")
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()


def _answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except NoConnection:
        return False


@contextmanager
def _worker(url: str) -> Iterator[None]:
    """One worker with one process; what wakes it is sent by this process."""
    environment = {**os.environ, "BROKER": url}
    options = ["--concurrency", "1", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    command = [sys.executable, "-m", "celery", "-A", "tests.sandbox.celery", "worker", *options]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "worker.log"
        with subprocess.Popen(
            [*command, "--logfile", str(log)],
            cwd=settings.CHECKOUT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                _wait_for(lambda: log.exists() and " ready." in log.read_text(), "The worker does not start.")
                app.conf.update(broker_url=url, task_always_eager=False)
                os.environ["CELERY_BROKER_URL"] = url
                yield
            finally:
                # What is cleared up afterwards wakes nobody.
                app.conf.update(task_always_eager=True)
                process.terminate()


def _wait_for(true: Callable[[], bool], otherwise: str) -> None:
    latest = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > latest:
            raise CommandError(otherwise)
        time.sleep(0.05)
