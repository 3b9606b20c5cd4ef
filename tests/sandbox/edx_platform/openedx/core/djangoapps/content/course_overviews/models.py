"""The LMS's own copy of what it needs to know of a course run."""

from django.db import models
from django.utils import timezone
from opaque_keys.edx.django.models import CourseKeyField
from opaque_keys.edx.keys import CourseKey


class CourseOverview(models.Model):
    """
    One run of a course.

    .. no_pii:
    """

    id = CourseKeyField(db_index=True, primary_key=True, max_length=255)
    version = models.IntegerField(default=19)
    org = models.TextField(max_length=255, default="outdated_entry")
    display_name = models.TextField(null=True)
    display_number_with_default = models.TextField(default="")
    display_org_with_default = models.TextField(default="")
    start = models.DateTimeField(null=True)
    end = models.DateTimeField(null=True)
    enrollment_start = models.DateTimeField(null=True)
    enrollment_end = models.DateTimeField(null=True)
    self_paced = models.BooleanField(default=False)
    invitation_only = models.BooleanField(default=False)
    visible_to_staff_only = models.BooleanField(default=False)
    catalog_visibility = models.TextField(null=True)
    language = models.TextField(null=True)
    lowest_passing_grade = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    created = models.DateTimeField(default=timezone.now, editable=False)
    modified = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return str(self.id)

    @classmethod
    def get_from_id(cls, course_id: CourseKey) -> "CourseOverview":
        """The course with this key; raises DoesNotExist."""
        return cls.objects.get(id=course_id)
