"""The stream: what the people of the dataset did, in the order of time."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from tests.sandbox.demo.oulad import mapping
from tests.sandbox.demo.oulad.files import Row, check, read
from tests.sandbox.demo.oulad.mapping import PASSING_GRADE, Run, RunName, Student, Submission

ENROLLS, UNENROLLS, HANDS_IN = "enrolls", "unenrolls", "hands in"
# What somebody does on the same day, in this order.
_ORDER = (ENROLLS, HANDS_IN, UNENROLLS)


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody does something.

    ``mode`` is of an enrollment, ``grade`` the new one where a submission changes it; for the first submission of a
    day somebody has just logged in.
    """

    when: datetime
    kind: str
    student_id: int
    run: RunName
    mode: str = ""
    grade: float | None = None
    logs_in: bool = False

    @property
    def has_passed(self) -> bool:
        """Whether the grade suffices."""
        return self.grade is not None and self.grade >= PASSING_GRADE


@dataclass
class Marks:
    """What somebody has reached in a run so far."""

    weights: float = 0.0
    weighted: float = 0.0
    scores: list[float] = field(default_factory=list)

    def add(self, submission: Submission) -> float:
        """The grade after one more submission, as a share of one."""
        score, weight = submission.score or 0.0, submission.assessment.weight
        self.scores.append(score)
        self.weights += weight
        self.weighted += score * weight
        return (self.weighted / self.weights if self.weights else sum(self.scores) / len(self.scores)) / 100


class Stream:
    """All acts of the dataset in a directory, or of some of its modules."""

    def __init__(self, directory: Path, modules: Collection[str] = ()) -> None:
        check(directory)
        info = [row for row in read(directory, "studentInfo") if _is_of(row, modules)]
        registrations = [row for row in read(directory, "studentRegistration") if _is_of(row, modules)]
        by_number = mapping.assessments(row for row in read(directory, "assessments") if _is_of(row, modules))
        handed_in = [row for row in read(directory, "studentAssessment") if row["id_assessment"] in by_number]
        every_run = mapping.runs(row for row in read(directory, "courses") if _is_of(row, modules))
        self.runs: dict[RunName, Run] = every_run
        self.students: dict[int, Student] = mapping.students(info)
        submissions = sorted(mapping.submissions(handed_in, by_number), key=lambda each: each.submitted)
        acts = [*_registered(registrations, info), *_submitted(submissions)]
        self.acts = sorted(acts, key=lambda act: (act.when, _ORDER.index(act.kind), act.student_id))

    def first_acts(self) -> dict[int, datetime]:
        """When each person did something for the first time."""
        found: dict[int, datetime] = {}
        for act in self.acts:
            found.setdefault(act.student_id, act.when)
        return found


def _is_of(row: Row, modules: Collection[str]) -> bool:
    return not modules or row["code_module"] in modules


def _registered(registrations: list[Row], info: list[Row]) -> Iterator[Act]:
    for row, enrollment in zip(registrations, mapping.enrollments(registrations, info), strict=True):
        yield Act(enrollment.created, ENROLLS, enrollment.student_id, enrollment.run, enrollment.mode)
        if not enrollment.is_active:
            left = mapping.start(row["code_presentation"]) + timedelta(days=int(row["date_unregistration"]))
            # Some left before they came.
            yield Act(max(left, enrollment.created), UNENROLLS, enrollment.student_id, enrollment.run)


def _submitted(submissions: list[Submission]) -> Iterator[Act]:
    marks: dict[tuple[int, RunName], Marks] = defaultdict(Marks)
    seen: dict[int, datetime] = {}
    for each in submissions:
        counts = each.assessment.is_graded and each.score is not None
        grade = marks[each.student_id, each.assessment.run].add(each) if counts else None
        logs_in = seen.get(each.student_id) != each.submitted
        seen[each.student_id] = each.submitted
        yield Act(each.submitted, HANDS_IN, each.student_id, each.assessment.run, grade=grade, logs_in=logs_in)


class Calendar:
    """When the days of the dataset are: moved so that the last of them was yesterday.

    What somebody does begins so many ticks after midnight, always as many for the same person; the day now begins with
    the replay. So at each tick there is somebody who did something exactly so many days ago.
    """

    def __init__(self, begins: datetime, last: datetime, tick: timedelta, ticks: int = 20) -> None:
        self.begins = begins
        self.tick = tick
        self._ticks = ticks
        self._shift = begins - timedelta(days=1) - last

    def at(self, when: datetime, student_id: int) -> datetime:
        """The instant of an act."""
        return when + self._shift + student_id % self._ticks * self.tick

    def to_next_tick(self, now: datetime) -> timedelta:
        """How long nobody crosses any line."""
        return self.tick - (now - self.begins) % self.tick
