"""Revisions in the admin: what was defined when, and what each of them changed."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ..models import Revision
from .reading import ReadOnlyAdmin
from .rendering import difference, json_block
from .runs import ByGroup


@admin.register(Revision)
class RevisionAdmin(ByGroup, ReadOnlyAdmin):
    """All revisions, newest first."""

    list_display = ("created", "group", "number", "state", "author")
    list_filter = ("state",)
    list_select_related = ()
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": ("group", "number", "state", "author", "created")}),
        (_("Definition"), {"fields": ("changes", "snapshot")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Revision]:
        """The revisions with what their columns show."""
        return super().get_queryset(request).prefetch_related("group", "author")

    @admin.display(description=_("Definition"))
    def snapshot(self, revision: Revision) -> SafeString:
        """What it defines."""
        return json_block(revision.definition)

    @admin.display(description=_("Changed since the revision before"))
    def changes(self, revision: Revision) -> SafeString | str:
        """The difference; nothing of the first one."""
        older = Revision.objects.filter(group=revision.group_id, number__lt=revision.number)
        before = older.order_by("-number").first()
        return "" if before is None else difference(before.definition, revision.definition)
