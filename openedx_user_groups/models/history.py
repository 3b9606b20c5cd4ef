"""What was defined when, and what every refresh did."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .group import GroupCollection, UserGroup


class Revision(models.Model):
    """
    A numbered snapshot of a group's definition; never changed once written.

    .. pii: The author by user id, and a definition that may hold what the author typed.
    .. pii_types: id, other
    .. pii_retirement: retained
    """

    class State(models.TextChoices):
        """Whether refreshes go by it."""

        DRAFT = "draft", _("Draft")
        IN_FORCE = "in_force", _("In force")

    group = models.ForeignKey(UserGroup, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.IN_FORCE)
    definition = models.JSONField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("group", "number"), name="user_groups_one_revision_number"),)

    def __str__(self) -> str:
        return f"revision {self.number} of group {self.group_id}"


class RefreshRun(models.Model):
    """
    One refresh of one group. It is running while it has no outcome and its token is the lease of the collection.

    .. no_pii:
    """

    class Outcome(models.TextChoices):
        """How a run ended."""

        DONE = "done", _("Done")
        NOTHING = "nothing", _("Nothing to change")
        HELD = "held", _("Held for a decision")
        FAILED = "failed", _("Failed")
        SUPERSEDED = "superseded", _("Superseded by a newer one")

    group = models.ForeignKey(
        UserGroup, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="runs"
    )
    collection = models.ForeignKey(
        GroupCollection, on_delete=models.DO_NOTHING, db_constraint=False, related_name="runs"
    )
    causes = models.JSONField(default=list)
    revision = models.PositiveIntegerField()
    lease_token = models.BigIntegerField()
    started = models.DateTimeField()
    finished = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    matched = models.PositiveIntegerField(default=0)
    joined = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    lost_claims = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        indexes = (models.Index(fields=("group", "-started"), name="user_groups_runs"),)

    def __str__(self) -> str:
        return f"refresh of group {self.group_id} at {self.started:%Y-%m-%d %H:%M}"
