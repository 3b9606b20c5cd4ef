"""Runs in the admin: what every refresh did, and what of those that are held is to be decided."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from .. import api
from ..data import RunData
from ..models import RefreshRun, UserGroup
from ..refresh.watching import RUNNING, WAITING
from . import acts
from .reading import ModelAdmin, ReadOnlyAdmin, as_uuid
from .rendering import NOTHING, table

STATUSES = {WAITING: _("Waiting"), RUNNING: _("Running"), **{str(each): each.label for each in RefreshRun.Outcome}}

# How many groups a part of a name may find, and how far back a list without a search goes.
GROUPS_AT_A_TIME = 100
LATEST = 100_000
# Of the people whom a held run is about.
PEOPLE_SHOWN = 100
UNDECIDED = "undecided"


class ByGroup(ModelAdmin):
    """Rows of groups, of which there can be millions: the latest ones, or those of groups by name or UUID."""

    search_fields = ("group",)
    search_help_text = _("Part of the name of a group, or its UUID.")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The rows of the first groups that are found; without a term the latest of all."""
        if not search_term:
            newest = queryset.model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
            return queryset.filter(pk__gt=newest - LATEST), False
        wanted = as_uuid(search_term)
        named = Q(name__icontains=search_term) if wanted is None else Q(uuid=wanted)
        groups = UserGroup.objects.filter(named).order_by("pk").values_list("pk", flat=True)
        return queryset.filter(group__in=list(groups[:GROUPS_AT_A_TIME])), False


class ByStatus(admin.SimpleListFilter):
    """What a run is doing, or how it has ended."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Those of runs that have not ended, then the outcomes."""
        not_ended = [(WAITING, _("Waiting")), ("begun", _("Begun, not ended"))]
        return [*not_ended, *RefreshRun.Outcome.choices, (UNDECIDED, _("Held, to be decided"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[RefreshRun]) -> QuerySet[RefreshRun]:
        """The runs of that status."""
        if self.value() in (WAITING, "begun"):
            return queryset.filter(finished__isnull=True, started__isnull=self.value() == WAITING)
        if self.value() == UNDECIDED:
            return queryset.filter(outcome=RefreshRun.Outcome.HELD, decision="")
        return queryset.filter(outcome=self.value()) if self.value() else queryset


class ShowsRun:
    """Columns of a run as outsiders see it."""

    def _data(self, run: RefreshRun) -> RunData:
        (data,) = api.runs_data([run])
        return data

    @admin.display(description=_("Status"))
    def status(self, run: RefreshRun) -> str:
        """Waiting, running, or how it ended."""
        return str(STATUSES[self._data(run).status])

    @admin.display(description=_("Causes"))
    def why(self, run: RefreshRun) -> str:
        """Who or what asked for it."""
        return ", ".join(run.causes)

    @admin.display(description=_("Settled"))
    def progress(self, run: RefreshRun) -> str:
        """How many of the people whose place was wrong."""
        return "" if run.total is None else f"{run.done:,} / {run.total:,}"

    @admin.display(description=_("Error"))
    def problem(self, run: RefreshRun) -> str:
        """Why it failed, also of a run whose worker has died."""
        return self._data(run).error


COUNTS = ("matched", "joined", "left", "lost_claims")


@admin.register(RefreshRun)
class RunAdmin(ShowsRun, ByGroup, ReadOnlyAdmin):
    """All runs, newest first."""

    list_display = ("requested", "group", "status", "decision", *COUNTS[:3], "problem")
    list_filter = (ByStatus,)
    actions = (acts.approve, acts.discard)
    # By joins, MariaDB would sort all runs of all groups.
    list_select_related = ()
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": ("uuid", "group", "collection", "status", "problem", "why", "revision")}),
        (_("When"), {"fields": ("requested", "started", "finished")}),
        (_("What it did"), {"fields": ("progress", *COUNTS)}),
        (_("Decision, where it was held or undone"), {"fields": ("decision", "decided_by", "decided_at", "held")}),
    )

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Who may decide: those who may act on groups."""
        return request.user.has_perm("openedx_user_groups.change_usergroup")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RefreshRun]:
        """The runs with what their status depends on."""
        return super().get_queryset(request).prefetch_related("group", "collection")

    @admin.display(description=_("Whom it is about"))
    def held(self, run: RefreshRun) -> SafeString | str:
        """The first of those who would join and of those who would leave, until it is decided."""
        people = {joins: api.held_users(run.uuid, joins=joins).order_by("username") for joins in (True, False)}
        words = {True: _("Would join"), False: _("Would leave")}
        rows = [(words[joins], user.get_username()) for joins, users in people.items() for user in users[:PEOPLE_SHOWN]]
        return table((_("What"), _("User name")), rows) if rows else NOTHING
