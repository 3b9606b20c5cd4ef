"""Playing: the stream runs, and at some points everything comes to rest and is compared with a full evaluation."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any

from django.core.management import call_command
from django.db import DatabaseError, connection
from django.utils import timezone

from openedx_user_groups.models import Membership, PastMembership, RefreshRun
from openedx_user_groups.outbox import waking
from openedx_user_groups.upkeep import drain
from tests.sandbox.replay import checking
from tests.sandbox.replay.acting import Platform
from tests.sandbox.replay.checking import Problem
from tests.sandbox.replay.groups import StudyGroups
from tests.sandbox.replay.stream import ENROLLS, UNENROLLS, Act, Calendar, Stream
from tests.sandbox.replay.watching import Watch

# How often somebody tries again whose request has failed.
TRIES = 10
# After so many events it is looked whether the time is over.
LOT = 20


@dataclass
class Point:
    """A point of the stream: so many acts were played, which took so long; and what was wrong then."""

    events: int
    playing: float
    resting: float = 0.0
    checking: float = 0.0
    waiting: int = 0
    held: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass
class Report:
    """What came out of a replay."""

    events: int
    people: int
    groups: int
    points: list[Point] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def problems(self) -> list[Problem]:
        """Everything that was wrong at any point."""
        return [problem for point in self.points for problem in point.problems]

    def data(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self) | {"problems": self.problems}


@dataclass
class Replay:
    """A stream with its groups; ``patience`` is how long workers may take to come to rest, in seconds.

    Without workers whoever plays drains after each ``lot`` of acts. ``disturbed`` gives the block in which something is
    broken again and again, and ``grace`` is how long the claims and leases of the dead last: only the sweep after that
    has to bring everything to rest. After so many ``seconds`` of playing it ends early.
    """

    stream: Stream
    tick: timedelta = timedelta(minutes=1)
    patience: float = 60.0
    lot: int | None = None
    seconds: float = float("inf")
    disturbed: Callable[[], AbstractContextManager[object]] | None = None
    grace: float = 0.0
    say: Callable[[str], object] = lambda _text: None

    def run(self, points: int) -> Report:
        """Play everything, with so many points at which it is checked; the last one is the end."""
        calendar = Calendar(_next_minute(), self.stream.acts[-1].when.replace(hour=0), self.tick)
        self.platform = Platform(self.stream, calendar)
        self.platform.prepare()
        self.groups = StudyGroups(self.stream.runs.values())
        call_command("refresh_user_groups", "--all", verbosity=0, stdout=_Nowhere())
        stream = self.stream
        report = Report(len(stream.acts), len(stream.students), self.groups.number)
        self.say(f"{report.events:,} events of {report.people:,} people, {report.groups} groups.")
        with Watch(self.groups.everybody) if self.lot is None else nullcontext() as watch:
            for acts in _parts(stream.acts, points):
                report.points.append(self._play_to(acts, report, watch, calendar))
                if self._is_over(report):
                    break
        report.figures = self._figures(report, watch)
        return report

    def _play_to(self, acts: list[Act], report: Report, watch: Watch | None, calendar: Calendar) -> Point:
        began, latest = time.monotonic(), time.monotonic() + self._seconds_left(report)
        number = report.points[-1].events if report.points else 0
        with self.disturbed() if self.disturbed else nullcontext():
            for lot in _lots(acts, self.lot or LOT):
                if time.monotonic() > latest:
                    break
                with waking.awake() if self.lot else nullcontext():
                    for act in lot:
                        self._play(act, watch)
                if self.lot:
                    drain.drain()
                number += len(lot)
        point = Point(number, round(time.monotonic() - began, 1))
        self._come_to_rest(point)
        began = time.monotonic()
        point.problems += checking.in_a_quiet_moment(calendar, lambda: self._sweep_and_check(point))
        point.checking = round(time.monotonic() - began, 1)
        self.say(
            f"{point.events:,} events: played in {point.playing} s, at rest after {point.resting} s, "
            f"{len(point.problems)} problems."
        )
        for problem in point.problems:
            self.say(f"WRONG: {problem}")
        return point

    def _seconds_left(self, report: Report) -> float:
        return self.seconds - sum(point.playing for point in report.points)

    def _is_over(self, report: Report) -> bool:
        return self._seconds_left(report) <= 0

    def _play(self, act: Act, watch: Watch | None) -> None:
        for left in reversed(range(TRIES)):
            try:
                self.platform.act(act)
                break
            except DatabaseError:
                # The request has failed, and nothing of it is stored: the learner tries again.
                if not self.disturbed or not left:
                    raise
                connection.close()
                time.sleep(0.05)
        if watch is not None and act.kind in (ENROLLS, UNENROLLS):
            key = self.stream.runs[act.run].course_key
            (watch.enrolled if act.kind == ENROLLS else watch.gone)(key, act.student_id)

    def _come_to_rest(self, point: Point) -> None:
        began = time.monotonic()
        point.waiting = checking.changes()
        is_quiet = checking.eventually(lambda: not checking.leftovers(), self.grace or self.patience)
        point.resting = round(time.monotonic() - began, 1)
        if self.disturbed:
            return
        if not is_quiet:
            point.problems += [f"Before the sweep: {what}" for what in checking.leftovers()]
        point.problems += [f"Before the sweep: {what}" for what in checking.differences(checking.follows_events)]

    def _sweep_and_check(self, point: Point) -> list[Problem]:
        checking.let_time_groups_be_due()
        checking.sweep()
        # What was held is written when somebody agrees; what has happened meanwhile is then due.
        while (held := checking.approve_what_is_held()) and point.held < 1_000:
            point.held += held
            checking.sweep()
        checking.eventually(lambda: not checking.leftovers(), self.patience)
        found = [*checking.leftovers(), *checking.differences(), *checking.broken_rules()]
        return found + checking.not_placed(self.groups.random)

    def _figures(self, report: Report, watch: Watch | None) -> dict[str, Any]:
        playing = sum(point.playing for point in report.points)
        busy = playing + sum(point.resting for point in report.points)
        acts = self.platform.acts
        figures = {
            "events_per_second": round(report.points[-1].events / busy, 1),
            "seconds": round(busy, 1),
            "milliseconds_of_an_event": {
                kind: round(1_000 * self.platform.seconds[kind] / acts[kind], 2) for kind in sorted(acts)
            },
            "members": Membership.objects.count(),
            "past_members": PastMembership.objects.count(),
            "runs": RefreshRun.objects.count(),
            "held": sum(point.held for point in report.points),
        }
        if watch is not None:
            figures |= {
                "event_to_member_seconds": {
                    f"p{percent}": round(watch.percentile(percent), 2) for percent in (50, 95, 99)
                },
                "changes_waiting_at_most": max(watch.depths, default=0),
                "changes_waiting_in_the_middle": sorted(watch.depths)[len(watch.depths) // 2] if watch.depths else 0,
            }
        return figures


class _Nowhere:
    def write(self, _text: str) -> None:
        """Nobody reads it."""


def _next_minute() -> Any:
    # The minute that has begun, so that ticks are at whole ones.
    return timezone.now().replace(second=0, microsecond=0)


def _lots(acts: list[Act], size: int) -> Iterator[list[Act]]:
    """The acts, so many at a time."""
    for start in range(0, len(acts), max(size, 1)):
        yield acts[start : start + size]


def _parts(acts: list[Act], number: int) -> Iterator[list[Act]]:
    ends = [len(acts) * place // number for place in range(number + 1)]
    for begin, end in pairwise(ends):
        yield acts[begin:end]
