"""Who studies in a course and how far they are: groups follow what happens there by the platform's own events."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from completion.models import BlockCompletion
from django.contrib.auth.models import User
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from openedx_events.learning.signals import COURSE_ENROLLMENT_CREATED

from common.djangoapps.student.models import CourseEnrollment, UserStanding
from lms.djangoapps.certificates.models import GeneratedCertificate
from lms.djangoapps.grades.models import PersistentCourseGrade
from openedx.core.djangoapps.user_api.models import UserRetirementRequest
from openedx_user_groups import api
from openedx_user_groups.upkeep import drain
from tests.by_api import VERIFIED, a_group, in_mode, leaf, member_ids
from tests.examples import examples
from tests.factories import (
    a_block,
    a_course,
    a_learner,
    a_user,
    certificate,
    disable,
    enroll,
    grade,
    has_role,
    retire,
    scope_of_course,
    scope_of_instance,
    scope_of_organization,
)
from tests.happenings import (
    enrollment_data,
    enrolls,
    is_certified,
    is_graded,
    logs_in,
    noted,
    of_user,
    passes,
    unenrolls,
)
from tests.world import rolled_back

pytestmark = pytest.mark.django_db


def drained(*groups: Any) -> list[set[int]]:
    """The members of groups when all that happened was dealt with."""
    drain.drain()
    assert noted() == []
    return [member_ids(group) for group in groups]


class TestEnrollments:
    """Groups of a course, an organization and the instance, while learners come and go."""

    @pytest.fixture
    def groups(self, course, scope):
        in_course = {"all": [leaf("enrolled_in_course", "in", course_keys=[str(course.id)])]}
        rules = {scope: VERIFIED, scope_of_organization(): VERIFIED, scope_of_instance(): in_course}
        return [a_group(where, rule) for where, rule in rules.items()]

    def test_enrolling_changing_the_track_leaving_and_coming_back(self, course, groups) -> None:
        ana = a_user()
        in_none, in_all = [set(), set(), set()], [{ana.pk}] * 3

        enrolls(ana, course)
        assert drained(*groups) == [set(), set(), {ana.pk}]
        enrolls(ana, course, "verified")
        assert drained(*groups) == in_all
        unenrolls(ana, course)
        assert drained(*groups) == in_none
        enrolls(ana, course, "verified")
        assert drained(*groups) == in_all

    def test_enrollments_that_are_edited_or_deleted_without_any_event(self, course, groups) -> None:
        ana = a_user()
        enrollment = enroll(ana, course, "verified")
        assert drained(*groups) == [{ana.pk}] * 3

        enrollment.mode = "audit"
        enrollment.save()
        assert drained(*groups) == [set(), set(), {ana.pk}]

        enrollment.delete()
        assert drained(*groups) == [set(), set(), set()]

    def test_an_event_that_comes_late_or_twice_says_nothing_new(self, course, groups) -> None:
        ana = a_user()
        enrolls(ana, course, "verified")
        unenrolls(ana, course)
        drained(*groups)

        COURSE_ENROLLMENT_CREATED.send_event(enrollment=enrollment_data(ana, course.id, "verified"))

        assert drained(*groups) == [set(), set(), set()]

    def test_a_save_that_changes_nothing_is_nothing(self, course, groups) -> None:
        enrollment = enroll(a_user(), course, "verified")
        drain.drain()

        enrollment.save()

        assert noted() == []


class TestPopulation:
    """Who belongs to a scope at all, which every group with a rule depends on."""

    @pytest.fixture
    def groups(self, course, scope):
        everybody = {"any": [leaf("last_login", "is_true"), leaf("last_login", "is_false")]}
        return [a_group(where, everybody) for where in (scope, scope_of_organization(), scope_of_instance())]

    def test_the_disabled_leave_and_come_back(self, course, groups) -> None:
        ana = a_learner(course)
        assert drained(*groups) == [{ana.pk}] * 3

        standing = disable(ana)
        assert drained(*groups) == [set()] * 3

        standing.account_status = UserStanding.ACCOUNT_ENABLED
        standing.save()
        assert drained(*groups) == [{ana.pk}] * 3

    @pytest.mark.parametrize("leave", [retire, lambda user: UserRetirementRequest.objects.create(user=user)])
    def test_the_retired_leave(self, leave, course, groups) -> None:
        ana = a_learner(course)
        drained(*groups)

        status = leave(ana)
        assert drained(*groups) == [set()] * 3

        status.delete()
        assert drained(*groups) == [{ana.pk}] * 3

    def test_an_account_that_is_not_active_leaves_the_instance_and_studies_on(self, course, groups) -> None:
        ana = a_learner(course)
        drained(*groups)

        ana.is_active = False
        ana.save()
        assert drained(*groups) == [{ana.pk}, {ana.pk}, set()]

        User.objects.get(pk=ana.pk).delete()
        assert drained(*groups) == [set()] * 3

    def test_a_new_account_joins_the_instance(self, groups) -> None:
        ana = a_user()

        assert drained(*groups) == [set(), set(), {ana.pk}]

    def test_a_step_of_a_retirement_is_no_further_change(self, course, groups) -> None:
        status = retire(a_learner(course))
        drained(*groups)

        status.retired_username = "another"
        status.save()

        assert noted() == []


class TestAchievements:
    """Grades, certificates and completed blocks."""

    def test_grades(self, course, scope) -> None:
        ana = a_learner(course)
        good = a_group(scope, {"all": [leaf("course_grade", ">=", percent=80)]})
        assert drained(good) == [set()]

        grade(ana, course, 90)
        is_graded(ana, course.id)
        assert drained(good) == [{ana.pk}]

        PersistentCourseGrade.objects.update(percent_grade=0.5)
        is_graded(ana, course.id)
        assert drained(good) == [set()]

    def test_passing(self, course, scope) -> None:
        ana = a_learner(course)
        passed = a_group(scope, {"all": [leaf("course_passed", "is_true")]})
        drained(passed)

        grade(ana, course, 90, passed=timezone.now())
        passes(ana, course.id)

        assert drained(passed) == [{ana.pk}]

    def test_certificates_in_the_course_and_in_the_organization(self, course, scope) -> None:
        ana = a_learner(course)
        rule = {"all": [leaf("certificate", "is_true")]}
        groups = [a_group(scope, rule), a_group(scope_of_organization(), rule)]
        drained(*groups)

        certificate(ana, course)
        is_certified(ana, course.id)
        assert of_user(ana) == sorted(["Acme", str(course.id)])
        assert drained(*groups) == [{ana.pk}] * 2

        GeneratedCertificate.objects.update(status="unavailable")
        is_certified(ana, course.id)
        assert drained(*groups) == [set(), set()]

    def test_completed_blocks(self, course, scope) -> None:
        ana = a_learner(course)
        block = a_block(course, "problem", "exercise")
        done = a_group(scope, {"all": [leaf("block_completed", "is_true", usage_key=str(block))]})
        drained(done)

        row = BlockCompletion.objects.create(
            user=ana, context_key=course.id, block_key=block, block_type="problem", completion=0.5
        )
        assert drained(done) == [set()]
        row.completion = 1.0
        row.save()
        assert drained(done) == [{ana.pk}]
        row.save()
        assert noted() == []
        row.delete()
        assert drained(done) == [set()]


ACTS: dict[str, Callable[[User, Any], Any]] = {
    "enrolls": lambda user, course: enrolls(user, course, "verified"),
    "audits": lambda user, course: enrolls(user, course, "audit"),
    "leaves": lambda user, course: CourseEnrollment.objects.filter(user=user).exists() and unenrolls(user, course),
    "is disabled": lambda user, course: UserStanding.objects.filter(user=user).exists() or disable(user),
    "is enabled": lambda user, course: [standing.delete() for standing in UserStanding.objects.filter(user=user)],
    "logs in": lambda user, course: logs_in(user, timezone.now() - timedelta(hours=1)),
    "teaches": lambda user, course: user.courseaccessrole_set.exists() or has_role(user, "staff", course),
    "teaches no more": lambda user, course: [role.delete() for role in user.courseaccessrole_set.all()],
    "is drained": lambda user, course: drain.drain(),
}


@settings(max_examples=examples(40))
@given(acts=st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 2)), max_size=12))
def test_whatever_happens_a_drain_leaves_whom_a_full_refresh_would(acts) -> None:
    with rolled_back():
        course = a_course()
        people = [a_user() for _ in range(3)]
        rules = {
            scope_of_course(course): {
                "any": [*VERIFIED["all"], leaf("last_login", "is_true"), leaf("course_role", "in", roles=["staff"])]
            },
            scope_of_organization(): in_mode("audit"),
            scope_of_instance(): {"all": [leaf("last_login", "is_true")]},
        }
        groups = [a_group(scope, rule) for scope, rule in rules.items()]

        for act, place in acts:
            ACTS[act](User.objects.get(pk=people[place].pk), course)
        followed = drained(*groups)

        for group in groups:
            api.refresh(group.uuid)
        assert followed == [member_ids(group) for group in groups]
