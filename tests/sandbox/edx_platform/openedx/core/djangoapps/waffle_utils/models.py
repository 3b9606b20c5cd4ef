"""Overrides of feature flags: rows are added and never changed, and the newest one counts."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from opaque_keys.edx.django.models import CourseKeyField

UNSET = "unset"


class FlagOverride(models.Model):
    """A flag forced on or off; a newest row that is not enabled takes the override back."""

    OVERRIDE_CHOICES = (("on", "Force On"), ("off", "Force Off"))

    change_date = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, editable=False, null=True, related_name="+", on_delete=models.PROTECT
    )
    enabled = models.BooleanField(default=False)
    waffle_flag = models.CharField(max_length=255, db_index=True)
    override_choice = models.CharField(max_length=3, choices=OVERRIDE_CHOICES, default="on")
    note = models.TextField(blank=True)

    class Meta:
        abstract = True
        ordering = ("-change_date",)

    @classmethod
    def newest_choice(cls, rows: models.QuerySet[Self]) -> str:
        """Return ``on``, ``off`` or ``unset``."""
        newest = rows.order_by("-change_date", "-pk").first()
        return newest.override_choice if newest and newest.enabled else UNSET


class WaffleFlagCourseOverrideModel(FlagOverride):
    """
    A flag forced on or off in a course.

    .. no_pii:
    """

    course_id = CourseKeyField(max_length=255, db_index=True)

    def __str__(self) -> str:
        return f"{self.waffle_flag} {self.override_choice} in {self.course_id}"

    @classmethod
    def override_value(cls, waffle_flag: str, course_id: object) -> str:
        """Return ``on``, ``off`` or ``unset``."""
        return cls.newest_choice(cls.objects.filter(waffle_flag=waffle_flag, course_id=course_id))


class WaffleFlagOrgOverrideModel(FlagOverride):
    """
    A flag forced on or off in an organization.

    .. no_pii:
    """

    org = models.CharField(max_length=255, db_index=True)

    def __str__(self) -> str:
        return f"{self.waffle_flag} {self.override_choice} in {self.org}"

    @classmethod
    def override_value(cls, waffle_flag: str, org: str) -> str:
        """Return ``on``, ``off`` or ``unset``."""
        return cls.newest_choice(cls.objects.filter(waffle_flag=waffle_flag, org=org))
