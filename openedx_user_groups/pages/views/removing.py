"""Members are taken out: those who were chosen, all who were found, or whomever a list names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ... import api
from ...data import ImportData
from ...groups.deciding import Outcome
from ...models import Membership, Origin, UserGroup
from ...permissions import Action
from ...platform.people_file import Line
from ...web import access, narrowing
from ...web.fields import MAX_PEOPLE
from .. import forms
from .adding import AddPeople, token_of
from .group import GroupPage
from .members import MembersQuery, shown

MEMBERS = "openedx_user_groups:pages:members"
IMPORT = "openedx_user_groups:pages:import"
# Of all who are taken out, named before it is done.
NAMED = 10


class Removal(GroupPage):
    """Members who were chosen are taken out: looked at first, then done."""

    template = "removal.html"
    section = "members"

    def get(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """Who was chosen, and what becomes of them."""
        row = self.group(group_uuid, Action.MANAGE)
        rows = self._chosen(row, request.GET.getlist("people"))
        if not rows:
            messages.warning(request, _("Choose who is to be taken out."))
            return redirect(MEMBERS, row.uuid)
        by_rule = sum(each.origin == Origin.RULE for each in rows)
        return self.show(rows=shown(list(rows)), by_rule=by_rule, **self.about(row))

    def post(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """Take them out; whom the rule wants is kept out from now on."""
        row = self.group(group_uuid, Action.MANAGE)
        ids = forms.wholes(request.POST.getlist("people"))[:MAX_PEOPLE]
        reason = forms.reason(request)
        discreet = access.is_discreet(self.person)
        outcomes = api.remove_members(row.uuid, ids, reason=reason, discreet=discreet, **self.acting())
        removed = [one.user_id for one in outcomes if one.outcome == Outcome.REMOVED]
        kept_out = api.exclusions_of(row.uuid).filter(user__in=removed).count() if removed else 0
        messages.success(request, _done(len(removed), kept_out))
        return redirect(MEMBERS, row.uuid)

    def _chosen(self, row: UserGroup, people: Sequence[str]) -> QuerySet[Membership]:
        rows = api.memberships_of(row.uuid).filter(user__in=forms.wholes(people)[:MAX_PEOPLE])
        return rows.order_by("user__username")


class RemovalOfAll(GroupPage):
    """All members who were found are taken out: counted first, then done by a worker."""

    template = "removal_of_all.html"
    section = "members"

    def get(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """How many they are, some of them by name, and what becomes of them."""
        return self._shown(self.group(group_uuid, Action.MANAGE))

    def post(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """Take them out, unless there are more of them by now than was said."""
        row = self.group(group_uuid, Action.MANAGE)
        ids = list(self._found(row).order_by("user_id").values_list("user_id", flat=True))
        if len(ids) > forms.number(request, "number"):
            messages.warning(request, _("More people were found by now; look at the number again."))
            return self._shown(row, 409)
        # Sent a second time, all of them are out already.
        sent = api.imports_of(self.person.user_id, group=row.uuid).filter(uuid=token_of(request) or uuid4()).first()
        if sent is None and not ids:
            return self._shown(row)
        return redirect(IMPORT, sent.uuid if sent else self._begin(row, ids).uuid)

    def _begin(self, row: UserGroup, ids: Sequence[int]) -> ImportData:
        return api.begin_import(
            row.uuid,
            [Line(place, pk) for place, pk in enumerate(ids, start=1)],
            uuid=token_of(self.request),
            removes=True,
            reason=forms.reason(self.request),
            discreet=access.is_discreet(self.person),
            **self.acting(),
        )

    def _found(self, row: UserGroup) -> QuerySet[Membership]:
        return narrowing.people(api.memberships_of(row.uuid), self.query(MembersQuery))

    def _shown(self, row: UserGroup, status: int = 200) -> HttpResponse:
        rows = self._found(row)
        if not rows.exists():
            messages.warning(self.request, _("Nobody was found who could be taken out."))
            return redirect(MEMBERS, row.uuid)
        return self.show(
            status,
            number=rows.count(),
            rows=shown(list(rows.order_by("user__username")[:NAMED])),
            by_rule=rows.filter(origin=Origin.RULE).count(),
            token=uuid4(),
            **self.about(row),
        )


class TakePeopleOut(AddPeople):
    """People are named in a text or a file, and checked or taken out."""

    template = "take_out.html"
    part = ""
    removes = True


def _done(removed: int, kept_out: int) -> str:
    said = ngettext("{n} person was taken out.", "{n} people were taken out.", removed).format(n=removed)
    if not kept_out:
        return said
    more = ngettext(
        "{n} of them is kept out from now on, because the rule would let them in again.",
        "{n} of them are kept out from now on, because the rule would let them in again.",
        kept_out,
    )
    return f"{said} {more.format(n=kept_out)}"
