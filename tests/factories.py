"""People, courses and what they did there, as rows of the platform's tables; every default is an ordinary one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from completion.models import BlockCompletion
from django.contrib.auth.models import User
from django.utils import timezone
from opaque_keys.edx.keys import CourseKey, UsageKey

from common.djangoapps.student.models import CourseAccessRole, CourseEnrollment, UserProfile, UserStanding
from lms.djangoapps.certificates.models import GeneratedCertificate
from lms.djangoapps.courseware.models import StudentModule
from lms.djangoapps.grades.models import (
    PersistentCourseGrade,
    PersistentSubsectionGrade,
    PersistentSubsectionGradeOverride,
)
from openedx.core.djangoapps.content.block_structure.models import CourseBlock
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from openedx.core.djangoapps.user_api.models import RetirementState, UserRetirementStatus
from openedx_user_groups.data import COURSE, INSTANCE, ORGANIZATION, ScopeData

# The instant at which tests ask; its microseconds show what rounds them away.
NOW = datetime(2026, 3, 15, 12, 0, 0, 250_000, tzinfo=UTC)

_numbers = count(1)


def days_ago(days: float) -> datetime:
    """The instant that many days of 24 hours before NOW."""
    return NOW - timedelta(days=days)


def a_user(**fields: Any) -> User:
    """An active account that registered 100 days ago and never logged in."""
    username = fields.pop("username", None) or f"user_{next(_numbers)}"
    defaults = {"email": f"{username}@example.com", "password": "!", "date_joined": days_ago(100)}
    return User.objects.create(username=username, **(defaults | fields))


def a_course(key: str = "course-v1:Acme+A1+2026", org: str | None = None, blocks: int = 0) -> CourseOverview:
    """A course run with that many blocks to complete; of the organization in its key, unless ``org`` says otherwise."""
    course_key = CourseKey.from_string(key)
    course = CourseOverview.objects.create(id=course_key, org=course_key.org if org is None else org, display_name=key)
    CourseBlock.objects.bulk_create(
        CourseBlock(course_key=course_key, usage_key=block) for block in blocks_of(course, blocks)
    )
    return course


def blocks_of(course: CourseOverview, number: int) -> list[UsageKey]:
    """The usage keys of the first blocks of a course, which learners can complete."""
    return [course.id.make_usage_key("problem", f"block{place}") for place in range(number)]


def scope_of_course(course: CourseOverview) -> ScopeData:
    """The scope of a course."""
    return ScopeData(COURSE, str(course.id))


def scope_of_organization(short_name: str = "Acme") -> ScopeData:
    """The scope of an organization."""
    return ScopeData(ORGANIZATION, short_name)


def scope_of_instance() -> ScopeData:
    """The scope of the whole instance."""
    return ScopeData(INSTANCE)


def enroll(user: User, course: CourseOverview, mode: str = "audit", **fields: Any) -> CourseEnrollment:
    """An active enrollment, made 50 days ago."""
    defaults = {"created": days_ago(50)}
    return CourseEnrollment.objects.create(user=user, course=course, mode=mode, **(defaults | fields))


def a_learner(course: CourseOverview, mode: str = "audit", **fields: Any) -> User:
    """An account that is enrolled in the course."""
    user = a_user(**fields)
    enroll(user, course, mode)
    return user


def profile(user: User, **fields: Any) -> UserProfile:
    """A profile; what is not given is as empty as the platform leaves it."""
    return UserProfile.objects.create(user=user, **fields)


def grade(user: User, course: CourseOverview, percent: float, passed: datetime | None = None) -> PersistentCourseGrade:
    """A grade in percent; ``passed`` is when the course was passed, None where it was not."""
    return PersistentCourseGrade.objects.create(
        user_id=user.pk, course_id=course.id, percent_grade=percent / 100, passed_timestamp=passed
    )


def certificate(
    user: User, course: CourseOverview, mode: str = "verified", status: str = "downloadable"
) -> GeneratedCertificate:
    """A certificate; only one that is downloadable counts."""
    return GeneratedCertificate.objects.create(user=user, course_id=course.id, mode=mode, status=status)


def complete(user: User, course: CourseOverview, blocks: int, completion: float = 1.0) -> None:
    """The first blocks of the course, completed; with ``completion`` below 1 only begun."""
    BlockCompletion.objects.bulk_create(
        BlockCompletion(
            user=user, context_key=course.id, block_key=block, block_type=block.block_type, completion=completion
        )
        for block in blocks_of(course, blocks)
    )


def has_role(user: User, role: str, course: CourseOverview | None = None, org: str = "Acme") -> CourseAccessRole:
    """A role in a course, or in all courses of the organization."""
    place = {"org": course.id.org, "course_id": course.id} if course else {"org": org}
    return CourseAccessRole.objects.create(user=user, role=role, **place)


def disable(user: User) -> UserStanding:
    """The account is disabled by an administrator."""
    return UserStanding.objects.create(user=user, account_status=UserStanding.ACCOUNT_DISABLED)


def retire(user: User) -> UserRetirementStatus:
    """The account is on its way to retirement."""
    state, _made = RetirementState.objects.get_or_create(state_name="PENDING", defaults={"state_execution_order": 1})
    return UserRetirementStatus.objects.create(
        user=user,
        original_username=user.username,
        original_email=user.email,
        retired_username=f"retired__user_{user.pk}",
        retired_email=f"retired__user_{user.pk}@retired.invalid",
        current_state=state,
        created=timezone.now(),
    )


def a_block(course: CourseOverview, kind: str, name: str, parent: UsageKey | None = None, **fields: Any) -> UsageKey:
    """The usage key of a new block of the course, within another one or not."""
    key = course.id.make_usage_key(kind, name)
    CourseBlock.objects.create(course_key=course.id, usage_key=key, parent_key=parent, **fields)
    return key


def put_into(parent: UsageKey, *blocks: UsageKey) -> None:
    """Blocks that there are become the contents of another one."""
    CourseBlock.objects.filter(usage_key__in=blocks).update(parent_key=parent)


@dataclass(frozen=True)
class Homework:
    """Points of an assignment; ``corrected`` by course staff where they did."""

    earned: float
    possible: float
    attempted: bool = True
    corrected: float | None = None


def work(user: User, course: CourseOverview, earned: float, possible: float, **more: Any) -> None:
    """The points of the subsection "homework"; ``attempted`` or not, and ``corrected`` by course staff or not."""
    work_of({(user.pk, course.id): Homework(earned, possible, **more)})


def work_of(homework: Mapping[tuple[int, CourseKey], Homework]) -> None:
    """The points of many learners, by user id and course."""
    grades = {
        key: PersistentSubsectionGrade(
            pk=pk,
            user_id=key[0],
            course_id=key[1],
            usage_key=key[1].make_usage_key("sequential", "homework"),
            earned_all=done.earned + 1,
            possible_all=done.possible + 1,
            earned_graded=done.earned,
            possible_graded=done.possible,
            first_attempted=NOW if done.attempted else None,
        )
        for (key, done), pk in zip(homework.items(), _numbers, strict=False)
    }
    PersistentSubsectionGrade.objects.bulk_create(grades.values())
    PersistentSubsectionGradeOverride.objects.bulk_create(
        PersistentSubsectionGradeOverride(grade=grades[key], earned_graded_override=done.corrected)
        for key, done in homework.items()
        if done.corrected is not None
    )


def visit(user: User, course: CourseOverview, when: datetime, name: str = "unit1") -> StudentModule:
    """The learner did something in a block of the course."""
    return StudentModule.objects.create(
        student=user,
        course_id=course.id,
        module_state_key=course.id.make_usage_key("vertical", name),
        created=when,
        modified=when,
    )
