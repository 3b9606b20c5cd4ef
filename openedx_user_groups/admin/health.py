"""Health in the admin: groups that somebody has to look at, and what is wrong with criteria and plugins."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import api
from ..models import UserGroup
from ..refresh.conditions import BROKEN, HELD, OVERDUE, STALE
from .reading import ModelAdmin

SHOWN = 100
CONDITIONS = {
    HELD: gettext_lazy("Held: a refresh waits for a decision"),
    STALE: gettext_lazy("Stale: its last successful refresh is too long ago"),
    OVERDUE: gettext_lazy("Overdue: it should have been refreshed by now"),
}


def page(model_admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Everything that is wrong now; the first 100 groups of each kind."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    groups = api.all_groups()
    broken = groups.filter(health=UserGroup.Health.BROKEN)
    found = api.findings()
    unwell = _unwell()
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Health of user groups"),
        "opts": model_admin.opts,
        "limit": SHOWN,
        "broken_total": broken.count(),
        "broken": list(broken[:SHOWN]),
        "unwell_total": len(unwell),
        "unwell": _shown(unwell[:SHOWN]),
        "backlog": api.backlog(),
        "plugins": found.broken_plugins.items(),
        "unknown": [
            (name, list(groups.filter(uuid__in=uuids[:SHOWN]))) for name, uuids in found.unknown_criteria.items()
        ],
        "events": found.unknown_events.items(),
        "unavailable": [(each.name, each.unavailable) for each in api.criterion_types() if each.unavailable],
    }
    return TemplateResponse(request, "openedx_user_groups/admin/health.html", context)


def _unwell() -> list[Any]:
    """The groups that are held, stale or overdue; those that are broken have a table of their own."""
    return [each for each in api.unwell_groups() if BROKEN not in each.conditions]


def _shown(unwell: list[Any]) -> list[tuple[UserGroup, list[Any], str]]:
    """Each with its row, its conditions in words, and the reason where there is one."""
    rows = {row.uuid: row for row in api.all_groups().filter(uuid__in=[each.uuid for each in unwell])}
    return [
        (rows[each.uuid], [CONDITIONS[one] for one in each.conditions], each.reason)
        for each in unwell
        if each.uuid in rows
    ]
