"""The platform's learner data: its tables found by app label, as querysets that criteria build on (source ``lms``)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet

from .data import COURSE, ORGANIZATION, ScopeData
from .exceptions import CriterionUnavailable
from .sources import register_source
from .text import IsOneOf


def is_installed(label: str) -> bool:
    """Whether this service has the model ``label`` ("app_label.Model"); Studio, for one, has no certificates."""
    try:
        apps.get_model(label)
    except LookupError:
        return False
    return True


def missing(labels: Iterable[str]) -> list[str]:
    """Those of ``labels`` whose tables this service does not have."""
    return [label for label in labels if not is_installed(label)]


def model(label: str) -> type[Model]:
    """The platform's model ``label`` ("app_label.Model"); raises CriterionUnavailable where it is not installed."""
    try:
        return apps.get_model(label)
    except LookupError:
        raise CriterionUnavailable(f"The table of {label} is not installed in this service.") from None


def rows(label: str) -> QuerySet[Any]:
    """All rows of a platform table, in no order."""
    # Default orderings of the platform's models would be sorted for nothing inside subqueries.
    return model(label)._default_manager.order_by()


def courses_of(organization: str) -> QuerySet[Any]:
    """The courses of an organization; its short name in any case, as MySQL finds it on the platform."""
    return rows("course_overviews.CourseOverview").filter(IsOneOf("org", organization))


@register_source("lms")
class LMS:
    """The tables of the platform, limited to the courses of one scope.

    Methods return querysets with a column ``user_id``; nothing is read before the caller combines them. They are
    not limited to ``users``: the engine looks up the rows of each user asked about where there are few of them.
    """

    def __init__(self, *, scope: ScopeData, users: Sequence[int] | None = None) -> None:
        self.scope = scope
        self.users = users

    def rows(self, label: str) -> QuerySet[Any]:
        """Rows of any platform table."""
        return rows(label)

    def in_scope(self, queryset: QuerySet[Any], course_column: str = "course_id") -> QuerySet[Any]:
        """``queryset`` limited to the scope's course, or to the courses of its organization."""
        if self.scope.type == COURSE:
            return queryset.filter(**{course_column: self.scope.course_key})
        if self.scope.type == ORGANIZATION:
            return queryset.filter(**{f"{course_column}__in": courses_of(self.scope.key).values("id")})
        return queryset

    def enrollments(self) -> QuerySet[Any]:
        """Active enrollments in the courses of the scope."""
        return self.in_scope(self.rows("student.CourseEnrollment").filter(is_active=True))

    def course_grades(self) -> QuerySet[Any]:
        """Persisted course grades."""
        return self.in_scope(self.rows("grades.PersistentCourseGrade"))

    def certificates(self) -> QuerySet[Any]:
        """Certificates that can be downloaded; other statuses are none."""
        return self.in_scope(self.rows("certificates.GeneratedCertificate").filter(status="downloadable"))

    def completions(self) -> QuerySet[Any]:
        """Completed blocks."""
        return self.in_scope(self.rows("completion.BlockCompletion").filter(completion__gte=1.0), "context_key")

    def profiles(self) -> QuerySet[Any]:
        """User profiles."""
        return self.rows("student.UserProfile")
