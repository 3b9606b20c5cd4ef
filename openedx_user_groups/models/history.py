"""What was defined when, and what every refresh did."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .collection import GroupCollection
from .group import UserGroup


class Revision(models.Model):
    """
    A numbered snapshot of a group's definition; never changed once written, except that retired persons are not named.

    .. pii: The author by user id, emptied on retirement, and a definition that may hold what the author typed, in which
        a user name or an e-mail address of a retired person is replaced by the retired one.
    .. pii_types: id, username, email_address, other
    .. pii_retirement: local_api
    """

    class State(models.TextChoices):
        """Whether it came into force; refreshes go by the newest that did."""

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
    One refresh of one group.

    It waits until it has started; then it is running while it has no outcome and its token is the lease of the
    collection. ``done`` of ``total`` users are settled: those who join, leave or move.

    .. pii: Who asked for it and who decided about it, by user id; emptied on retirement.
    .. pii_types: id
    .. pii_retirement: local_api
    """

    class Outcome(models.TextChoices):
        """How a run ended."""

        DONE = "done", _("Done")
        NOTHING = "nothing", _("Nothing to change")
        HELD = "held", _("Held for a decision")
        FAILED = "failed", _("Failed")
        SUPERSEDED = "superseded", _("Superseded by a newer one")

    class Decision(models.TextChoices):
        """What was decided about a run that was held, or that is over."""

        APPROVED = "approved", _("Approved")
        DISCARDED = "discarded", _("Discarded")
        OVERTAKEN = "overtaken", _("Overtaken by a later refresh")
        UNDONE = "undone", _("Undone")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    group = models.ForeignKey(
        UserGroup, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="runs"
    )
    collection = models.ForeignKey(
        GroupCollection, on_delete=models.DO_NOTHING, db_constraint=False, related_name="runs"
    )
    causes = models.JSONField(default=list)
    revision = models.PositiveIntegerField()
    lease_token = models.BigIntegerField(default=0)
    requested = models.DateTimeField()
    # The person who asked for it, or the last one of them.
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
    )
    started = models.DateTimeField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    total = models.PositiveIntegerField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    matched = models.PositiveIntegerField(default=0)
    joined = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    lost_claims = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    # Of one that was held or undone: what became of it, by whom and when.
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("group", "-requested"), name="user_groups_runs"),
            # Every drain looks for those that wait, and for what was approved; most runs are over and were never held.
            models.Index(fields=("finished", "started"), name="user_groups_unfinished_runs"),
            models.Index(fields=("decision", "outcome"), name="user_groups_decided_runs"),
        )

    def __str__(self) -> str:
        return f"refresh of group {self.group_id} at {self.requested:%Y-%m-%d %H:%M}"


class ManualChange(models.Model):
    """
    Somebody changed the members of a group by hand; the memberships that began or ended by it bear its instant.

    .. pii: Who changed the members of a group, by user id; emptied on retirement.
    .. pii_types: id
    .. pii_retirement: local_api
    """

    group = models.ForeignKey(
        UserGroup, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    at = models.DateTimeField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )

    class Meta:
        constraints = (models.UniqueConstraint(fields=("group", "at"), name="user_groups_one_change_at_a_time"),)

    def __str__(self) -> str:
        return f"members of group {self.group_id} changed at {self.at:%Y-%m-%d %H:%M}"


class HeldUser(models.Model):
    """
    Somebody who would join or leave by a run that is held.

    .. pii: That somebody would be in a group can tell something about them.
    .. pii_types: other
    .. pii_retirement: local_api
    """

    run = models.ForeignKey(
        RefreshRun, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="held_users"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    joins = models.BooleanField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("run", "user"), name="user_groups_one_held_row_per_user"),)

    def __str__(self) -> str:
        return f"user {self.user_id} would {'join' if self.joins else 'leave'}"
