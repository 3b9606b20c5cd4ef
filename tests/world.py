"""Plain people written into the platform's tables, all at once and without a trace afterwards."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from completion.models import BlockCompletion
from django.contrib.auth.models import User
from django.db import transaction
from opaque_keys.edx.keys import CourseKey
from social_django.models import UserSocialAuth

from common.djangoapps.student.models import CourseAccessRole, CourseEnrollment, UserProfile, UserStanding
from lms.djangoapps.certificates.models import GeneratedCertificate
from lms.djangoapps.courseware.models import StudentModule
from lms.djangoapps.grades.models import PersistentCourseGrade
from openedx.core.djangoapps.user_api.models import UserPreference, UserRetirementRequest
from openedx_user_groups.data import ScopeData
from openedx_user_groups.evaluation.definition import Definition
from openedx_user_groups.models import Membership, UserGroup
from openedx_user_groups.rules.tree import Branch
from tests import factories
from tests.campus import save_courses
from tests.plain_people import COURSES, GROUPS, ORGANIZATIONS, Person, Study

__all__ = ["FIRST_ID", "definition", "rolled_back", "save", "save_courses"]

# Far from the ids that databases give, so that both can be in one test.
FIRST_ID = 50_000_000


@contextmanager
def rolled_back() -> Iterator[None]:
    """Whatever is written within the block is gone after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


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
    CourseAccessRole.objects.bulk_create(
        CourseAccessRole(user_id=pk, role=role, **_place(place))
        for pk, p in saved.items()
        for place, role in p.roles.items()
    )
    _save_choices(saved)
    _save_memberships(saved)
    studies = [(pk, CourseKey.from_string(key), s) for pk, p in saved.items() for key, s in p.studies.items()]
    _save_studies(studies)
    _save_work(studies)
    return saved


def _save_choices(saved: Mapping[int, Person]) -> None:
    UserPreference.objects.bulk_create(
        UserPreference(user_id=pk, key=key, value=value)
        for pk, person in saved.items()
        for key, value in (("pref-lang", person.language), ("time_zone", "en"))
        if value is not None
    )
    UserSocialAuth.objects.bulk_create(
        UserSocialAuth(user_id=pk, provider=provider, uid=f"{pk}")
        for pk, person in saved.items()
        for provider in person.providers
    )


def _save_memberships(saved: Mapping[int, Person]) -> None:
    rows = {group.uuid: group for group in UserGroup.objects.filter(uuid__in=[group.uuid for group in GROUPS])}
    Membership.objects.bulk_create(
        Membership(
            user_id=pk,
            group=rows[GROUPS[number].uuid],
            collection_id=rows[GROUPS[number].uuid].collection_id,
            origin=origin,
            joined_at=factories.NOW,
        )
        for pk, person in saved.items()
        for number, origin in person.groups.items()
    )


def _named(pk: int, person: Person) -> Person:
    return replace(person, pk=pk, fields={**person.fields, "username": f"{person.fields.get('username', '')}{pk}"})


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


def _place(place: str) -> dict[str, Any]:
    if place in COURSES:
        return {"org": ORGANIZATIONS[place], "course_id": CourseKey.from_string(place)}
    return {"org": place}


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
            created=study.touched,
            modified=study.touched,
        )
        for pk, key, study in studies
        for place in range(study.done + study.begun)
    )


def _save_work(studies: Sequence[tuple[int, CourseKey, Study]]) -> None:
    StudentModule.objects.bulk_create(
        StudentModule(
            student_id=pk,
            course_id=key,
            module_state_key=key.make_usage_key("sequential", "homework"),
            modified=study.worked,
        )
        for pk, key, study in studies
        if study.worked is not None
    )
    factories.work_of({(pk, key): study.homework for pk, key, study in studies if study.homework is not None})


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
