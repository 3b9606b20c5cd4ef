"""The course that the benchmark runs on: about half of its learners match the rule."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from opaque_keys.edx.keys import CourseKey

from common.djangoapps.student.models import CourseEnrollment
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

FIRST_ID = 20_000_000
BATCH = 5_000
# Verified, and away for more than 10 days; both true of about half of the learners, independently of the platform.
RULE: dict[str, Any] = {
    "all": [
        {"criterion": "enrollment_mode", "operator": "in", "config": {"modes": ["verified"]}},
        {"criterion": "last_login", "operator": "more_than_days_ago", "config": {"days": 10}},
    ]
}


class BenchCourse:
    """A course of its own size, seeded once."""

    def __init__(self, learners: int) -> None:
        self.learners = learners
        self.key = CourseKey.from_string(f"course-v1:Bench+Refresh+{learners}")
        self.now = timezone.now()

    @property
    def away(self) -> Any:
        """A log-in that the rule matches."""
        return self.now - timedelta(days=20)

    def seed(self, progress: Any) -> None:
        """Write learners and enrollments that are not there yet, and set all log-ins to where they start from."""
        CourseOverview.objects.get_or_create(
            id=self.key, defaults={"org": "Bench", "display_name": f"{self.learners} learners"}
        )
        there = CourseEnrollment.objects.filter(course_id=self.key).count()
        for start in range(there, self.learners, BATCH):
            stop = min(start + BATCH, self.learners)
            self._write(range(start, stop))
            progress(stop - start)
        self.reset()
        if connection.vendor != "sqlite":
            with connection.cursor() as cursor:
                verb = "ANALYZE TABLE" if connection.vendor == "mysql" else "ANALYZE"
                cursor.execute(f"{verb} auth_user")
                cursor.execute(f"{verb} student_courseenrollment")

    def _write(self, numbers: range) -> None:
        users = [
            User(
                id=FIRST_ID + n,
                username=f"bench_{n}",
                email=f"bench_{n}@example.com",
                last_login=self.away,
            )
            for n in numbers
        ]
        User.objects.bulk_create(users, ignore_conflicts=True)
        # Sevens spread those who match over all ids, as on a platform.
        CourseEnrollment.objects.bulk_create(
            CourseEnrollment(
                user_id=FIRST_ID + n,
                course_id=self.key,
                created=self.away,
                is_active=True,
                mode="verified" if n * 7 % 13 < 7 else "audit",
            )
            for n in numbers
        )

    def users(self) -> Any:
        """The accounts of its learners."""
        return User.objects.filter(id__gte=FIRST_ID, id__lt=FIRST_ID + self.learners)

    def reset(self) -> None:
        """All learners are away."""
        self.users().exclude(last_login=self.away).update(last_login=self.away)

    def churn(self, round_: int) -> int:
        """One learner in a hundred logs in, and those of the round before are away again."""
        self.reset()
        chosen = range(FIRST_ID + round_ * 13 % 100, FIRST_ID + self.learners, 100)
        for start in range(0, len(chosen), BATCH):
            User.objects.filter(id__in=chosen[start : start + BATCH]).update(last_login=self.now)
        return len(chosen)
