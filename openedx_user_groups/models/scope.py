"""Where groups live."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ..data import COURSE, INSTANCE, ORGANIZATION, ScopeData


class Scope(models.Model):
    """
    A course, an organization or the whole instance; made when its first group is.

    ``key`` holds the course key or the short name as the platform spells it, or "" for the instance.

    .. no_pii:
    """

    TYPES = ((COURSE, _("Course")), (ORGANIZATION, _("Organization")), (INSTANCE, _("Instance")))

    type = models.CharField(max_length=12, choices=TYPES)
    key = models.CharField(max_length=255, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("type", "key"), name="user_groups_one_scope_per_key"),)

    def __str__(self) -> str:
        return str(self.data)

    @property
    def data(self) -> ScopeData:
        """The same as frozen data."""
        return ScopeData(self.type, self.key)
