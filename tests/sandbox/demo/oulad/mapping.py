"""What the dataset's rows mean on the platform, without the platform's models.

Days are counted from the start of a run: in February (B) or October (J) of its year.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.sandbox.demo.oulad.files import Row

ORGANIZATION = "OULAD"
START_MONTHS = {"B": 2, "J": 10}
VERIFIED_FROM_CREDITS = 90
PASSING_GRADE = 0.4
EDUCATION = {
    "No Formal quals": "none",
    "Lower Than A Level": "jhs",
    "A Level or Equivalent": "hs",
    "HE Qualification": "b",
    "Post Graduate Qualification": "m",
}
CERTIFIED_RESULTS = frozenset({"Pass", "Distinction"})
GRADED_TYPES = frozenset({"TMA", "CMA"})

RunName = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Run:
    """One presentation of a module: a course run."""

    module: str
    presentation: str
    length: int

    @property
    def course_key(self) -> str:
        """The course key of the run."""
        return f"course-v1:{ORGANIZATION}+{self.module}+{self.presentation}"

    def day(self, number: int) -> datetime:
        """Return midnight of a day of the run."""
        return start(self.presentation) + timedelta(days=number)


@dataclass(frozen=True, slots=True)
class Student:
    """A person, the same in all runs."""

    id: int
    gender: str
    level_of_education: str
    city: str

    @property
    def username(self) -> str:
        """The name of the account."""
        return f"oulad_{self.id}"


@dataclass(frozen=True, slots=True)
class Enrollment:
    """A person in a run; ``has_certificate`` tells how it ended."""

    student_id: int
    run: RunName
    created: datetime
    is_active: bool
    mode: str
    has_certificate: bool


@dataclass(frozen=True, slots=True)
class Assessment:
    """An assignment or an exam of a run."""

    run: RunName
    weight: float
    is_graded: bool


@dataclass(frozen=True, slots=True)
class Submission:
    """Something handed in, at midnight of its day."""

    student_id: int
    assessment: Assessment
    submitted: datetime
    score: float | None


@dataclass(frozen=True, slots=True)
class Grade:
    """What a person has reached in a run, as a share of one."""

    percent: float
    latest: datetime

    @property
    def has_passed(self) -> bool:
        """Whether it suffices."""
        return self.percent >= PASSING_GRADE


def start(presentation: str) -> datetime:
    """Return day 0 of a presentation such as ``2013J``."""
    return datetime(int(presentation[:4]), START_MONTHS[presentation[4]], 1, tzinfo=UTC)


def run_name(row: Row) -> RunName:
    """Return what names the run of a row."""
    return row["code_module"], row["code_presentation"]


def runs(rows: Iterable[Row]) -> dict[RunName, Run]:
    """Return the runs in ``courses``."""
    return {run_name(row): Run(*run_name(row), int(row["module_presentation_length"])) for row in rows}


def students(info: Iterable[Row]) -> dict[int, Student]:
    """Return the people in ``studentInfo``, each once."""
    found = {}
    for row in info:
        student = Student(
            id=int(row["id_student"]),
            gender=row["gender"].lower(),
            level_of_education=EDUCATION[row["highest_education"]],
            city=row["region"],
        )
        found[student.id] = student
    return found


def enrollments(registrations: Iterable[Row], info: Iterable[Row]) -> Iterator[Enrollment]:
    """Yield the rows of ``studentRegistration`` with what ``studentInfo`` adds to them."""
    by_student_and_run = {(row["id_student"], run_name(row)): row for row in info}
    for row in registrations:
        more = by_student_and_run[row["id_student"], run_name(row)]
        yield Enrollment(
            student_id=int(row["id_student"]),
            run=run_name(row),
            created=start(row["code_presentation"]) + timedelta(days=int(row["date_registration"] or 0)),
            is_active=not row["date_unregistration"],
            mode="verified" if int(more["studied_credits"]) >= VERIFIED_FROM_CREDITS else "audit",
            has_certificate=more["final_result"] in CERTIFIED_RESULTS,
        )


def assessments(rows: Iterable[Row]) -> dict[str, Assessment]:
    """Return the rows of ``assessments`` by number."""
    return {
        row["id_assessment"]: Assessment(
            run=run_name(row), weight=float(row["weight"]), is_graded=row["assessment_type"] in GRADED_TYPES
        )
        for row in rows
    }


def submissions(rows: Iterable[Row], by_number: dict[str, Assessment]) -> Iterator[Submission]:
    """Yield the rows of ``studentAssessment``."""
    for row in rows:
        assessment = by_number[row["id_assessment"]]
        yield Submission(
            student_id=int(row["id_student"]),
            assessment=assessment,
            submitted=start(assessment.run[1]) + timedelta(days=int(row["date_submitted"])),
            score=float(row["score"]) if row["score"] else None,
        )


def last_logins(handed_in: Iterable[Submission]) -> dict[int, datetime]:
    """Return the day of each person's latest submission over all runs."""
    latest: dict[int, datetime] = {}
    for submission in handed_in:
        known = latest.get(submission.student_id, submission.submitted)
        latest[submission.student_id] = max(known, submission.submitted)
    return latest


def grades(handed_in: Iterable[Submission]) -> dict[tuple[int, RunName], Grade]:
    """Return the weighted mean of each person's scores in each run; exams do not count."""
    scored = defaultdict(list)
    for submission in handed_in:
        if submission.assessment.is_graded and submission.score is not None:
            scored[submission.student_id, submission.assessment.run].append(submission)
    return {
        where: Grade(percent=_mean_score(counted) / 100, latest=max(each.submitted for each in counted))
        for where, counted in scored.items()
    }


def _mean_score(counted: list[Submission]) -> float:
    """Return the weighted mean, or the plain one where nothing that was handed in has a weight."""
    pairs = [(each.score or 0.0, each.assessment.weight) for each in counted]
    total = sum(weight for _, weight in pairs)
    if not total:
        return sum(score for score, _ in pairs) / len(pairs)
    return sum(score * weight for score, weight in pairs) / total
