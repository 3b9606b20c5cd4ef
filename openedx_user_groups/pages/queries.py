"""Queries of pages that the REST API has no list for."""

from __future__ import annotations

from ..web.fields import Text
from ..web.queries import Query


class PlacesQuery(Query):
    """Which courses, organizations and the platform."""

    search = Text(required=False, max_length=255, help_text="With this in the name or the key.")
