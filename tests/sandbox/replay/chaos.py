"""Chaos: workers are killed, the broker ends and begins again, and connections of the database are cut."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable

from django.db import DatabaseError, connection

from tests.sandbox.replay.processes import Broker, Workers

# From one disturbance to the next, in seconds, and how long something is gone.
PAUSES = (0.3, 2.0)
GONE = (0.1, 2.5)


class Chaos:
    """A thread that disturbs while a block lasts, by chance but always alike for the same seed."""

    def __init__(self, workers: Workers, number: int, broker: Broker, seed: int) -> None:
        self._workers = workers
        self._number = number
        self._broker = broker
        self._chance = random.Random(seed)
        self.done: Counter[str] = Counter()

    def __enter__(self) -> "Chaos":
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._disturb, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ends.set()
        self._thread.join(timeout=60)
        self._workers.revive()

    def _disturb(self) -> None:
        acts = [self._kill_a_worker, self._kill_a_worker, self._stop_the_broker, self._cut_connections]
        left: list[Callable[[], None]] = []
        while not self._ends.wait(self._chance.uniform(*PAUSES)):
            # Each comes in each round, so that a short time sees them all.
            left = left or self._chance.sample(acts, k=len(acts))
            act = left.pop()
            act()
            self.done[act.__name__.strip("_")] += 1
            self._workers.revive()
        connection.close()

    def _kill_a_worker(self) -> None:
        place = self._chance.randrange(self._number)
        self._workers.kill_one(place)
        time.sleep(self._chance.uniform(*GONE))
        self._workers.start_one(place)

    def _stop_the_broker(self) -> None:
        self._broker.stop()
        time.sleep(self._chance.uniform(*GONE))
        self._broker.start()

    def _cut_connections(self) -> None:
        """Cut those of all other threads and processes to the same database."""
        try:
            with connection.cursor() as cursor:
                _cut_on_mysql(cursor) if connection.vendor == "mysql" else cursor.execute(CUT_ON_POSTGRESQL)
        except DatabaseError:
            connection.close()


CUT_ON_POSTGRESQL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def _cut_on_mysql(cursor) -> None:  # type: ignore[no-untyped-def]
    cursor.execute("SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()")
    for (thread,) in cursor.fetchall():
        try:
            cursor.execute(f"KILL CONNECTION {int(thread)}")
        except DatabaseError:
            # It has ended by itself.
            continue
