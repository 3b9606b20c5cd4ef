"""What happens on the platform: the rows it writes and the events it sends, in its order; and what is noted of it."""

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.cache.backends.locmem import LocMemCache
from opaque_keys.edx.keys import CourseKey
from openedx_events.learning import data, signals

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups.models import Change
from tests.by_api import row_of

WHEN = datetime(2026, 3, 1, tzinfo=UTC)
PREFIX = "org.openedx.learning."


def user_data(user: User) -> data.UserData:
    """How events tell about a user."""
    pii = data.UserPersonalData(username=user.username, email=user.email)
    return data.UserData(id=user.pk, is_active=user.is_active, pii=pii)


def enrollment_data(user: User, key: CourseKey, mode: str = "audit", is_active: bool = True) -> Any:
    """How events tell about an enrollment."""
    return data.CourseEnrollmentData(
        user=user_data(user), course=data.CourseData(course_key=key), mode=mode, is_active=is_active, creation_date=WHEN
    )


def enrolls(user: User, course: Any, mode: str = "audit") -> None:
    """Somebody enrolls, once more or in another track: a row, and one or two events."""
    enrollment, created = CourseEnrollment.objects.get_or_create(
        user=user, course=course, defaults={"is_active": False, "mode": mode}
    )
    returns = created or not enrollment.is_active
    enrollment.is_active, enrollment.mode = True, mode
    enrollment.save()
    told = enrollment_data(user, course.id, mode)
    signals.COURSE_ENROLLMENT_CHANGED.send_event(enrollment=told)
    if returns:
        signals.COURSE_ENROLLMENT_CREATED.send_event(enrollment=told)


def unenrolls(user: User, course: Any) -> None:
    """Somebody leaves a course: the row stays, and two events are sent."""
    enrollment = CourseEnrollment.objects.get(user=user, course=course)
    enrollment.is_active = False
    enrollment.save()
    told = enrollment_data(user, course.id, is_active=False)
    signals.COURSE_ENROLLMENT_CHANGED.send_event(enrollment=told)
    signals.COURSE_UNENROLLMENT_COMPLETED.send_event(enrollment=told)


def logs_in(user: User, when: datetime) -> None:
    """Somebody logs in: Django saves when, and the platform sends an event."""
    user.last_login = when
    user.save(update_fields=["last_login"])
    signals.SESSION_LOGIN_COMPLETED.send_event(user=user_data(user))


def is_graded(user: User, key: CourseKey) -> None:
    """The grade of a learner was calculated."""
    signals.PERSISTENT_GRADE_SUMMARY_CHANGED.send_event(
        grade=data.PersistentCourseGradeData(
            user_id=user.pk,
            course=data.CourseData(course_key=key),
            course_edited_timestamp=WHEN,
            course_version="",
            grading_policy_hash="",
            percent_grade=0.9,
            letter_grade="A",
            passed_timestamp=WHEN,
        )
    )


def passes(user: User, key: CourseKey) -> None:
    """A learner passes, or fails; events are hints and tests need not tell them apart."""
    status = data.CoursePassingStatusData(is_passing=True, user=user_data(user), course=data.CourseData(course_key=key))
    signals.COURSE_PASSING_STATUS_UPDATED.send_event(course_passing_status=status)


def is_certified(user: User, key: CourseKey) -> None:
    """A certificate was saved: one event for each save, another one when it is a valid one."""
    certificate = data.CertificateData(
        user=user_data(user),
        course=data.CourseData(course_key=key),
        mode="verified",
        grade="",
        download_url="",
        name="",
        current_status="downloadable",
    )
    signals.CERTIFICATE_CHANGED.send_event(certificate=certificate)
    signals.CERTIFICATE_CREATED.send_event(certificate=certificate)


def noted() -> list[tuple[str, int, str]]:
    """What waits in the outbox: source, user id and scope, "" for all that the user has to do with."""
    rows = Change.objects.order_by("pk").select_related("scope")
    return [(row.source.removeprefix(PREFIX), row.user_id, str(row.scope.data) if row.scope else "") for row in rows]


def of_user(user: User) -> list[str]:
    """The scopes in which something about a user waits, each as often as it does."""
    return sorted(scope for _source, user_id, scope in noted() if user_id == user.pk)


def scope_ids(*groups: Any) -> set[int]:
    """The ids of the scopes of groups."""
    return {row_of(group).scope_id for group in groups}


class CountingCache(LocMemCache):
    """The cache of the tests, which counts the calls that a server would be sent."""

    calls: list[str] = []

    def get_many(self, keys: Any, version: int | None = None) -> Any:
        """One call, however many keys."""
        self.calls.append("get_many")
        return {key: value for key in keys if (value := super(CountingCache, self).get(key)) is not None}

    def get(self, *args: Any, **kwargs: Any) -> Any:
        """One call."""
        self.calls.append("get")
        return super().get(*args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> None:
        """One call."""
        self.calls.append("set")
        super().set(*args, **kwargs)


class NoCache(LocMemCache):
    """A cache whose server does not answer."""

    def get_many(self, *args: Any, **kwargs: Any) -> Any:
        """Nothing comes back."""
        raise ConnectionError("the cache is gone")

    def add(self, *args: Any, **kwargs: Any) -> bool:
        """Nor is anything kept."""
        raise ConnectionError("the cache is gone")
