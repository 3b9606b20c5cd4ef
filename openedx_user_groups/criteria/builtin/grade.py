"""Criteria about grades and certificates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...data import COURSE, ORGANIZATION
from ...rules.combine import among
from ...text import IsOneOf
from .. import themes
from ..base import Asking, Operator, Schema
from ..kinds import FactCriterion, NumberCriterion, numbers
from ..registry import register
from ..schemas import values
from ..users import of_users

COURSE_GRADE = "grades.PersistentCourseGrade"


@register("course_grade")
class CourseGrade(NumberCriterion):
    """The learner's grade in the course, in percent."""

    title = gettext_lazy("Course grade")
    theme = themes.PROGRESS
    summary = gettext_lazy("The grade in the course, in percent.")
    keywords = gettext_lazy("score mark result at risk failing")
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
    example: ClassVar = {"operator": ">=", "config": {"percent": 80}}

    def predicate(self) -> Q:
        # The column holds 0..1. The bound is divided, not the column multiplied: 0.29 * 100 is less than 29.
        lookups = {f"percent_grade__{lookup}": value / 100 for lookup, value in self.bounds().items()}
        return among(self.source("lms").course_grades().filter(**lookups))

    def unknown(self) -> Q:
        return ~among(self.source("lms").course_grades())

    def amounts(self) -> Iterable[tuple[int, float]]:
        grades = of_users(self.source("lms").course_grades(), self.users, "percent_grade")
        return [(pk, grade * 100) for pk, grade in grades]


@register("course_passed")
class CoursePassed(FactCriterion):
    """Whether the learner has passed the course."""

    title = gettext_lazy("Course passed")
    theme = themes.PROGRESS
    summary = gettext_lazy("Whether somebody has passed the course.")
    keywords = gettext_lazy("failed failing success finished")
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
    example: ClassVar = {"operator": "is_true", "config": {}}

    def positive(self, operator: Operator) -> Q:
        return among(self.source("lms").course_grades().filter(passed_timestamp__isnull=False))

    def unknown(self) -> Q:
        return ~among(self.source("lms").course_grades())


_MODES: Schema = {**values("modes"), "required": []}


@register("certificate")
class Certificate(FactCriterion):
    """Whether the learner has a certificate to download, of any track or of the listed ones."""

    title = gettext_lazy("Certificate")
    theme = themes.PROGRESS
    summary = gettext_lazy("Whether somebody has earned a certificate.")
    keywords = gettext_lazy("diploma credential graduate")
    yes = gettext_lazy("has a certificate")
    no = gettext_lazy("has no certificate")
    scopes = (COURSE, ORGANIZATION)
    operators: ClassVar[Mapping[Operator, Schema]] = {Operator.IS_TRUE: _MODES, Operator.IS_FALSE: _MODES}
    suggests = ("modes",)
    reads = ("certificates.GeneratedCertificate",)
    updated_by = {
        f"org.openedx.learning.certificate.{event}.v1": ("certificate.user.id", "certificate.course.course_key")
        for event in ("changed", "created", "revoked")
    }
    example: ClassVar = {"operator": "is_true", "config": {"modes": ["verified"]}}

    def positive(self, operator: Operator) -> Q:
        certificates = self.source("lms").certificates()
        modes: Any = self.config.get("modes")
        return among(certificates.filter(IsOneOf("mode", *modes)) if modes else certificates)

    @classmethod
    def suggestions(cls, asking: Asking, key: str, search: str) -> Mapping[str, str]:
        certificates = cls(Operator.IS_TRUE, {}, asking).source("lms").certificates()
        modes = certificates.order_by().values_list("mode", flat=True).distinct()
        return {mode: mode for mode in sorted(modes) if mode}

    def describe(self) -> str:
        sentence = super().describe()
        modes: Any = self.config.get("modes")
        return (
            _("{sentence} of track {modes}").format(sentence=sentence, modes=_(" or ").join(modes))
            if modes
            else sentence
        )
