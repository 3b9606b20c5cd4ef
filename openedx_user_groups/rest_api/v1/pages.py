"""Pages of lists: by number, and by cursor where a list can be long."""

from __future__ import annotations

from typing import Any

from edx_rest_framework_extensions.paginators import DefaultPagination  # type: ignore[import-untyped]
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination

from ...naming import is_storable
from ...web.queries import MAX_PAGE_SIZE

PAGE_SIZE = 10

LINK = {"type": "string", "format": "uri", "nullable": True}
NUMBER = {"type": "integer"}


class Pages(DefaultPagination):
    """Pages by number, as Open edX numbers them; the parameters are part of the query of each list."""

    page_size = PAGE_SIZE
    max_page_size = MAX_PAGE_SIZE

    def get_paginated_response_schema(self, schema: Any) -> dict[str, Any]:
        """The schema of a page."""
        properties = {
            "next": LINK,
            "previous": LINK,
            "count": NUMBER,
            "num_pages": NUMBER,
            "current_page": NUMBER,
            "start": NUMBER,
            "results": schema,
        }
        return {"type": "object", "required": list(properties), "properties": properties}

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """None beside those of the query."""
        return []


class PeoplePages(CursorPagination):
    """Pages of people by user name; each begins where the last one ended, however many come before it."""

    page_size = PAGE_SIZE
    max_page_size = MAX_PAGE_SIZE
    page_size_query_param = "page_size"
    # Of the rows: an annotation, see queries.people().
    ordering = ("username",)

    def decode_cursor(self, request: Any) -> Any:
        """Where to go on; raises NotFound when that is nothing which a page has given."""
        cursor = super().decode_cursor(request)
        if cursor is not None and cursor.position is not None and not is_storable(str(cursor.position)):
            raise NotFound(self.invalid_cursor_message)
        return cursor

    def get_paginated_response_schema(self, schema: Any) -> dict[str, Any]:
        """The schema of a page."""
        properties = {"next": LINK, "previous": LINK, "results": schema}
        return {"type": "object", "required": list(properties), "properties": properties}

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """None beside those of the query."""
        return []
