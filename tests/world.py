"""Plain people written into the platform's tables, all at once and without a trace afterwards."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from completion.models import BlockCompletion
from django.contrib.auth.models import User
from django.db import transaction
from opaque_keys.edx.keys import CourseKey

from common.djangoapps.student.models import CourseEnrollment, UserProfile, UserStanding
from lms.djangoapps.certificates.models import GeneratedCertificate
from lms.djangoapps.grades.models import PersistentCourseGrade
from openedx.core.djangoapps.user_api.models import UserRetirementRequest
from openedx_user_groups.data import ScopeData
from openedx_user_groups.definition import Definition
from openedx_user_groups.rules import Branch
from tests import factories
from tests.plain import COURSES, Person, Study

# Far from the ids that databases give, so that both can be in one test.
FIRST_ID = 50_000_000


@contextmanager
def rolled_back() -> Iterator[None]:
    """Whatever is written within the block is gone after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def save_courses() -> None:
    """The courses that plain people study in."""
    for key, blocks in COURSES.items():
        factories.a_course(key, blocks=blocks)


def save(people: Sequence[Person]) -> dict[int, Person]:
    """The people as rows; returns them by user id."""
    saved = {pk: _named(pk, person) for pk, person in enumerate(people, FIRST_ID)}
    User.objects.bulk_create(_account(pk, person) for pk, person in saved.items())
    UserProfile.objects.bulk_create(UserProfile(user_id=pk, **p.profile) for pk, p in saved.items() if p.profile)
    UserStanding.objects.bulk_create(
        UserStanding(user_id=pk, account_status="disabled" if person.is_disabled else "enabled")
        for pk, person in saved.items()
        if person.is_disabled or person.is_staff
    )
    UserRetirementRequest.objects.bulk_create(
        UserRetirementRequest(user_id=pk) for pk, person in saved.items() if person.is_retired
    )
    studies = [(pk, CourseKey.from_string(key), s) for pk, p in saved.items() for key, s in p.studies.items()]
    _save_studies(studies)
    return saved


def _named(pk: int, person: Person) -> Person:
    return replace(person, fields={**person.fields, "username": f"{person.fields.get('username', '')}{pk}"})


def _account(pk: int, person: Person) -> User:
    return User(
        pk=pk,
        password="!",
        is_active=person.is_active,
        is_staff=person.is_staff,
        date_joined=person.joined,
        last_login=person.last_login,
        **person.fields,
    )


def _save_studies(studies: Sequence[tuple[int, CourseKey, Study]]) -> None:
    CourseEnrollment.objects.bulk_create(
        CourseEnrollment(user_id=pk, course_id=key, mode=study.mode, is_active=study.is_active, created=study.enrolled)
        for pk, key, study in studies
    )
    PersistentCourseGrade.objects.bulk_create(
        PersistentCourseGrade(
            user_id=pk, course_id=key, percent_grade=study.percent / 100, passed_timestamp=_passed(study)
        )
        for pk, key, study in studies
        if study.percent is not None
    )
    GeneratedCertificate.objects.bulk_create(
        GeneratedCertificate(user_id=pk, course_id=key, mode=study.certificate[0], status=study.certificate[1])
        for pk, key, study in studies
        if study.certificate
    )
    BlockCompletion.objects.bulk_create(
        BlockCompletion(
            user_id=pk,
            context_key=key,
            block_key=key.make_usage_key("problem", f"block{place}"),
            block_type="problem",
            completion=1.0 if place < study.done else 0.5,
        )
        for pk, key, study in studies
        for place in range(study.done + study.begun)
    )


def _passed(study: Study) -> datetime | None:
    return factories.NOW if study.has_passed else None


def definition(rule: Branch | None, scope: ScopeData, group_id: int = 1) -> Definition:
    """A group that asks for a rule, as the engine sees it; nothing is stored."""
    return Definition(
        group_id=group_id,
        uuid=None,  # type: ignore[arg-type]
        name=f"group {group_id}",
        scope=scope,
        collection_id=group_id,
        parent_group_id=None,
        priority=0,
        revision=1,
        status="active",
        rule=rule,
    )
