"""Criteria about enrollments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey

from ... import lms
from ...data import COURSE, INSTANCE, ORGANIZATION
from ..base import Criterion, Operator, among
from ..kinds import InstantCriterion, ListCriterion, lists
from ..registry import register

ENROLLMENT = "student.CourseEnrollment"
ENROLLMENT_EVENTS = {
    f"org.openedx.learning.course.{event}.v1": ("enrollment.user.id", "enrollment.course.course_key")
    for event in ("enrollment.created", "enrollment.changed", "unenrollment.completed")
}


@register("enrollment_mode")
class EnrollmentMode(ListCriterion):
    """The track a learner follows in the course, or in any course of the organization."""

    title = gettext_lazy("Enrollment track")
    subject = gettext_lazy("enrollment track")
    scopes = (COURSE, ORGANIZATION)
    config_key = "modes"
    operators = lists(config_key)
    column = "mode"
    reads = (ENROLLMENT,)
    updated_by = ENROLLMENT_EVENTS

    def rows(self) -> QuerySet[Any]:
        return self.source("lms").enrollments()


@register("enrollment_date")
class EnrollmentDate(InstantCriterion):
    """When the learner enrolled in the course."""

    title = gettext_lazy("Enrolled")
    subject = gettext_lazy("enrolled")
    scopes = (COURSE,)
    reads = (ENROLLMENT,)
    updated_by = ENROLLMENT_EVENTS
    refresh_every = timedelta(days=1)
    stale_after = timedelta(days=1)

    def at(self, **comparison: datetime) -> Q:
        lookups = {f"created__{lookup}": instant for lookup, instant in comparison.items()}
        return among(self.source("lms").enrollments().filter(**lookups))

    def unknown(self) -> Q:
        return ~among(self.source("lms").enrollments().filter(created__isnull=False))


@register("enrolled_in_course")
class EnrolledInCourse(Criterion):
    """Whether the learner has an active enrollment in any of the listed courses."""

    title = gettext_lazy("Enrolled in course")
    scopes = (ORGANIZATION, INSTANCE)
    operators = lists("course_keys")
    reads = (ENROLLMENT, "course_overviews.CourseOverview")
    updated_by = ENROLLMENT_EVENTS

    def predicate(self) -> Q:
        keys = [CourseKey.from_string(key) for key in self.config["course_keys"]]
        enrolled = among(self.source("lms").enrollments().filter(course_id__in=keys))
        return enrolled if self.operator == Operator.IN else ~enrolled

    def problems(self) -> Iterable[tuple[str, str]]:
        keys: dict[str, CourseKey] = {}
        for key in self.config["course_keys"]:
            try:
                keys[key] = CourseKey.from_string(key)
            except InvalidKeyError:
                yield "course_keys", _("{key!r} is not a course key.").format(key=key)
        # Compared in Python: MySQL finds a key in any case.
        found = set(map(str, self._courses().filter(id__in=keys.values()).values_list("id", flat=True)))
        for key in keys:
            if key not in found:
                yield "course_keys", _("{key!r} is no course of this scope.").format(key=key)

    def _courses(self) -> QuerySet[Any]:
        if self.scope.type == ORGANIZATION:
            return lms.courses_of(self.scope.key)
        return lms.rows("course_overviews.CourseOverview")

    def describe(self) -> str:
        listed = _(" or ").join(self.config["course_keys"])
        sentence = _("is enrolled in {courses}") if self.operator == Operator.IN else _("is not enrolled in {courses}")
        return sentence.format(courses=listed)
