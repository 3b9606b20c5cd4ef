"""The rows of rules."""

from __future__ import annotations

from django.db import models

from .group import UserGroup


class GroupCriterion(models.Model):
    """
    One node of a group's rule: a branch (all, any, none) or a leaf, a criterion with operator and config.

    Nodes are numbered in reading order; ``parent_position`` is the branch a node hangs on, NULL at the root.

    .. pii: A config may hold what the author typed; a user name or an e-mail address of a retired person is replaced
        by the retired one.
    .. pii_types: username, email_address, other
    .. pii_retirement: local_api
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
