"""The tab of the instructor dashboard: the page of the course, without ways to other scopes."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from ...data import COURSE, ScopeData
from .scope import ScopePage


class InstructorTab(ScopePage):
    """The groups of a course, within its dashboard; where the tab is no longer wanted, the panel shows them."""

    template = "instructor_tab.html"

    def get(self, request: HttpRequest, scope: ScopeData) -> HttpResponseBase:
        """The same as the page of the scope."""
        if scope.type != COURSE:
            raise Http404
        if not settings.OPENEDX_USER_GROUPS_INSTRUCTOR_TAB:
            return redirect("openedx_user_groups:pages:scope", self.scope(scope))
        return super().get(request, scope)
