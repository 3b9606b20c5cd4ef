"""Writes the seed: as many learners and courses as asked for, less what is there already."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import chain, islice

from completion.models import BlockCompletion
from django.contrib.auth.models import User
from django.db import connection, models, transaction
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment, UserProfile, UserStanding
from lms.djangoapps.certificates.models import GeneratedCertificate
from lms.djangoapps.grades.models import PersistentCourseGrade
from openedx.core.djangoapps.user_api.models import RetirementState, UserRetirementStatus
from tests.sandbox.demo import records
from tests.sandbox.demo.accounts import account_people
from tests.sandbox.demo.campus import create_campus, create_course
from tests.sandbox.demo.courses import Course, course
from tests.sandbox.demo.models import Seeding
from tests.sandbox.demo.people import Person, learner, visitor
from tests.sandbox.demo.sequences import reset_sequences
from tests.sandbox.demo.studies import study

BATCH = 2_000

Progress = Callable[[int], object]


def seed(learners: int, courses: int, progress: Progress) -> bool:
    """Bring the seed to this size and tell whether anything was missing; ``progress`` hears of learners written."""
    seeding = Seeding.objects.first() or _begin()
    if seeding.learners >= learners and seeding.courses >= courses:
        return False
    while seeding.courses < courses:
        _add_course(seeding)
    for start in range(seeding.learners, learners, BATCH):
        stop = min(start + BATCH, learners)
        _add_learners(seeding, start, stop)
        progress(stop - start)
    reset_sequences([User])
    return True


@transaction.atomic
def _begin() -> Seeding:
    anchor = timezone.now().replace(microsecond=0)
    create_campus(anchor)
    return Seeding.objects.create(anchor=anchor)


@transaction.atomic
def _add_course(seeding: Seeding) -> None:
    """Add the next course, with those of the learners there already who study in it."""
    added = course(seeding.courses)
    create_course(added, seeding.anchor)
    for start in range(0, seeding.learners, BATCH):
        people = _people(start, min(start + BATCH, seeding.learners))
        _enroll(people, [added], seeding.anchor)
    if added.number == 0:
        _enroll([person for person in account_people() if person.username == "learner"], [added], seeding.anchor)
    seeding.courses += 1
    seeding.save()


@transaction.atomic
def _add_learners(seeding: Seeding, start: int, stop: int) -> None:
    people = _people(start, stop)
    _save(User, (records.user(person, seeding.anchor) for person in people))
    _save(UserProfile, map(records.profile, people))
    _save(UserStanding, (UserStanding(user_id=p.id, account_status="disabled") for p in people if p.is_disabled))
    _retire([person for person in people if person.is_retired])
    _enroll(people, [course(number) for number in range(seeding.courses)], seeding.anchor)
    seeding.learners = stop
    seeding.save()


def _people(start: int, stop: int) -> list[Person]:
    pairs = ((learner(number), visitor(number)) for number in range(start, stop))
    return [person for person in chain.from_iterable(pairs) if person]


def _enroll(people: Sequence[Person], courses: Iterable[Course], anchor: datetime) -> None:
    found = [(person, run, study(person, run.number)) for run in courses for person in people]
    studies = [(*who_and_where, done, anchor) for *who_and_where, done in found if done]
    save_all = partial(_save_made, studies)
    save_all(CourseEnrollment, records.enrollment)
    save_all(PersistentCourseGrade, records.grade)
    save_all(GeneratedCertificate, records.certificate)
    _save_completions(chain.from_iterable(records.completions(*each) for each in studies))


def _save_made(studies: list, model: type[models.Model], make: Callable) -> None:
    _save(model, filter(None, (make(*each) for each in studies)))


def _save(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    model._default_manager.bulk_create(rows, batch_size=BATCH)


def _save_completions(rows: Iterator[tuple]) -> None:
    """Write completions without making objects of them: they are most of the seed, and it takes half the time."""
    columns, values = ", ".join(records.COMPLETION_COLUMNS), ", ".join(["%s"] * len(records.COMPLETION_COLUMNS))
    statement = f"INSERT INTO {BlockCompletion._meta.db_table} ({columns}) VALUES ({values})"
    with connection.cursor() as cursor:
        while batch := list(islice(rows, BATCH)):
            cursor.executemany(statement, batch)


def _retire(people: Sequence[Person]) -> None:
    state = RetirementState.objects.get(state_name="COMPLETED")
    _save(
        UserRetirementStatus,
        (
            UserRetirementStatus(
                user_id=person.id,
                retired_username=f"retired__user_{person.id:x}",
                retired_email=f"retired__user_{person.id:x}@retired.invalid",
                current_state=state,
            )
            for person in people
        ),
    )
