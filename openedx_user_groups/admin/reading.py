"""What all of our admin pages share: they only read, and no list counts millions of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from ..models import Scope

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    Rows = Paginator[Any]
else:
    ModelAdmin = admin.ModelAdmin
    Rows = Paginator

# What anybody pages through.
MOST = 10_000


def as_uuid(text: str) -> UUID | None:
    """The UUID that somebody typed, with hyphens or without; None when it is something else."""
    try:
        return UUID(text)
    except ValueError:
        return None


class BoundedPaginator(Rows):
    """Pages of the first 10,000 rows."""

    @cached_property
    def count(self) -> int:
        """How many rows there are, counted no further than to the limit."""
        rows = self.object_list
        return rows.order_by()[:MOST].count() if isinstance(rows, QuerySet) else len(rows)


class ReadOnlyAdmin(ModelAdmin):
    """Whoever may view the model sees its rows; nobody adds, changes or deletes any, whatever their permissions."""

    # Columns that a search for a UUID looks into; any other term goes by search_fields.
    uuid_fields: Sequence[str] = ()
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_max_show_all = 100

    class Media:
        css = {"all": ["openedx_user_groups/admin.css"]}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The rows that are found: by an index where the term is a UUID."""
        wanted = as_uuid(search_term)
        if wanted is None or not self.uuid_fields:
            return super().get_search_results(request, queryset, search_term)
        return queryset.filter(Q(*((name, wanted) for name in self.uuid_fields), _connector=Q.OR)), False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """All that is shown, computed or stored."""
        return [field for _title, options in self.get_fieldsets(request, obj) for field in options["fields"]]


class ByScopeType(admin.SimpleListFilter):
    """Rows of courses, of organizations or of the instance."""

    title = _("type of scope")
    parameter_name = "scope_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The types."""
        return list(Scope.TYPES)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of that type."""
        return queryset.filter(scope__type=self.value()) if self.value() else queryset
