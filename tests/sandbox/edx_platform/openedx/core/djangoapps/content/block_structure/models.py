"""Where the sandbox keeps the blocks of its courses; the platform reads them from its content store."""

from django.db import models
from opaque_keys.edx.django.models import CourseKeyField, UsageKeyField


class CourseBlock(models.Model):
    """
    A block of a course.

    .. no_pii:
    """

    course_key = CourseKeyField(max_length=255, db_index=True)
    usage_key = UsageKeyField(max_length=255, unique=True)
    parent_key = UsageKeyField(max_length=255, null=True, blank=True)
    visible_to_staff_only = models.BooleanField(default=False)
    display_name = models.CharField(max_length=255, blank=True)
    graded = models.BooleanField(default=False)

    def __str__(self) -> str:
        return str(self.usage_key)
