"""Watching: how much waits, and how long it takes from an event to the membership that follows from it."""

import threading
import time
from collections.abc import Mapping
from uuid import UUID

from django.db import DatabaseError, connection

from openedx_user_groups.models import Change, Membership, UserGroup

EVERY = 0.05
# A look at how much waits costs more than one at a few memberships.
DEPTH_EVERY = 0.5


class Watch:
    """A thread that looks into the database while a block lasts; each look is a snapshot of its own."""

    def __init__(self, everybody: Mapping[str, UUID]) -> None:
        rows = dict(UserGroup.objects.filter(uuid__in=everybody.values()).values_list("uuid", "pk"))
        self._groups = {key: rows[uuid] for key, uuid in everybody.items()}
        self._asked: dict[tuple[int, int], float] = {}
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.latencies: list[float] = []
        self.depths: list[int] = []

    def enrolled(self, course_key: str, user_id: int) -> None:
        """Somebody has just enrolled, and is soon to be in the group of everybody in the course."""
        self._asked[self._groups[course_key], user_id] = time.monotonic()

    def gone(self, course_key: str, user_id: int) -> None:
        """Somebody has left again, perhaps before anybody has looked."""
        self._asked.pop((self._groups[course_key], user_id), None)

    @property
    def unanswered(self) -> int:
        """How many of those who enrolled were not seen in the group."""
        return len(self._asked)

    def percentile(self, percent: int) -> float:
        """So many percent of the memberships came within that many seconds."""
        ordered = sorted(self.latencies) or [0.0]
        return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ends.set()
        self._thread.join(timeout=60)

    def _look(self) -> None:
        next_depth = 0.0
        while not self._ends.wait(EVERY):
            try:
                self._look_for_members()
                if time.monotonic() > next_depth:
                    next_depth = time.monotonic() + DEPTH_EVERY
                    self.depths.append(Change.objects.count())
            except DatabaseError:
                # Its connection was cut as well.
                connection.close()
        connection.close()

    def _look_for_members(self) -> None:
        asked = dict(self._asked)
        if not asked:
            return
        groups, users = {group for group, _user in asked}, {user for _group, user in asked}
        rows = Membership.objects.filter(group__in=groups, user__in=users).values_list("group_id", "user_id")
        for seat in set(rows) & asked.keys():
            if self._asked.pop(seat, None) is not None:
                self.latencies.append(time.monotonic() - asked[seat])
