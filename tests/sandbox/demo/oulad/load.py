"""Writes the dataset as rows of the platform, all of it or nothing."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from django.contrib.auth.models import User
from django.db import models, transaction
from opaque_keys.edx.keys import CourseKey
from organizations.models import Organization, OrganizationCourse

from common.djangoapps.student.models import CourseEnrollment, UserProfile
from lms.djangoapps.certificates.models import GeneratedCertificate
from lms.djangoapps.grades.models import PersistentCourseGrade
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from tests.sandbox.demo.oulad import mapping
from tests.sandbox.demo.oulad.files import check, read
from tests.sandbox.demo.records import NO_PASSWORD
from tests.sandbox.demo.sequences import reset_sequences

BATCH = 5_000

Progress = Callable[[int], object]


class Dataset:
    """The dataset in memory, in the platform's terms."""

    def __init__(self, directory: Path) -> None:
        check(directory)
        info = list(read(directory, "studentInfo"))
        by_number = mapping.assessments(read(directory, "assessments"))
        handed_in = list(mapping.submissions(read(directory, "studentAssessment"), by_number))
        self.runs = mapping.runs(read(directory, "courses"))
        self.students = mapping.students(info)
        self.enrollments = list(mapping.enrollments(read(directory, "studentRegistration"), info))
        self.last_logins = mapping.last_logins(handed_in)
        self.grades = mapping.grades(handed_in)
        self.course_keys = {name: CourseKey.from_string(run.course_key) for name, run in self.runs.items()}

    def __len__(self) -> int:
        certificates = sum(enrollment.has_certificate for enrollment in self.enrollments)
        return 2 * len(self.students) + len(self.enrollments) + len(self.grades) + certificates


def is_loaded() -> bool:
    """Tell whether the dataset is in the database."""
    return Organization.objects.filter(short_name=mapping.ORGANIZATION).exists()


@transaction.atomic
def load(dataset: Dataset, progress: Progress) -> None:
    """Write everything; ``progress`` hears of the number of rows written."""
    _save_courses(dataset)
    for model, rows in (
        (User, _users(dataset)),
        (UserProfile, _profiles(dataset)),
        (CourseEnrollment, _enrollments(dataset)),
        (PersistentCourseGrade, _grades(dataset)),
        (GeneratedCertificate, _certificates(dataset)),
    ):
        _save(model, rows, progress)
    reset_sequences([User])


def _save(model: type[models.Model], rows: Iterator[models.Model], progress: Progress) -> None:
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            progress(len(model._default_manager.bulk_create(batch)))
            batch = []
    progress(len(model._default_manager.bulk_create(batch)))


def _save_courses(dataset: Dataset) -> None:
    organization = Organization.objects.create(short_name=mapping.ORGANIZATION, name="The Open University")
    for name, run in dataset.runs.items():
        CourseOverview.objects.create(
            id=dataset.course_keys[name],
            org=mapping.ORGANIZATION,
            display_name=f"{run.module} {run.presentation}",
            start=run.day(0),
            end=run.day(run.length),
            lowest_passing_grade="0.40",
        )
        OrganizationCourse.objects.create(course_id=run.course_key, organization=organization)


def _users(dataset: Dataset) -> Iterator[User]:
    first_enrolled: dict[int, datetime] = {}
    for enrollment in sorted(dataset.enrollments, key=lambda each: each.created):
        first_enrolled.setdefault(enrollment.student_id, enrollment.created)
    for student in dataset.students.values():
        yield User(
            id=student.id,
            username=student.username,
            email=f"{student.username}@example.com",
            password=NO_PASSWORD,
            date_joined=first_enrolled[student.id],
            last_login=dataset.last_logins.get(student.id),
        )


def _profiles(dataset: Dataset) -> Iterator[UserProfile]:
    for student in dataset.students.values():
        yield UserProfile(
            user_id=student.id,
            name=student.username,
            gender=student.gender,
            level_of_education=student.level_of_education,
            city=student.city,
        )


def _enrollments(dataset: Dataset) -> Iterator[CourseEnrollment]:
    for enrollment in dataset.enrollments:
        yield CourseEnrollment(
            user_id=enrollment.student_id,
            course_id=dataset.course_keys[enrollment.run],
            created=enrollment.created,
            is_active=enrollment.is_active,
            mode=enrollment.mode,
        )


def _grades(dataset: Dataset) -> Iterator[PersistentCourseGrade]:
    for (student_id, run), grade in dataset.grades.items():
        yield PersistentCourseGrade(
            user_id=student_id,
            course_id=dataset.course_keys[run],
            percent_grade=grade.percent,
            letter_grade="Pass" if grade.has_passed else "",
            passed_timestamp=grade.latest if grade.has_passed else None,
            created=grade.latest,
            modified=grade.latest,
        )


def _certificates(dataset: Dataset) -> Iterator[GeneratedCertificate]:
    for enrollment in dataset.enrollments:
        if enrollment.has_certificate:
            run = dataset.runs[enrollment.run]
            yield GeneratedCertificate(
                user_id=enrollment.student_id,
                course_id=dataset.course_keys[enrollment.run],
                status="downloadable",
                mode=enrollment.mode,
                created_date=run.day(run.length),
                modified_date=run.day(run.length),
            )
