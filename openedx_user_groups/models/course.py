"""What is kept about courses because it is costly to ask the platform for it."""

from django.db import models


class CourseBlockTotal(models.Model):
    """
    How many blocks of a course can be completed, counted once a day.

    .. no_pii:
    """

    course_key = models.CharField(max_length=255, unique=True)
    total = models.PositiveIntegerField()
    counted = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.total} blocks in {self.course_key}"
