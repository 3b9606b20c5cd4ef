"""Preferences, tags and retirement of accounts."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from opaque_keys.edx.django.models import CourseKeyField


class UserPreference(models.Model):
    """
    One setting of a user, such as ``pref-lang``.

    .. no_pii:
    """

    KEY_REGEX = r"[-_a-zA-Z0-9]+"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, db_index=True, related_name="preferences", on_delete=models.CASCADE
    )
    key = models.CharField(max_length=255, db_index=True)
    value = models.TextField()

    class Meta:
        unique_together = ("user", "key")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.key}"


class UserCourseTag(models.Model):
    """
    A tag of a user in a course.

    .. no_pii:
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, db_index=True, related_name="+", on_delete=models.CASCADE)
    key = models.CharField(max_length=255, db_index=True)
    course_id = CourseKeyField(max_length=255, db_index=True)
    value = models.TextField()

    class Meta:
        unique_together = ("user", "course_id", "key")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.key} in {self.course_id}"


class UserOrgTag(models.Model):
    """
    A tag of a user in an organization.

    .. no_pii:
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, db_index=True, related_name="+", on_delete=models.CASCADE)
    key = models.CharField(max_length=255, db_index=True)
    org = models.CharField(max_length=255, db_index=True)
    value = models.TextField()
    created = models.DateTimeField(default=timezone.now, editable=False)
    modified = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        unique_together = ("user", "org", "key")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.key} in {self.org}"


class RetirementState(models.Model):
    """
    A step on the way of an account to its retirement.

    .. no_pii:
    """

    state_name = models.CharField(max_length=30, unique=True)
    state_execution_order = models.SmallIntegerField(unique=True)
    is_dead_end_state = models.BooleanField(default=False, db_index=True)
    required = models.BooleanField(default=False)

    class Meta:
        ordering = ("state_execution_order",)

    def __str__(self) -> str:
        return self.state_name


class UserRetirementRequest(models.Model):
    """
    The wish of a user to be retired.

    .. no_pii:
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    created = models.DateTimeField(default=timezone.now, editable=False)
    modified = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return str(self.user_id)


class UserRetirementStatus(models.Model):
    """
    How far the retirement of a user has come.

    .. no_pii: Holds personal data in the platform; here the users are invented.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    original_username = models.CharField(max_length=150, db_index=True)
    original_email = models.EmailField(db_index=True)
    original_name = models.CharField(max_length=255, blank=True, db_index=True)
    retired_username = models.CharField(max_length=150, db_index=True)
    retired_email = models.EmailField(db_index=True)
    current_state = models.ForeignKey(RetirementState, related_name="current_state", on_delete=models.CASCADE)
    last_state = models.ForeignKey(
        RetirementState, blank=True, null=True, related_name="last_state", on_delete=models.CASCADE
    )
    responses = models.TextField()
    created = models.DateTimeField(default=timezone.now, editable=False)
    modified = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.current_state_id}"
