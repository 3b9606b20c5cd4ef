"""The learners of the dataset in plain Python: read from its files alone, without a database."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

EDUCATION = {
    "No Formal quals": "none",
    "Lower Than A Level": "jhs",
    "A Level or Equivalent": "hs",
    "HE Qualification": "b",
    "Post Graduate Qualification": "m",
}
DAY_0 = {"B": "02-01", "J": "10-01"}
Course = tuple[str, str]


@dataclass
class Registration:
    """A learner in a run of a course."""

    created: datetime
    active: bool
    mode: str = "audit"
    certified: bool = False
    # In percent; None where nothing was handed in that counts.
    grade: Fraction | None = None


@dataclass
class Learner:
    """A person, with their registrations by course run."""

    id: int
    gender: str = ""
    education: str = ""
    region: str = ""
    last_login: datetime | None = None
    runs: dict[Course, Registration] = field(default_factory=dict)

    @property
    def username(self) -> str:
        return f"oulad_{self.id}"

    @property
    def date_joined(self) -> datetime:
        return min(run.created for run in self.runs.values())

    @property
    def active(self) -> dict[Course, Registration]:
        return {course: run for course, run in self.runs.items() if run.active}


def rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    packed = folder / f"{name}.csv.gz"
    with gzip.open(packed, "rt") if packed.exists() else (folder / f"{name}.csv").open() as lines:
        yield from csv.DictReader(lines)


def run_of(row: dict[str, str]) -> Course:
    return row["code_module"], row["code_presentation"]


def day(run: Course, number: str) -> datetime:
    first = datetime.fromisoformat(f"{run[1][:4]}-{DAY_0[run[1][4]]}").replace(tzinfo=UTC)
    return first + timedelta(days=int(number or 0))


def learners(folder: Path) -> dict[int, Learner]:
    """Everybody in the dataset, by id."""
    people: dict[int, Learner] = {}
    for row in rows(folder, "studentRegistration"):
        person = people.setdefault(int(row["id_student"]), Learner(int(row["id_student"])))
        created = day(run_of(row), row["date_registration"])
        person.runs[run_of(row)] = Registration(created, active=row["date_unregistration"] == "")
    for row in rows(folder, "studentInfo"):
        # Who is in several runs is described by the last of their rows.
        person = people[int(row["id_student"])]
        person.gender, person.region = row["gender"].lower(), row["region"]
        person.education = EDUCATION[row["highest_education"]]
        run = person.runs[run_of(row)]
        run.mode = "verified" if int(row["studied_credits"]) >= 90 else "audit"
        run.certified = row["final_result"] in ("Pass", "Distinction")
    hand_in(folder, people)
    return people


def hand_in(folder: Path, people: dict[int, Learner]) -> None:
    """Add what the submissions say: the last log-in of everybody, and the grades."""
    assessments = {row["id_assessment"]: row for row in rows(folder, "assessments")}
    scores: dict[tuple[int, Course], list[tuple[Fraction, Fraction]]] = defaultdict(list)
    for row in rows(folder, "studentAssessment"):
        assessment = assessments[row["id_assessment"]]
        person, run = people[int(row["id_student"])], run_of(assessment)
        submitted = day(run, row["date_submitted"])
        person.last_login = max(person.last_login or submitted, submitted)
        if row["score"] and assessment["assessment_type"] != "Exam":
            scores[person.id, run].append((Fraction(row["score"]), Fraction(assessment["weight"])))
    for (pk, run), pairs in scores.items():
        weights = sum(weight for _score, weight in pairs)
        weighted = sum(score * weight for score, weight in pairs)
        mean = weighted / weights if weights else sum(score for score, _weight in pairs) / Fraction(len(pairs))
        people[pk].runs[run].grade = Fraction(mean)
