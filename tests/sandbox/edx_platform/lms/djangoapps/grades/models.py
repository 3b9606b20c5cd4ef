"""Grades of courses and of assignments; both name their user by number, without a foreign key."""

from django.db import models
from django.utils import timezone
from opaque_keys.edx.django.models import CourseKeyField, UsageKeyField

from lms.djangoapps.courseware.fields import UnsignedBigIntAutoField


class PersistentSubsectionGrade(models.Model):
    """
    The grade of a learner in an assignment.

    .. no_pii:
    """

    id = UnsignedBigIntAutoField(primary_key=True)
    user_id = models.IntegerField()
    course_id = CourseKeyField(max_length=255)
    usage_key = UsageKeyField(max_length=255)
    subtree_edited_timestamp = models.DateTimeField(null=True)
    course_version = models.CharField(blank=True, max_length=255)
    earned_all = models.FloatField()
    possible_all = models.FloatField()
    earned_graded = models.FloatField()
    possible_graded = models.FloatField()
    first_attempted = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(default=timezone.now, editable=False)
    modified = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        unique_together = ("course_id", "user_id", "usage_key")
        indexes = [
            models.Index(fields=["modified", "course_id", "usage_key"]),
            models.Index(fields=["first_attempted", "course_id", "user_id"]),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.usage_key}"


class PersistentSubsectionGradeOverride(models.Model):
    """
    The grade that course staff gave instead of the computed one.

    .. no_pii:
    """

    grade = models.OneToOneField(PersistentSubsectionGrade, related_name="override", on_delete=models.CASCADE)
    created = models.DateTimeField(auto_now_add=True, db_index=True)
    modified = models.DateTimeField(auto_now=True, db_index=True)
    earned_all_override = models.FloatField(null=True, blank=True)
    possible_all_override = models.FloatField(null=True, blank=True)
    earned_graded_override = models.FloatField(null=True, blank=True)
    possible_graded_override = models.FloatField(null=True, blank=True)
    system = models.CharField(max_length=100, blank=True, null=True)
    override_reason = models.CharField(max_length=300, blank=True, null=True)

    def __str__(self) -> str:
        return f"{self.earned_graded_override}/{self.possible_graded_override} instead of {self.grade}"


class PersistentCourseGrade(models.Model):
    """
    The grade of a learner in a course.

    .. no_pii:
    """

    id = UnsignedBigIntAutoField(primary_key=True)
    user_id = models.IntegerField(db_index=True)
    course_id = CourseKeyField(max_length=255)
    course_edited_timestamp = models.DateTimeField(null=True, blank=True)
    course_version = models.CharField(blank=True, max_length=255)
    grading_policy_hash = models.CharField(max_length=255)
    percent_grade = models.FloatField()
    letter_grade = models.CharField(blank=True, max_length=255)
    passed_timestamp = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(default=timezone.now, editable=False)
    modified = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        unique_together = ("course_id", "user_id")
        indexes = [
            models.Index(fields=["passed_timestamp", "course_id"]),
            models.Index(fields=["modified", "course_id"]),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.course_id}"
