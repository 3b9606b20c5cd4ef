"""Who is kept out of a group, above any rule: decided, looked at, and lifted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ... import api
from ...data import MemberOutcome
from ...exceptions import InvalidInput
from ...groups.deciding import Outcome
from ...models import Exclusion
from ...permissions import Action
from ...platform import people_file
from ...web import access, narrowing
from ...web.accounts import accounts
from ...web.fields import MAX_PEOPLE
from .. import forms
from .group import GroupPage
from .members import ListQuery, can_change

EXCLUSIONS = "openedx_user_groups:pages:exclusions"
DONE = (Outcome.EXCLUDED, Outcome.ALREADY_EXCLUDED)


class Exclusions(GroupPage):
    """Who is kept out now."""

    template = "exclusions.html"
    part = "_exclusions.html"
    section = "exclusions"

    def get(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """The list, and the form."""
        return self._shown(self.group(group_uuid))

    def post(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """Keep people out; whom nobody was found for stay in the form."""
        row = self.group(group_uuid, Action.MANAGE)
        typed = {name: request.POST.get(name, "") for name in ("people", "reason", "until")}
        try:
            asked: dict[str, Any] = {"reason": _reason(typed["reason"]), "expires_at": _end_of(typed["until"])}
            people = _people(typed["people"])
        except InvalidInput as error:
            return self._shown(row, 400, typed=typed, faults={error.field: error.sentence})
        discreet = access.is_discreet(self.person)
        outcomes = api.exclude(row.uuid, people, discreet=discreet, **asked, **self.acting())
        left = [one for one in outcomes if one.outcome not in DONE]
        self._say(len(outcomes) - len(left))
        if not left:
            return redirect(EXCLUSIONS, row.uuid)
        typed["people"] = "\n".join(str(one.person) for one in left)
        return self._shown(row, 400 if len(left) == len(outcomes) else 200, typed=typed, left=left)

    def _say(self, number: int) -> None:
        if number:
            said = ngettext("{n} person is kept out now.", "{n} people are kept out now.", number)
            messages.success(self.request, said.format(n=number))

    def _shown(self, row: Any, status: int = 200, left: Sequence[MemberOutcome] = (), **more: Any) -> HttpResponse:
        query = self.query(ListQuery)
        # An address that is not shown is not found by its parts either.
        told = api.population_of(row.uuid) if access.is_discreet(self.person) else None
        page = self.paged(narrowing.people(api.exclusions_of(row.uuid), query, told).order_by("user__username", "pk"))
        about = self.about(row)
        return self.show(
            status,
            page=page,
            rows=self._rows(row.uuid, list(page.object_list)),
            query=query,
            left=left,
            can_exclude=can_change(row) and about["may_manage"],
            **about,
            **more,
        )

    def _rows(self, group_uuid: UUID, rows: Sequence[Exclusion]) -> list[dict[str, Any]]:
        users = [row.user_id for row in rows]
        # Whoever has left the course is known by name here, and for nothing else.
        belonging = api.belonging(group_uuid, users) if access.is_discreet(self.person) else set(users)
        people = accounts(users)
        return [
            {"exclusion": row, "account": people[row.user_id], "is_told": row.user_id in belonging}
            for row in rows
            if row.user_id in people
        ]


class Lift(GroupPage):
    """An exclusion that ends."""

    section = "exclusions"

    def post(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """Let somebody in again; the rule places them. Done twice, it is done once."""
        row = self.group(group_uuid, Action.MANAGE)
        ids = forms.wholes([request.POST.get("person", "")])
        outcomes = api.lift_exclusions(row.uuid, ids, discreet=access.is_discreet(self.person), **self.acting())
        if any(one.outcome == Outcome.REMOVED for one in outcomes):
            messages.success(request, _("They may be in the group again; where it has a rule, that places them."))
        return redirect(EXCLUSIONS, row.uuid)


def _people(text: str) -> list[str]:
    people = list(dict.fromkeys(people_file.named_in(text)))
    if not people:
        raise InvalidInput("people", _("Name who is to be kept out."))
    if len(people) > MAX_PEOPLE:
        raise InvalidInput("people", _("At most {limit} people at once.").format(limit=MAX_PEOPLE))
    return people


def _reason(text: str) -> str:
    if len(text) > 1_000:
        raise InvalidInput("reason", _("It must be a text of {n} characters at most.").format(n=1_000))
    return text


def _end_of(text: str) -> datetime | None:
    """The end of the day that somebody has chosen; None for none."""
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise InvalidInput("until", _("It is not a date; leave it empty for no end."))
    if day < timezone.localdate() or day.year > 9998:
        raise InvalidInput("until", _("It has passed; give a day from today on."))
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
