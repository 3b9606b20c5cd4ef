"""What each person of the seed does in each course; it follows from their numbers alone."""

import random
from dataclasses import dataclass

from tests.sandbox.demo.courses import CHAPTERS, STARTED_DAYS_AGO, UNITS_PER_CHAPTER
from tests.sandbox.demo.people import FIRST_VISITOR_ID, Person

UNITS = CHAPTERS * UNITS_PER_CHAPTER
PASSING_GRADE = 0.5
MODES = ("audit", "verified", "honor")
MODE_WEIGHTS = (58, 32, 10)
# The share of learners, and of visitors, who are enrolled in a course: by its number, then all further ones.
LEARNER_SHARES = (1.0, 0.34, 0.1)
VISITOR_SHARES = (0.0, 0.8, 0.3)


@dataclass(frozen=True, slots=True)
class Study:
    """One person in one course."""

    enrolled_days_ago: int
    mode: str
    is_active: bool
    units_done: int
    unit_begun: bool
    last_done_days_ago: int
    grade: float | None
    certificate_status: str | None

    @property
    def has_passed(self) -> bool:
        """Whether the grade suffices."""
        return self.grade is not None and self.grade >= PASSING_GRADE


def study(person: Person, course_number: int) -> Study | None:
    """Return what the person does in the course, or None for somebody who never enrolled."""
    chance = random.Random(f"study {person.id} {course_number}")
    shares = VISITOR_SHARES if person.id >= FIRST_VISITOR_ID else LEARNER_SHARES
    if chance.random() >= shares[min(course_number, len(shares) - 1)]:
        return None
    enrolled = _enrolled(chance, person)
    mode = chance.choices(MODES, MODE_WEIGHTS)[0]
    done, grade = _progress(chance, person, enrolled)
    return Study(
        enrolled_days_ago=enrolled,
        mode=mode,
        is_active=chance.random() < 0.95 and not person.is_retired,
        units_done=done,
        unit_begun=0 < done < UNITS and chance.random() < 0.2,
        last_done_days_ago=person.last_login_days_ago or 0,
        grade=grade,
        certificate_status=_certificate(chance, mode, grade),
    )


def _enrolled(chance: random.Random, person: Person) -> int:
    latest = min(person.joined_days_ago, STARTED_DAYS_AGO - 1)
    return chance.randint(0, min(6, latest)) if chance.random() < 0.04 else chance.randint(min(7, latest), latest)


def _progress(chance: random.Random, person: Person, enrolled: int) -> tuple[int, float | None]:
    """Return the number of completed units and the grade; both grow with the time in the course."""
    if person.last_login_days_ago is None or person.last_login_days_ago > enrolled or chance.random() < 0.05:
        return 0, None
    time_in_course = (enrolled - person.last_login_days_ago + 1) / STARTED_DAYS_AGO
    done = min(UNITS, round(UNITS * chance.random() * (0.6 + 2 * time_in_course)))
    grade = round(min(1.0, done / UNITS * chance.uniform(0.6, 1.2)), 4) if done else None
    return done, grade


def _certificate(chance: random.Random, mode: str, grade: float | None) -> str | None:
    """Return the status: not everybody who passed has the certificate yet, and audit learners get none."""
    if grade is None or grade < PASSING_GRADE:
        return "notpassing" if grade is not None and chance.random() < 0.1 else None
    if mode == "audit":
        return "audit_passing"
    return chance.choices(("downloadable", "unverified", None), (80, 8, 12))[0]
