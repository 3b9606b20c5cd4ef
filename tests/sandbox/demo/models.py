"""What the sandbox remembers of its own doings."""

from django.db import models


class Seeding(models.Model):
    """
    How much has been seeded, and the instant that all seeded instants are counted from.

    .. no_pii:
    """

    anchor = models.DateTimeField()
    learners = models.PositiveIntegerField(default=0)
    courses = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.learners} learners in {self.courses} courses, as of {self.anchor:%Y-%m-%d %H:%M}"
