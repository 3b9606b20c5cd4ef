"""The table that the real package keeps."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from opaque_keys.edx.django.models import CourseKeyField, UsageKeyField


class Aggregator(models.Model):
    """
    How much of a course, or of a block of it, a learner has completed.

    .. no_pii:
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    course_key = CourseKeyField(max_length=255)
    aggregation_name = models.CharField(max_length=255)
    block_key = UsageKeyField(max_length=255)
    earned = models.FloatField()
    possible = models.FloatField()
    percent = models.FloatField()
    last_modified = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("course_key", "aggregation_name", "user", "block_key"), name="agg_unique"),
        )

    def __str__(self) -> str:
        return f"{self.user} has {self.percent:.0%} of {self.block_key}"
