"""Collections in the admin: sets of exclusive groups, and the lease of the refresh that is running."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..models import GroupCollection, UserGroup
from .reading import ByScopeType, ReadOnlyAdmin
from .rendering import link, table

GROUPS_SHOWN = 100
KEPT = UserGroup.objects.exclude(status=UserGroup.Status.DELETED)


class Kind(admin.SimpleListFilter):
    """Collections that somebody made, and those that single groups have."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Both."""
        return [("named", _("Named")), ("implicit", _("Of a single group"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[GroupCollection]) -> QuerySet[GroupCollection]:
        """The collections of that kind."""
        return queryset.filter(is_implicit=self.value() == "implicit") if self.value() else queryset


@admin.register(GroupCollection)
class CollectionAdmin(ReadOnlyAdmin):
    """All collections, the implicit ones of single groups as well."""

    list_display = ("title", "scope", "groups_inside", "activity", "created")
    list_filter = (Kind, ByScopeType)
    list_select_related = ("scope",)
    search_fields = ("name", "scope__key")
    uuid_fields = ("uuid", "rest_uuid")
    search_help_text = _("Part of a name or of the key of a scope, or a UUID.")
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": ("name", "uuid", "scope", "is_implicit", "parent_group", "created")}),
        (_("Everybody else"), {"fields": ("rest_name", "rest_uuid")}),
        (_("Refresh"), {"fields": ("lease", "lease_token")}),
        (_("Groups by priority"), {"fields": ("ranking",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[GroupCollection]:
        """The collections with the number of their groups, and what the first one is called."""
        inside = KEPT.filter(collection=OuterRef("pk"))
        number = inside.order_by().values("collection").annotate(n=Count("pk")).values("n")
        first = inside.order_by("priority", "pk").values("name")[:1]
        return super().get_queryset(request).annotate(number=Coalesce(Subquery(number), 0), first=Subquery(first))

    @admin.display(description=_("Name"), ordering="name")
    def title(self, collection: GroupCollection) -> str:
        """Its name, or that of its only group."""
        return collection.name or getattr(collection, "first", None) or str(collection.uuid)

    @admin.display(description=_("Groups"))
    def groups_inside(self, collection: GroupCollection) -> int:
        """How many there are."""
        return getattr(collection, "number", 0)

    @admin.display(description=_("Refresh"))
    def activity(self, collection: GroupCollection) -> str:
        """Whether one is running, or has died, in a word."""
        expires = collection.lease_expires
        if expires is None:
            return gettext("None")
        return gettext("Running") if expires > timezone.now() else gettext("Died")

    @admin.display(description=_("Lease"))
    def lease(self, collection: GroupCollection) -> str:
        """Whether a refresh is running, or died."""
        expires = collection.lease_expires
        if expires is None:
            return gettext("Free: no refresh is running")
        when = timezone.localtime(expires).strftime("%Y-%m-%d %H:%M:%S %Z")
        if expires > timezone.now():
            return gettext("A refresh is running, and keeps the lease until {when} at least").format(when=when)
        return gettext("A worker died: its lease has expired at {when}, the next refresh takes over").format(when=when)

    @admin.display(description=_("Groups"))
    def ranking(self, collection: GroupCollection) -> SafeString:
        """Its groups, those first that go first."""
        kept = KEPT.filter(collection=collection)
        headings = (_("Priority"), _("Group"), _("Status"), _("Health"), _("Members"))
        rows = (
            (row.priority, link(row), row.get_status_display(), row.get_health_display(), row.member_count)
            for row in kept.order_by("priority", "pk")[:GROUPS_SHOWN]
        )
        return table(headings, rows)
