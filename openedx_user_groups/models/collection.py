"""Collections, which make their groups exclusive."""

from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from .scope import Scope


class GroupCollection(models.Model):
    """
    A set of mutually exclusive groups of one scope; a group made alone has an implicit one of its own.

    Who is in which of its groups is decided by their rules and by hand; or at random; or by the learners themselves;
    or its groups are generated, one for each choice of a criterion.

    Its row is the lock of all membership writes of its groups, and holds the lease of the refresh that is running.

    .. no_pii:
    """

    class Kind(models.TextChoices):
        """Who decides which of its groups somebody is in."""

        RULES = "rules", _("Rules and hands")
        RANDOM = "random", _("Chance")
        SELF = "self", _("The learners themselves")
        GENERATED = "generated", _("The choices of a criterion")

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, related_name="collections")
    kind = models.CharField(max_length=9, choices=Kind.choices, default=Kind.RULES)
    # Of a generated one: the criterion whose choices its groups are, and what else that needs to know.
    generator = models.JSONField(null=True, blank=True)
    # Of a random and a generated one: when it was last looked through for newcomers or new choices; NULL: to be soon.
    last_kept = models.DateTimeField(null=True, blank=True, editable=False)
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
        indexes = (models.Index(fields=("kind", "last_kept"), name="user_groups_kept"),)

    def __str__(self) -> str:
        return self.name or str(self.uuid)
