"""Who is in a group now, who was, and who is kept out."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .collection import GroupCollection
from .group import UserGroup


class Origin(models.TextChoices):
    """Why somebody is in a group; a refresh writes and removes rule rows only."""

    RULE = "rule", _("Rule")
    MANUAL = "manual", _("Added by hand")
    SELF = "self", _("Joined by themselves")
    RANDOM = "random", _("Assigned at random")


class Membership(models.Model):
    """
    A user is in a group, and so in no other group of its collection.

    Foreign keys have no constraint in the database: checking one locks the row of auth_user, and every log-in
    of a member would wait for the refresh. Rows of users that are gone are swept.

    .. pii: That somebody is in a group can tell something about them.
    .. pii_types: other
    .. pii_retirement: local_api
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    group = models.ForeignKey(
        UserGroup, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="memberships"
    )
    collection = models.ForeignKey(
        GroupCollection, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="memberships"
    )
    origin = models.CharField(max_length=6, choices=Origin.choices)
    joined_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            # The one key that makes groups of a collection exclusive.
            models.UniqueConstraint(fields=("collection", "user"), name="user_groups_one_group_per_user"),
        )
        # Origin is there so that the difference and the counts are read from the index alone.
        indexes = (models.Index(fields=("group", "user", "origin"), name="user_groups_members"),)

    def __str__(self) -> str:
        return f"user {self.user_id} in group {self.group_id}"


class PastMembership(models.Model):
    """
    A membership that has ended.

    .. pii: That somebody was in a group can tell something about them.
    .. pii_types: other
    .. pii_retirement: local_api
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    group = models.ForeignKey(
        UserGroup, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="past_memberships"
    )
    origin = models.CharField(max_length=6, choices=Origin.choices)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField()
    run = models.ForeignKey(
        "RefreshRun", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )

    class Meta:
        indexes = (models.Index(fields=("group", "left_at"), name="user_groups_left"),)

    def __str__(self) -> str:
        return f"user {self.user_id} was in group {self.group_id}"


class Exclusion(models.Model):
    """
    A user who is kept out of a group, above any rule.

    .. pii: Whom somebody keeps out of a group, and the reason they give for it.
    .. pii_types: other
    .. pii_retirement: local_api
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    group = models.ForeignKey(UserGroup, on_delete=models.CASCADE, related_name="exclusions")
    reason = models.TextField(blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    created = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("group", "user"), name="user_groups_one_exclusion_per_user"),)

    def __str__(self) -> str:
        return f"user {self.user_id} kept out of group {self.group_id}"
