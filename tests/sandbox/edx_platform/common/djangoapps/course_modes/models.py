"""The tracks that a course offers."""

from django.db import models

from openedx.core.djangoapps.content.course_overviews.models import CourseOverview


class CourseMode(models.Model):
    """
    One of the tracks of a course, with its price.

    .. no_pii:
    """

    course = models.ForeignKey(
        CourseOverview, db_constraint=False, db_index=True, related_name="modes", on_delete=models.DO_NOTHING
    )
    mode_slug = models.CharField(max_length=100)
    mode_display_name = models.CharField(max_length=255)
    min_price = models.IntegerField(default=0)
    currency = models.CharField(default="usd", max_length=8)
    _expiration_datetime = models.DateTimeField(default=None, null=True, blank=True, db_column="expiration_datetime")

    class Meta:
        unique_together = ("course", "mode_slug", "currency")

    def __str__(self) -> str:
        return self.mode_slug
