"""The groups of one scope: a course, an organization or the platform."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase

from ... import api
from ...data import ScopeData
from ...web import queries
from .listing import GroupsList


class ScopePage(GroupsList):
    """The groups and collections of a scope."""

    template = "scope.html"

    def get(self, request: HttpRequest, scope: ScopeData) -> HttpResponseBase:
        """Groups, a page at a time."""
        found = self.scope(scope)
        listed = self.listed(api.groups_in(found), self.query(queries.GroupsQuery), over_scopes=False)
        return self.show(**listed, **self.place(found))
