"""Groups, the collections that make them exclusive, and the rows of their rules."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .scope import Scope


class GroupCollection(models.Model):
    """
    A set of mutually exclusive groups of one scope; a group made alone has an implicit one of its own.

    Its row is the lock of all membership writes of its groups, and holds the lease of the refresh that is running.

    .. no_pii:
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="collections")
    name = models.CharField(max_length=255, blank=True)
    # See naming.name_key(); NULL where there is no name to be unique: the implicit ones.
    name_key = models.CharField(max_length=64, null=True, editable=False)
    is_implicit = models.BooleanField(default=False)
    parent_group = models.ForeignKey(
        "UserGroup", on_delete=models.PROTECT, null=True, blank=True, related_name="subdivisions"
    )
    # "Everybody else": the rest of the population, computed, usable wherever a group is.
    rest_uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    rest_name = models.CharField(max_length=255, blank=True)
    # A token only grows: what holds an older one has lost the lease and may write nothing any more.
    lease_token = models.BigIntegerField(default=0, editable=False)
    lease_expires = models.DateTimeField(null=True, blank=True, editable=False)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("scope", "name_key"), name="user_groups_one_collection_per_name"),
        )

    def __str__(self) -> str:
        return self.name or str(self.uuid)


class UserGroup(models.Model):
    """
    A named set of users of one scope: static, or dynamic when it has a rule.

    A deleted group stays as a tombstone: uuid, name and ids, without its name key, so that the name is free again.

    .. pii: Who created and who last modified the group, by user id.
    .. pii_types: id
    .. pii_retirement: retained
    """

    class Status(models.TextChoices):
        """What a group is allowed to do: only active ones are refreshed."""

        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        ARCHIVED = "archived", _("Archived")
        DELETED = "deleted", _("Deleted")

    class Health(models.TextChoices):
        """What the last refresh said of the group."""

        NEVER = "never", _("Never refreshed")
        OK = "ok", _("Up to date at its last refresh")
        BROKEN = "broken", _("Broken: members stay as they were")

    class CreatedVia(models.TextChoices):
        """What made the group."""

        PAGE = "page", _("Page")
        CSV = "csv", _("CSV file")
        API = "api", _("API")
        RULE = "rule", _("Rule")
        IMPORT = "import", _("Import")
        PLATFORM = "platform", _("Platform")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="groups")
    collection = models.ForeignKey(GroupCollection, on_delete=models.PROTECT, related_name="groups")
    # Who matches several groups of a collection gets the one with the smallest number.
    priority = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=255)
    name_key = models.CharField(max_length=64, null=True, editable=False)
    description = models.TextField(blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.DRAFT)
    # The newest revision in force; what evaluated an older one may write nothing.
    revision = models.PositiveIntegerField(default=1)
    member_count = models.IntegerField(default=0)
    health = models.CharField(max_length=6, choices=Health.choices, default=Health.NEVER)
    health_reason = models.TextField(blank=True)
    last_refreshed = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_via = models.CharField(max_length=8, choices=CreatedVia.choices, default=CreatedVia.API)
    modified = models.DateTimeField()
    modified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = (models.UniqueConstraint(fields=("scope", "name_key"), name="user_groups_one_group_per_name"),)
        indexes = (models.Index(fields=("status", "last_refreshed"), name="user_groups_by_status"),)

    def __str__(self) -> str:
        return self.name


class GroupTag(models.Model):
    """
    A word that groups are found by.

    .. no_pii:
    """

    group = models.ForeignKey(UserGroup, on_delete=models.CASCADE, related_name="tags")
    tag = models.CharField(max_length=64)
    # See naming.name_key(): one tag per word, whatever the case.
    tag_key = models.CharField(max_length=64, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("group", "tag_key"), name="user_groups_one_tag_per_word"),)

    def __str__(self) -> str:
        return self.tag


class GroupCriterion(models.Model):
    """
    One node of a group's rule: a branch (all, any, none) or a leaf, a criterion with operator and config.

    Nodes are numbered in reading order; ``parent_position`` is the branch a node hangs on, NULL at the root.

    .. pii: A config may hold what the author typed, such as a user name or an e-mail address.
    .. pii_types: other
    .. pii_retirement: retained
    """

    group = models.ForeignKey(UserGroup, on_delete=models.CASCADE, related_name="criteria")
    position = models.PositiveSmallIntegerField()
    parent_position = models.PositiveSmallIntegerField(null=True)
    # "all", "any" or "none" at a branch, "" at a leaf.
    combine = models.CharField(max_length=4, blank=True)
    criterion = models.CharField(max_length=100, blank=True, db_index=True)
    operator = models.CharField(max_length=20, blank=True)
    config = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "group criteria"
        constraints = (models.UniqueConstraint(fields=("group", "position"), name="user_groups_one_node_per_position"),)

    def __str__(self) -> str:
        return self.combine or f"{self.criterion} {self.operator}"
