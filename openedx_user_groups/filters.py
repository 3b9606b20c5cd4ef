"""Steps of the platform's filters: the tab of the instructor dashboard, of the app and of the legacy one.

Both stand where the address of the tab leads; see pages/views/instructor_tab.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crum import get_current_user
from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from openedx_filters import PipelineStep

from . import api
from .data import COURSE, ScopeData
from .models import UserGroup
from .permissions import Action, Person
from .platform import toggles

TAB = "user_groups"
# The platform's own tabs go up to 110.
SORT_ORDER = 120
# Where the legacy dashboard finds the Mako template of the section, below MAKO_TEMPLATE_DIRS_BASE.
TEMPLATES = "/openedx_user_groups/instructor_dashboard/"
# How many groups the legacy dashboard names; the others are behind its link.
GROUPS = 10


class AddInstructorTab(PipelineStep):
    """The tab of the new dashboard: org.openedx.learning.instructor.dashboard.tabs.requested.v1."""

    def run_filter(
        self, tabs: Sequence[Mapping[str, Any]], user: Any, course_key: Any, **_others: Any
    ) -> dict[str, Any]:
        """The tabs with ours, where user groups are on and they may see them. Other steps go on in any case."""
        if any(tab.get("tab_id") == TAB for tab in tabs) or not _shows(user, scope := _scope(course_key)):
            return {"tabs": tabs}
        ours = {"tab_id": TAB, "title": _("Groups"), "url": tab_url(scope), "sort_order": SORT_ORDER}
        return {"tabs": [*tabs, ours]}


class AddLegacySection(PipelineStep):
    """The section of the legacy dashboard: org.openedx.learning.instructor.dashboard.render.started.v1."""

    def run_filter(self, context: dict[str, Any], **_others: Any) -> dict[str, Any]:
        """The sections with ours, on the same conditions; of the user the filter says nothing."""
        sections, user = context.get("sections", []), get_current_user()
        course_key = getattr(context.get("course"), "id", None)
        if user is None or course_key is None or any(section.get("section_key") == TAB for section in sections):
            return {"context": context}
        scope = _scope(course_key)
        if not _shows(user, scope):
            return {"context": context}
        return {"context": {**context, "sections": [*sections, _section(user, scope)]}}


def tab_url(scope: ScopeData) -> str:
    """Where the tab of a course leads; whole, for the dashboard has a host of its own, and keeps mere paths."""
    if address := settings.OPENEDX_USER_GROUPS_INSTRUCTOR_TAB_URL:
        return str(address).replace("{course_key}", scope.key)
    root = getattr(settings, "LMS_ROOT_URL", None) or ""
    return root.rstrip("/") + reverse("openedx_user_groups:pages:instructor_tab", args=[scope])


def _scope(course_key: Any) -> ScopeData:
    return ScopeData(COURSE, str(course_key))


def _shows(user: Any, scope: ScopeData) -> bool:
    if not settings.OPENEDX_USER_GROUPS_INSTRUCTOR_TAB:
        return False
    return toggles.is_enabled(scope) and Person(user).may(Action.VIEW, scope)


def _section(user: Any, scope: ScopeData) -> dict[str, Any]:
    # It comes with XBlock, and so is on every platform that has this dashboard.
    from web_fragments.fragment import Fragment

    kept = api.groups_in(scope).exclude(status=UserGroup.Status.ARCHIVED)
    groups = api.groups_data(kept[:GROUPS], asker=Person(user))
    address = reverse("openedx_user_groups:pages:instructor_tab", args=[scope])
    shown = {"groups": groups, "number": kept.count(), "address": address}
    fragment = Fragment(render_to_string("openedx_user_groups/instructor_dashboard/section.html", shown))
    for name in ("tokens.css", "section.css"):
        fragment.add_css_url(static(f"openedx_user_groups/{name}"))
    return {
        "section_key": TAB,
        "section_display_name": _("Groups"),
        "course_id": scope.key,
        "template_path_prefix": TEMPLATES,
        "fragment": fragment,
    }
