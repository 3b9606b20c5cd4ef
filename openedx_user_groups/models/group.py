"""Groups, and the words that they are found by."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .collection import GroupCollection
from .scope import Scope


class UserGroup(models.Model):
    """
    A named set of users of one scope: static, or dynamic when it has a rule.

    A deleted group stays as a tombstone: uuid, name and ids, without its name key, so that the name is free again.

    .. pii: Who created and who last modified the group, and who agreed that members leave, by user id; emptied on
        retirement.
    .. pii_types: id
    .. pii_retirement: local_api
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
        HELD = "held", _("Held: a refresh waits for a decision")
        BROKEN = "broken", _("Broken: members stay as they were")

    class CreatedVia(models.TextChoices):
        """What made the group."""

        PAGE = "page", _("Page")
        CSV = "csv", _("CSV file")
        API = "api", _("API")
        RULE = "rule", _("Rule")
        IMPORT = "import", _("Import")
        PLATFORM = "platform", _("Platform")

    class UpdateMode(models.TextChoices):
        """What refreshes may do with members."""

        BOTH = "both", _("Add and remove")
        ADD = "add", _("Add only")
        REMOVE = "remove", _("Remove only")

    class Method(models.TextChoices):
        """What makes refreshes begin."""

        ANY = "any", _("Events, schedule and requests")
        EVENTS = "events", _("Events only")
        SCHEDULE = "schedule", _("Schedule only")
        REQUEST = "request", _("Requests only")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="groups")
    collection = models.ForeignKey(GroupCollection, on_delete=models.PROTECT, related_name="groups")
    # Where it is being moved; its memberships go there first, and nobody else changes them meanwhile.
    moving_to = models.ForeignKey(
        GroupCollection, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="arriving"
    )
    # Who matches several groups of a collection gets the one with the smallest number.
    priority = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=255)
    name_key = models.CharField(max_length=64, null=True, editable=False)
    description = models.TextField(blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.DRAFT)
    # Why it was paused, where that was not simply somebody's wish.
    status_reason = models.TextField(blank=True)
    # The newest revision in force; what evaluated an older one may write nothing.
    revision = models.PositiveIntegerField(default=1)
    # The revision that waits to be activated, if there is one; and how many members it would have.
    draft_revision = models.PositiveIntegerField(null=True, blank=True)
    would_hold = models.PositiveIntegerField(null=True, blank=True)
    update_mode = models.CharField(max_length=6, choices=UpdateMode.choices, default=UpdateMode.BOTH)
    method = models.CharField(max_length=8, choices=Method.choices, default=Method.ANY)
    # Instead of what its criteria ask for.
    refresh_every = models.DurationField(null=True, blank=True)
    # Percent of the members that may leave within a day before refreshes are held; NULL is the setting.
    removal_limit = models.PositiveSmallIntegerField(null=True, blank=True)
    # So many may leave by the next refresh of everyone, for somebody has seen that and activated it; see refresh.guard.
    agreed_leaving = models.PositiveIntegerField(null=True, blank=True, editable=False)
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    # Of learners who choose themselves, so many at most; NULL is the setting.
    size_limit = models.PositiveIntegerField(null=True, blank=True)
    # Of a random collection: its share, in relation to the other groups.
    weight = models.PositiveIntegerField(default=1)
    # Of a generated collection: the choice that it stands for.
    choice = models.CharField(max_length=255, blank=True)
    member_count = models.IntegerField(default=0)
    health = models.CharField(max_length=6, choices=Health.choices, default=Health.NEVER)
    health_reason = models.TextField(blank=True)
    last_refreshed = models.DateTimeField(null=True, blank=True)
    # Until when everybody has been looked at for whom time alone may have changed something.
    swept_until = models.DateTimeField(null=True, blank=True)
    # When the schedule refreshes it; NULL where it does not.
    next_due = models.DateTimeField(null=True, blank=True)
    # How many refreshes in a row have failed; each lets more time pass until the next.
    failures = models.PositiveSmallIntegerField(default=0)
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
        indexes = (models.Index(fields=("status", "next_due"), name="user_groups_due"),)

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
