"""Criteria about enrollments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar, Self

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey

from ...data import COURSE, INSTANCE, ORGANIZATION, ScopeData
from ...platform import lms
from ...population.scopes import ENROLLMENT, ENROLLMENT_COLUMNS, ENROLLMENT_UPDATED_BY
from ...rules.combine import among
from ...text import Contains
from .. import themes
from ..base import MAX_SUGGESTIONS, Asking, Operator
from ..kinds import InstantCriterion, ListCriterion, each_once, lists
from ..reach import NamesScopes
from ..registry import register
from ..users import of_users

COURSE_OVERVIEW = "course_overviews.CourseOverview"
COURSE_MODE = "course_modes.CourseMode"


@register("enrollment_mode")
class EnrollmentMode(ListCriterion):
    """The track a learner follows in the course, or in any course of the organization."""

    title = gettext_lazy("Enrollment track")
    theme = themes.ENROLLMENT
    summary = gettext_lazy("Which track somebody is enrolled in, such as audit or verified.")
    keywords = gettext_lazy("mode seat audit verified paid free")
    subject = gettext_lazy("enrollment track")
    scopes = (COURSE, ORGANIZATION)
    config_key = "modes"
    operators = lists(config_key)
    suggests = (config_key,)
    column = "mode"
    several = True
    reads = (ENROLLMENT,)
    updated_by = ENROLLMENT_UPDATED_BY
    columns = ENROLLMENT_COLUMNS
    example: ClassVar = {"operator": "in", "config": {"modes": ["verified", "professional"]}}

    def rows(self) -> QuerySet[Any]:
        return self.source("lms").enrollments()

    @classmethod
    def choices(cls, asking: Asking) -> Mapping[str, str]:
        offered: dict[str, str] = {}
        if lms.is_installed(COURSE_MODE):
            modes = lms.LMS(scope=asking.scope).in_scope(lms.rows(COURSE_MODE))
            offered = dict(modes.order_by("-mode_slug", "-pk").values_list("mode_slug", "mode_display_name"))
        return each_once(cls.in_use(asking) | offered)


@register("enrollment_date")
class EnrollmentDate(InstantCriterion):
    """When the learner enrolled in the course."""

    title = gettext_lazy("Enrolled")
    theme = themes.ENROLLMENT
    summary = gettext_lazy("When somebody enrolled in the course.")
    keywords = gettext_lazy("new recent joined late registration")
    subject = gettext_lazy("enrolled")
    scopes = (COURSE,)
    reads = (ENROLLMENT,)
    updated_by = ENROLLMENT_UPDATED_BY
    columns = ENROLLMENT_COLUMNS
    refresh_every = timedelta(days=1)
    stale_after = timedelta(days=1)
    example: ClassVar = {"operator": "within_days", "config": {"days": 14}}

    def at(self, **comparison: datetime) -> Q:
        lookups = {f"created__{lookup}": instant for lookup, instant in comparison.items()}
        return among(self.source("lms").enrollments().filter(**lookups))

    def unknown(self) -> Q:
        return ~among(self.source("lms").enrollments().filter(created__isnull=False))

    def instants(self) -> Iterable[tuple[Any, ...]]:
        return of_users(self.source("lms").enrollments(), self.users, "created")


@register("enrolled_in_course")
class EnrolledInCourse(NamesScopes, ListCriterion):
    """Whether the learner has an active enrollment in any of the listed courses."""

    title = gettext_lazy("Enrolled in course")
    theme = themes.ENROLLMENT
    summary = gettext_lazy("Whether somebody is enrolled in certain courses.")
    keywords = gettext_lazy("takes attends other courses")
    scopes = (ORGANIZATION, INSTANCE)
    config_key = "course_keys"
    operators = lists(config_key)
    suggests = (config_key,)
    column = "course_id"
    several = True
    reads = (ENROLLMENT, COURSE_OVERVIEW)
    updated_by = ENROLLMENT_UPDATED_BY
    columns = ENROLLMENT_COLUMNS
    example: ClassVar = {"operator": "in", "config": {"course_keys": ["course-v1:OpenedX+DemoX+DemoCourse"]}}

    def positive(self, operator: Operator) -> Q:
        return among(self.rows())

    def rows(self) -> QuerySet[Any]:
        # Not only of the scope: an author who may see more may name more.
        return self.source("lms").rows(ENROLLMENT).filter(is_active=True, course_id__in=self._keys().values())

    def _keys(self) -> dict[str, CourseKey]:
        """Those of what the config lists that are course keys."""
        keys = {}
        for text in self.config["course_keys"]:
            with suppress(InvalidKeyError):
                keys[text] = CourseKey.from_string(text)
        return keys

    def problems(self) -> Iterable[tuple[str, str]]:
        keys = self._keys()
        # Compared in Python: MySQL finds a key in any case.
        found = set(map(str, lms.rows(COURSE_OVERVIEW).filter(id__in=keys.values()).values_list("id", flat=True)))
        for text in self.config["course_keys"]:
            if text not in keys:
                yield "course_keys", _("{key!r} is not a course key.").format(key=text)
            # The same words for a course that there is not and one that the author may not see.
            elif text not in found or not self.reaches(ScopeData(COURSE, text)):
                yield "course_keys", _("{key!r} is no course of this scope.").format(key=text)

    @classmethod
    def suggestions(cls, asking: Asking, key: str, search: str) -> Mapping[str, str]:
        scope = asking.scope
        courses = lms.rows(COURSE_OVERVIEW) if scope.type == INSTANCE else lms.courses_of(scope.key)
        found = courses.filter(Q(Contains("display_name", search)) | Q(Contains("id", search))) if search else courses
        rows = found.order_by("display_name", "id").values_list("id", "display_name")[:MAX_SUGGESTIONS]
        return {str(course): f"{name} ({course})" if name else str(course) for course, name in rows}

    def titles(self) -> Mapping[str, str]:
        return self._titles

    @cached_property
    def _titles(self) -> Mapping[str, str]:
        return _titles(self._keys())

    @classmethod
    def look_up(cls, asked: Sequence[Self]) -> None:
        super().look_up(asked)
        titles = _titles({text: key for each in asked for text, key in each._keys().items()})
        for each in asked:
            each._titles = titles

    def names(self) -> Iterable[ScopeData]:
        return [ScopeData(COURSE, key) for key in self._keys()]

    def describe(self) -> str:
        listed = _(" or ").join(map(self._title, self.config["course_keys"]))
        sentence = _("is enrolled in {courses}") if self.operator == Operator.IN else _("is not enrolled in {courses}")
        return sentence.format(courses=listed)


def _titles(keys: Mapping[str, CourseKey]) -> Mapping[str, str]:
    """What people call those of the courses that have a name, told apart from other runs of theirs."""
    rows = lms.rows(COURSE_OVERVIEW).filter(id__in=keys.values()).values_list("id", "display_name")
    names = {str(course): name for course, name in rows if name}
    sentence = _("“{name}” ({course} {run})")
    return {
        text: sentence.format(name=names[text], course=key.course, run=key.run)
        for text, key in keys.items()
        if text in names
    }
