"""The outbox: what has happened and is not yet reflected in groups, and what has to be told and is not yet sent.

Rows are only ever added and deleted, never looked for by a key of their own: adding one waits for nobody.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from .group import UserGroup
from .history import RefreshRun
from .scope import Scope


class OutboxRow(models.Model):
    """
    A row that a worker claims for a while: ``claim`` is the worker's own number, until ``claimed_until``.

    .. no_pii:
    """

    created = models.DateTimeField()
    claim = models.UUIDField(null=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True


class Change(OutboxRow):
    """
    Something about a user may have changed: the groups of ``scope`` that depend on it have to be asked again.

    ``source`` is the type of the event or the label of the table. Without a scope it is about every scope that the
    user has to do with; with ``group`` about what depends on the members of that group.

    .. pii: That somebody has done something, until it is dealt with.
    .. pii_types: id
    .. pii_retirement: local_api
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    scope = models.ForeignKey(
        Scope, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    source = models.CharField(max_length=150)
    group = models.ForeignKey(
        UserGroup, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )

    class Meta:
        indexes = (models.Index(fields=("scope", "id"), name="user_groups_changes"),)

    def __str__(self) -> str:
        return f"{self.source} of user {self.user_id}"


class Announcement(OutboxRow):
    """
    An event about a group that has to be sent: it goes when it was sent, so it may be sent twice.

    .. pii: Who joined and who left a group, by user id, until it is sent. A retired person is no longer named among
        those who joined; that they left is still told.
    .. pii_types: id
    .. pii_retirement: local_api
    """

    event_type = models.CharField(max_length=100)
    group = models.ForeignKey(
        UserGroup, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    run = models.ForeignKey(
        RefreshRun, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    batch = models.PositiveIntegerField(default=0)
    causes = models.JSONField(default=list)
    joined = models.JSONField(default=list)
    left = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.event_type} of group {self.group_id}"
