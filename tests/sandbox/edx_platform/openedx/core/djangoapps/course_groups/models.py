"""Cohorts."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from opaque_keys.edx.django.models import CourseKeyField


class CourseUserGroup(models.Model):
    """
    A cohort of a course.

    .. no_pii:
    """

    COHORT = "cohort"
    GROUP_TYPE_CHOICES = ((COHORT, "Cohort"),)

    name = models.CharField(max_length=255)
    users = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="course_groups")
    course_id = CourseKeyField(max_length=255, db_index=True)
    group_type = models.CharField(max_length=20, choices=GROUP_TYPE_CHOICES)

    class Meta:
        unique_together = ("name", "course_id")

    def __str__(self) -> str:
        return self.name


class CourseUserGroupPartitionGroup(models.Model):
    """
    The content group that a cohort sees.

    .. no_pii:
    """

    course_user_group = models.OneToOneField(CourseUserGroup, on_delete=models.CASCADE)
    partition_id = models.IntegerField()
    group_id = models.IntegerField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"{self.course_user_group_id}: {self.partition_id}/{self.group_id}"


class CohortMembership(models.Model):
    """
    The one cohort of a user in a course.

    .. no_pii:
    """

    course_user_group = models.ForeignKey(CourseUserGroup, on_delete=models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    course_id = CourseKeyField(max_length=255)

    class Meta:
        unique_together = ("user", "course_id")

    def __str__(self) -> str:
        return f"{self.user_id} in {self.course_user_group_id}"
