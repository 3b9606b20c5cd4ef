"""Refreshes of a group: listed, asked for, decided about and taken back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from ... import api
from ...data import RunData
from ...models import RefreshRun
from ...permissions import Action
from ...web import access
from ...web.accounts import usernames
from ...web.people import told_of
from ..results import result_of
from ..wording import RUN_STATUSES, causes_in_words
from .group import GroupPage

Decision = RefreshRun.Decision
OVERVIEW = "openedx_user_groups:pages:group"


def in_words(runs: list[RunData]) -> list[dict[str, Any]]:
    """Runs with what people call their parts."""
    names = usernames(pk for run in runs for pk in (run.requested_by_id, run.decided_by_id))
    return [
        {
            "run": run,
            "status": RUN_STATUSES[run.status],
            "causes": causes_in_words(run.causes),
            "asked_by": names.get(run.requested_by_id or 0, ""),
            "decision": Decision(run.decision).label if run.decision else "",
            "decided_by": names.get(run.decided_by_id or 0, ""),
        }
        for run in runs
    ]


class Refreshes(GroupPage):
    """What every refresh did, and why."""

    template = "refreshes.html"
    section = "refreshes"

    def get(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """The refreshes, newest first, a page at a time."""
        row = self.group(group_uuid)
        page = self.paged(api.runs_of(row.uuid))
        runs = api.runs_data(page.object_list, group=row.uuid, asker=self.person)
        return self.show(page=page, runs=in_words(runs), **self.about(row))

    def post(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """Let a worker refresh the group now."""
        row = self.group(group_uuid, Action.MANAGE)
        asked = api.request_refresh(row.uuid, **self.acting())
        # Where there is no worker in between, it is over by now.
        (run,) = api.runs_data(api.runs_of(row.uuid).filter(uuid=asked.uuid))
        if result := result_of(run):
            messages.add_message(request, result.level, result.sentence)
        else:
            messages.success(request, _("A refresh was asked for."))
        return redirect(OVERVIEW, row.uuid)


class Refresh(GroupPage):
    """One refresh; of one that is held everybody whom it is about, and the decision."""

    template = "refresh.html"
    section = "refreshes"

    def get(self, request: HttpRequest, group_uuid: Any, run_uuid: Any) -> HttpResponse:
        """What it did; or who would join, or else leave."""
        row = self.group(group_uuid)
        found = access.run(row.uuid, str(run_uuid))
        (run,) = api.runs_data([found], group=row.uuid, asker=self.person)
        joins = request.GET.get("of") == "joining"
        page = self.paged(api.held_users(run.uuid, joins=joins).order_by("username"))
        people = told_of(self.person, row.uuid, list(page.object_list))
        (told,) = in_words([run])
        waits = run.status == RefreshRun.Outcome.HELD and not run.decision
        return self.show(told=told, waits=waits, joins=joins, page=page, rows=people, **self.about(row))

    def post(self, request: HttpRequest, group_uuid: Any, run_uuid: Any) -> HttpResponse:
        """Approve of it, or discard it."""
        row = self.group(group_uuid, Action.MANAGE)
        run = access.run(row.uuid, str(run_uuid))
        decide = {Decision.APPROVED: api.approve_refresh, Decision.DISCARDED: api.discard_refresh}
        said = {
            Decision.APPROVED: _("The refresh was approved: whoever still qualifies joins and leaves."),
            Decision.DISCARDED: _("The refresh was discarded, and the group is paused."),
        }
        wanted = request.POST.get("decision", "")
        if wanted not in decide:
            raise Http404
        # Said twice, it is said once.
        if run.decision != wanted:
            decide[Decision(wanted)](run.uuid, **self.acting())
            messages.success(request, said[Decision(wanted)])
        return redirect(OVERVIEW, row.uuid)


class Undo(GroupPage):
    """The last refresh, taken back."""

    section = "group"

    def post(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """Let the members be again who they were before it, and pause the group; of no other than they have seen."""
        row = self.group(group_uuid, Action.MANAGE)
        run = access.run(row.uuid, request.POST.get("run", ""))
        if run.decision == Decision.UNDONE and run.decided_at is not None:
            return redirect(OVERVIEW, row.uuid)
        api.undo_refresh(row.uuid, run=run.uuid, **self.acting())
        messages.success(request, _("The refresh was undone, and the group is paused."))
        return redirect(OVERVIEW, row.uuid)
