"""Ids from outside the database, while a rule is evaluated."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Stage(models.Model):
    """
    One evaluation that has ids from outside the database; deleted with them when it ends.

    .. no_pii:
    """

    created = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return f"evaluation {self.pk}"


class StagedUser(models.Model):
    """
    A user of whom a leaf of a rule is true, as its criterion says; it lasts as long as the evaluation.

    .. pii: For minutes, that something is true of somebody.
    .. pii_types: other
    .. pii_retirement: local_api
    """

    stage = models.ForeignKey(
        Stage, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="users"
    )
    leaf = models.PositiveIntegerField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("stage", "leaf", "user"), name="user_groups_one_staged_row_per_user"),
        )

    def __str__(self) -> str:
        return f"user {self.user_id} of leaf {self.leaf} in evaluation {self.stage_id}"
