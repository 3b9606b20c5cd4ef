"""Criteria of the campus: one that asks the platform's tables, and one that asks the register of students."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openedx_user_groups.criteria import Criterion, Operator, among, register

PROGRAMMES = {
    "type": "object",
    "properties": {
        "programmes": {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": 100},
            "minItems": 1,
            "uniqueItems": True,
        }
    },
    "required": ["programmes"],
    "additionalProperties": False,
}
COURSES = {
    "type": "object",
    "properties": {"courses": {"type": "integer", "minimum": 1, "maximum": 1000}},
    "required": ["courses"],
    "additionalProperties": False,
}


@register("campus.course_load")
class CourseLoad(Criterion):
    """In how many courses of the organization, or of the whole platform, somebody studies at the moment."""

    title = gettext_lazy("Course load")
    summary = gettext_lazy("In how many courses somebody studies at the moment.")
    scopes = ("organization", "instance")
    operators = {Operator.AT_LEAST: COURSES}
    reads = ("student.CourseEnrollment",)
    updated_by = {
        "org.openedx.learning.course.enrollment.created.v1": "enrollment.user.id",
        "org.openedx.learning.course.unenrollment.completed.v1": "enrollment.user.id",
    }

    def predicate(self) -> Q:
        loads = self.source("lms").enrollments().values("user_id").annotate(courses=Count("pk"))
        return among(loads.filter(courses__gte=self.config["courses"]))

    def describe(self) -> str:
        return _("studies in {number} courses or more").format(number=self.config["courses"])


@register("campus.programme")
class Programme(Criterion):
    """The degree programme that the register of students has for somebody."""

    title = gettext_lazy("Degree programme")
    summary = gettext_lazy("The degree programme in the register of students.")
    scopes = ("course", "organization", "instance")
    operators = {Operator.IN: PROGRAMMES, Operator.NOT_IN: PROGRAMMES}
    # The register is a file: nobody tells when it changes.
    refresh_every = timedelta(days=1)

    @classmethod
    def unavailable(cls) -> str:
        return "" if getattr(settings, "CAMPUS_REGISTER", None) else "There is no setting CAMPUS_REGISTER."

    def user_ids(self) -> Iterator[int]:
        return (pk for pk, _programme in self.source("campus.register").programmes(set(self.config["programmes"])))

    def unknown(self) -> Q:
        return ~self.staged(pk for pk, _programme in self.source("campus.register").programmes())

    def values(self) -> Mapping[int, str]:
        return dict(self.source("campus.register").programmes())

    def describe(self) -> str:
        listed = _(" or ").join(self.config["programmes"])
        is_asked = self.operator == Operator.IN
        return (_("studies {programmes}") if is_asked else _("does not study {programmes}")).format(programmes=listed)
