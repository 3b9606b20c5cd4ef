"""Criteria about grades and certificates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...data import COURSE, ORGANIZATION
from ...text import IsOneOf
from ..base import Operator, Schema, among
from ..kinds import FactCriterion, NumberCriterion, numbers
from ..registry import register
from ..schemas import values

COURSE_GRADE = "grades.PersistentCourseGrade"


@register("course_grade")
class CourseGrade(NumberCriterion):
    """The learner's grade in the course, in percent."""

    title = gettext_lazy("Course grade")
    subject = gettext_lazy("course grade")
    scopes = (COURSE,)
    operators = numbers("percent", 0, 100)
    reads = (COURSE_GRADE,)
    updated_by = {
        "org.openedx.learning.course.persistent_grade_summary.changed.v1": (
            "grade.user_id",
            "grade.course.course_key",
        )
    }

    def predicate(self) -> Q:
        # The column holds 0..1. The bound is divided, not the column multiplied: 0.29 * 100 is less than 29.
        lookups = {f"percent_grade__{lookup}": value / 100 for lookup, value in self.bounds().items()}
        return among(self.source("lms").course_grades().filter(**lookups))

    def unknown(self) -> Q:
        return ~among(self.source("lms").course_grades())


@register("course_passed")
class CoursePassed(FactCriterion):
    """Whether the learner has passed the course."""

    title = gettext_lazy("Course passed")
    yes = gettext_lazy("has passed the course")
    no = gettext_lazy("has not passed the course")
    scopes = (COURSE,)
    reads = (COURSE_GRADE,)
    updated_by = {
        "org.openedx.learning.course.passing.status.updated.v1": (
            "course_passing_status.user.id",
            "course_passing_status.course.course_key",
        )
    }

    def positive(self, operator: Operator) -> Q:
        return among(self.source("lms").course_grades().filter(passed_timestamp__isnull=False))

    def unknown(self) -> Q:
        return ~among(self.source("lms").course_grades())


_MODES: Schema = {**values("modes"), "required": []}


@register("certificate")
class Certificate(FactCriterion):
    """Whether the learner has a certificate to download, of any track or of the listed ones."""

    title = gettext_lazy("Certificate")
    yes = gettext_lazy("has a certificate")
    no = gettext_lazy("has no certificate")
    scopes = (COURSE, ORGANIZATION)
    operators: ClassVar[Mapping[Operator, Schema]] = {Operator.IS_TRUE: _MODES, Operator.IS_FALSE: _MODES}
    reads = ("certificates.GeneratedCertificate",)
    updated_by = {
        f"org.openedx.learning.certificate.{event}.v1": ("certificate.user.id", "certificate.course.course_key")
        for event in ("changed", "created", "revoked")
    }

    def positive(self, operator: Operator) -> Q:
        certificates = self.source("lms").certificates()
        modes: Any = self.config.get("modes")
        return among(certificates.filter(IsOneOf("mode", *modes)) if modes else certificates)

    def describe(self) -> str:
        sentence = super().describe()
        modes: Any = self.config.get("modes")
        return (
            _("{sentence} of track {modes}").format(sentence=sentence, modes=_(" or ").join(modes))
            if modes
            else sentence
        )
