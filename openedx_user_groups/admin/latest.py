"""The latest runs and revisions, on the page of their group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ..models import RefreshRun, Revision, UserGroup
from .runs import COUNTS, ShowsRun

if TYPE_CHECKING:
    Inline = admin.TabularInline[Any, UserGroup]
    FormSet = BaseInlineFormSet[Any, UserGroup, Any]
else:
    Inline = admin.TabularInline
    FormSet = BaseInlineFormSet

SHOWN = 10


class Newest(FormSet):
    """Some rows only: a group can have thousands."""

    def get_queryset(self) -> QuerySet[Any]:
        """Cut off before anything is read."""
        if not hasattr(self, "_queryset"):
            self._queryset = super().get_queryset()[:SHOWN]
        return self._queryset


class Latest(Inline):
    """A table that only shows."""

    formset = Newest
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody."""
        return False


class LatestRuns(ShowsRun, Latest):
    """What the last refreshes did."""

    model = RefreshRun
    verbose_name_plural = _("Latest runs")
    # As the index has them, so that no more are read than shown.
    ordering = ("-requested",)
    fields = readonly_fields = ("requested", "status", "why", "progress", *COUNTS, "problem")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RefreshRun]:
        """The runs with what their status depends on."""
        return super().get_queryset(request).prefetch_related("group", "collection")


class LatestRevisions(Latest):
    """Who changed the definition, and when."""

    model = Revision
    verbose_name_plural = _("Latest revisions")
    ordering = ("-number",)
    fields = readonly_fields = ("number", "state", "author", "created")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Revision]:
        """The revisions with their authors."""
        return super().get_queryset(request).select_related("author")
