"""Scopes in the admin: where there are groups."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ..models import Scope, UserGroup
from ..platform import toggles
from .reading import ReadOnlyAdmin


@admin.register(Scope)
class ScopeAdmin(ReadOnlyAdmin):
    """All scopes that have, or once had, a group."""

    list_display = ("__str__", "type", "groups_here")
    list_filter = ("type",)
    search_fields = ("key",)
    ordering = ("type", "key")
    fieldsets = ((None, {"fields": ("type", "key", "is_on", "groups_here")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Scope]:
        """The scopes with the number of their groups."""
        kept = UserGroup.objects.exclude(status=UserGroup.Status.DELETED).filter(scope=OuterRef("pk"))
        number = kept.order_by().values("scope").annotate(n=Count("pk")).values("n")
        return super().get_queryset(request).annotate(number=Coalesce(Subquery(number), 0))

    @admin.display(description=_("User groups are on"), boolean=True)
    def is_on(self, scope: Scope) -> bool:
        """Whether the flag, or what overrides it, says so."""
        return toggles.is_enabled(scope.data)

    @admin.display(description=_("Groups"))
    def groups_here(self, scope: Scope) -> SafeString:
        """Their number, linked to their list."""
        address = reverse("admin:openedx_user_groups_usergroup_changelist")
        number = getattr(scope, "number", "")
        return format_html('<a href="{}?scope__id__exact={}">{}</a>', address, scope.pk, number)
