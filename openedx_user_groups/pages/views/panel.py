"""The panel: every group of every scope that somebody may see, and the scopes themselves."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ... import api
from ...platform.titles import title
from ...web import access, queries
from ..places import first, places
from ..queries import PlacesQuery
from .base import PageView
from .listing import GroupsList


class Panel(GroupsList):
    """The groups of all scopes."""

    template = "panel.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Groups, a page at a time; who looks after none is told where to go."""
        self.anywhere()
        query = self.query(queries.GroupsQuery)
        scopes = access.scopes(self.person, query)
        seen = first(self.person, 2)
        if not scopes and not seen:
            offers = access.offered(self.person, {})
            return render(request, "openedx_user_groups/pages/nothing.html", {"has_offers": bool(offers)})
        rows = api.all_groups().filter(scope__in=scopes)
        # Whoever looks after a single place need not be asked where.
        only = seen[0] if len(seen) == 1 else None
        listed = self.listed(rows, query, over_scopes=only is None)
        may_manage = only is None or self.may_manage(only)
        return self.show(only=only, only_title=title(only) if only else "", may_manage=may_manage, **listed)


class Scopes(PageView):
    """The courses, organizations and the platform, with groups or without, for whoever goes to one of them."""

    template = "scopes.html"
    part = "_scopes.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """The first ones with the text in their names."""
        self.anywhere()
        text = self.query(PlacesQuery).get("search", "")
        return self.show(places=places(self.person, text), search=text)
