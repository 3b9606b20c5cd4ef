"""Teams of learners."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django_countries.fields import CountryField
from opaque_keys.edx.django.models import CourseKeyField


class CourseTeam(models.Model):
    """
    A team in a course; its topic names the team-set.

    .. no_pii:
    """

    team_id = models.SlugField(max_length=255, unique=True)
    discussion_topic_id = models.SlugField(max_length=255, unique=True)
    name = models.CharField(max_length=255, db_index=True)
    course_id = CourseKeyField(max_length=255, db_index=True)
    topic_id = models.CharField(default="", max_length=255, db_index=True, blank=True)
    date_created = models.DateTimeField(default=timezone.now, editable=False)
    description = models.CharField(max_length=300)
    country = CountryField(default="", blank=True)
    language = models.CharField(default="", max_length=16, blank=True)
    last_activity_at = models.DateTimeField(default=timezone.now, db_index=True)
    team_size = models.IntegerField(default=0, db_index=True)
    organization_protected = models.BooleanField(default=False)
    users = models.ManyToManyField(
        settings.AUTH_USER_MODEL, db_index=True, related_name="teams", through="CourseTeamMembership"
    )

    def __str__(self) -> str:
        return self.name


class CourseTeamMembership(models.Model):
    """
    A user in a team.

    .. no_pii:
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    team = models.ForeignKey(CourseTeam, related_name="membership", on_delete=models.CASCADE)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    last_activity_at = models.DateTimeField(default=timezone.now)

    class Meta:
        unique_together = ("user", "team")

    def __str__(self) -> str:
        return f"{self.user_id} in {self.team_id}"
