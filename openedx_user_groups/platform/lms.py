"""The platform's learner data: its tables found by app label, as querysets that criteria build on (source ``lms``)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils.module_loading import import_string

from ..data import COURSE, ORGANIZATION, ScopeData
from ..exceptions import CriterionUnavailable
from ..sources import register_source
from ..text import IsOneOf

# The second one is the name that releases before Verawood have for it.
EXTENSION_FORMS = ("PROFILE_EXTENSION_FORM", "REGISTRATION_EXTENSION_FORM")


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


def extension_model() -> type[Model] | None:
    """The model behind the form that adds fields to profiles, where the platform is configured to have one.

    The platform prefers its columns, by name, to what the profile's own JSON says. Raises CriterionUnavailable for a
    form that cannot be imported.
    """
    for setting in EXTENSION_FORMS:
        if path := getattr(settings, setting, None):
            try:
                form = import_string(path)
            except ImportError as error:
                raise CriterionUnavailable(f"{setting} names {path}, which cannot be imported: {error}") from None
            return getattr(getattr(form, "Meta", None), "model", None)
    return None


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

    def subsection_grades(self) -> QuerySet[Any]:
        """Persisted grades of subsections."""
        return self.in_scope(self.rows("grades.PersistentSubsectionGrade"))

    def block_completions(self) -> QuerySet[Any]:
        """Blocks that were begun or completed."""
        return self.in_scope(self.rows("completion.BlockCompletion"), "context_key")

    def completions(self) -> QuerySet[Any]:
        """Completed blocks."""
        return self.block_completions().filter(completion__gte=1.0)

    def student_modules(self) -> QuerySet[Any]:
        """What learners did in blocks; the column is ``student_id``. The platform's largest table."""
        return self.in_scope(self.rows("courseware.StudentModule"))

    def profiles(self) -> QuerySet[Any]:
        """User profiles."""
        return self.rows("student.UserProfile")

    def preferences(self, key: str) -> QuerySet[Any]:
        """What users prefer, such as ``pref-lang``."""
        return self.rows("user_api.UserPreference").filter(key=key)

    def linked_accounts(self) -> QuerySet[Any]:
        """Accounts elsewhere that users log in with."""
        return self.rows("social_django.UserSocialAuth")
