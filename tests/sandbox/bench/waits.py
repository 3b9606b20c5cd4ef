"""Waits: how long the log-in of a member waits while something else writes."""

import multiprocessing
import random
import time
from collections.abc import Callable
from typing import Any

from django.db import connection

from tests.sandbox.bench.course import FIRST_ID, BenchCourse


def longest_wait(course: BenchCourse, work: Callable[[], Any]) -> float:
    """The longest UPDATE of auth_user of a single learner, in seconds, during ``work``."""
    connection.close()
    context = multiprocessing.get_context("fork")
    done = context.Event()
    reading, writing = context.Pipe(duplex=False)
    watcher = context.Process(target=_log_in, args=(course, done, writing))
    watcher.start()
    try:
        reading.recv()
        work()
    finally:
        done.set()
    worst: float = reading.recv()
    watcher.join()
    return worst


def _log_in(course: BenchCourse, done: Any, pipe: Any) -> None:
    chance = random.Random(1)
    worst = 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        pipe.send("ready")
        while not done.is_set():
            started = time.perf_counter()
            cursor.execute(
                "UPDATE auth_user SET last_login = last_login WHERE id = %s",
                [FIRST_ID + chance.randrange(course.learners)],
            )
            worst = max(worst, time.perf_counter() - started)
            time.sleep(0.002)
    pipe.send(worst)
