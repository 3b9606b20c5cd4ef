"""A list of people: how far it is, and what became of each; whoever gave it, and nobody else, gets to see it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from ... import api
from ...data import ImportData
from ...exceptions import ImportNotFound
from ...permissions import Action
from ...web import access
from .. import outcomes
from .base import PageView


class OfImport(PageView):
    """What the pages of a list have in common."""

    def imported(self, import_uuid: Any) -> ImportData:
        """The list of the address, of whoever gave it and may still change the groups it is about."""
        found = api.get_import(import_uuid)
        if found.author_id != self.person.user_id:
            raise ImportNotFound
        if found.group_uuid is not None:
            self.group(found.group_uuid, Action.MANAGE)
        else:
            self.scope(found.scope, Action.MANAGE)
        return found


class Import(OfImport):
    """The list and its outcomes; while a worker is at it, htmx asks again and again."""

    template = "import.html"
    part = "_import.html"

    def get(self, request: HttpRequest, import_uuid: Any) -> HttpResponse:
        """The numbers, and a page of the rows."""
        imported = self.imported(import_uuid)
        rows = api.imported_people(imported.uuid)
        chosen = request.GET.get("outcome", "")
        if chosen in outcomes.KINDS:
            rows = rows.filter(outcome=chosen)
        page = self.paged(rows, 50)
        group = api.get_group(imported.group_uuid, asker=self.person) if imported.group_uuid else None
        return self.show(
            imported=imported,
            group=group,
            summary=outcomes.summary(imported.counts, is_check=imported.is_check),
            joined=sum(imported.counts.get(name, 0) for name in outcomes.JOINED),
            removed=imported.counts.get("removed", 0),
            not_found=sum(imported.counts.get(name, 0) for name in outcomes.NOT_FOUND),
            chosen=chosen,
            page=page,
            rows=outcomes.table(list(page.object_list), is_check=imported.is_check),
            **self.place(imported.scope),
        )

    def post(self, request: HttpRequest, import_uuid: Any) -> HttpResponse:
        """Do what was checked; once, however often it is asked for."""
        imported = self.imported(import_uuid)
        api.make_import_real(imported.uuid, discreet=access.is_discreet(self.person), **self.acting())
        return redirect("openedx_user_groups:pages:import", imported.uuid)


class Outcomes(OfImport):
    """The outcomes as a file."""

    def get(self, request: HttpRequest, import_uuid: Any) -> HttpResponseBase:
        """All rows."""
        imported = self.imported(import_uuid)
        what = "check" if imported.is_check else "taken-out" if imported.removes else "added"
        name = f"{what}-{imported.created:%Y-%m-%d-%H%M}"
        return outcomes.as_csv(api.imported_people(imported.uuid), name, is_check=imported.is_check)
