"""The platform's rows of the people and studies of the seed, not yet saved."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache

from django.contrib.auth.models import User
from django.db import connection

from common.djangoapps.student.models import CourseEnrollment, UserProfile
from lms.djangoapps.certificates.models import GeneratedCertificate
from lms.djangoapps.grades.models import PersistentCourseGrade
from tests.sandbox.demo.courses import Course, units
from tests.sandbox.demo.people import Person
from tests.sandbox.demo.studies import Study

NO_PASSWORD = "!"
COMPLETION_COLUMNS = ("user_id", "course_key", "block_key", "block_type", "completion", "created", "modified")


def instant(anchor: datetime, days_ago: int) -> datetime:
    """Return an instant half a day away from every whole number of days before the anchor.

    Rules count in whole days, so nobody's answer changes for the next twelve hours.
    """
    return anchor - timedelta(days=days_ago, hours=12)


def user(person: Person, anchor: datetime) -> User:
    """Return the account of a person; a retired one has lost its name."""
    name = f"retired__user_{person.id:x}" if person.is_retired else person.username
    last_login = person.last_login_days_ago
    return User(
        id=person.id,
        username=name,
        email=f"{name}@retired.invalid" if person.is_retired else person.email,
        password=NO_PASSWORD,
        first_name="" if person.is_retired else person.first_name,
        last_name="" if person.is_retired else person.last_name,
        is_active=person.is_confirmed,
        date_joined=instant(anchor, person.joined_days_ago),
        last_login=None if last_login is None else instant(anchor, last_login),
    )


def profile(person: Person) -> UserProfile:
    """Return what a person tells."""
    return UserProfile(
        user_id=person.id,
        name="" if person.is_retired else f"{person.first_name} {person.last_name}".strip(),
        year_of_birth=person.year_of_birth,
        gender=person.gender,
        level_of_education=person.level_of_education,
        city=person.city,
        country=person.country,
    )


def enrollment(person: Person, course: Course, study: Study, anchor: datetime) -> CourseEnrollment:
    """Return the enrollment behind a study."""
    return CourseEnrollment(
        user_id=person.id,
        course_id=course.key,
        created=instant(anchor, study.enrolled_days_ago),
        is_active=study.is_active,
        mode=study.mode,
    )


def completions(person: Person, course: Course, study: Study, anchor: datetime) -> Iterator[tuple]:
    """Yield the columns of a row for every unit done, and for the unit begun."""
    at = connection.ops.adapt_datetimefield_value(instant(anchor, study.last_done_days_ago))
    for number, (key, block_type) in enumerate(_units(course)[: study.units_done + study.unit_begun]):
        yield person.id, str(course.key), key, block_type, 1.0 if number < study.units_done else 0.5, at, at


@cache
def _units(course: Course) -> list[tuple[str, str]]:
    return [(str(key), key.block_type) for key in units(course.key)]


def grade(person: Person, course: Course, study: Study, anchor: datetime) -> PersistentCourseGrade | None:
    """Return the grade, where anything was graded."""
    if study.grade is None:
        return None
    at = instant(anchor, study.last_done_days_ago)
    return PersistentCourseGrade(
        user_id=person.id,
        course_id=course.key,
        percent_grade=study.grade,
        letter_grade="Pass" if study.has_passed else "",
        passed_timestamp=at if study.has_passed else None,
        created=at,
        modified=at,
    )


def certificate(person: Person, course: Course, study: Study, anchor: datetime) -> GeneratedCertificate | None:
    """Return the certificate, or what stands in its place."""
    if study.certificate_status is None:
        return None
    at = instant(anchor, study.last_done_days_ago)
    return GeneratedCertificate(
        user_id=person.id,
        course_id=course.key,
        status=study.certificate_status,
        mode=study.mode,
        grade=f"{study.grade:.2f}",
        created_date=at,
        modified_date=at,
    )
