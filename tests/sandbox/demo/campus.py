"""Writes what is there before any learner: the organizations, courses, accounts and staff."""

from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from organizations.models import Organization, OrganizationCourse

from common.djangoapps.student.models import CourseAccessRole
from openedx.core.djangoapps.content.block_structure.models import CourseBlock
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from openedx.core.djangoapps.user_api.models import RetirementState
from tests.sandbox.demo.accounts import ACCOUNTS, account_people, staff_people
from tests.sandbox.demo.courses import ENDS_IN_DAYS, ORGANIZATION_NAMES, STARTED_DAYS_AGO, Course, blocks
from tests.sandbox.demo.records import instant, profile, user

RETIREMENT_STATES = ("PENDING", "RETIRING_LMS", "LMS_COMPLETE", "COMPLETED")
TEACHING_ROLES = ("instructor", "staff")


def create_campus(anchor: datetime) -> None:
    """Create accounts, staff and the steps of retirement."""
    for order, name in enumerate(RETIREMENT_STATES):
        RetirementState.objects.get_or_create(state_name=name, defaults={"state_execution_order": order})
    for person, account in zip(account_people(), ACCOUNTS, strict=True):
        row = user(person, anchor)
        row.password = make_password(account.username)
        row.is_staff = row.is_superuser = account.is_superuser
        row.save()
        profile(person).save()
    for person in staff_people():
        row = user(person, anchor)
        row.is_staff = True
        row.save()
        profile(person).save()


def create_course(course: Course, anchor: datetime) -> None:
    """Create a course with its blocks, its organization and, for the first one, its teachers."""
    CourseOverview.objects.create(
        id=course.key,
        org=course.organization,
        display_name=course.name,
        start=instant(anchor, STARTED_DAYS_AGO),
        end=anchor + timedelta(days=ENDS_IN_DAYS, hours=12),
        lowest_passing_grade="0.50",
    )
    CourseBlock.objects.bulk_create(
        CourseBlock(
            course_key=course.key,
            usage_key=block.key,
            parent_key=block.parent,
            display_name=block.name,
            graded=block.graded,
        )
        for block in blocks(course.key)
    )
    organization, _created = Organization.objects.get_or_create(
        short_name=course.organization, defaults={"name": ORGANIZATION_NAMES[course.organization]}
    )
    OrganizationCourse.objects.create(course_id=str(course.key), organization=organization)
    if course.number == 0:
        _appoint(course)


def _appoint(course: Course) -> None:
    instructor = account_people()[0]
    assistants = staff_people()[:3]
    pairs = [(instructor, role) for role in TEACHING_ROLES] + [(person, "staff") for person in assistants]
    CourseAccessRole.objects.bulk_create(
        CourseAccessRole(user_id=person.id, org=course.organization, course_id=course.key, role=role)
        for person, role in pairs
    )
