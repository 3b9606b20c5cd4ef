"""The rule of a group: read, changed as a draft, and put in force once it is seen who will join and leave."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from ... import api
from ...data import DraftData, DraftEffect, GroupData
from ...evaluation.matching import users_where
from ...exceptions import CriterionError, InvalidGroup, InvalidRule, StaleRevision, WrongService, WrongStatus
from ...ids import IsAnyOf
from ...models import UserGroup
from ...permissions import Action
from ...web.people import told_of
from .. import forms
from ..activation import in_force, seen
from ..errors import status_of
from ..rules.builder import hides_something
from .group import GroupPage
from .rules import EMPTY, RuleEditing, faults_of, read

Status = UserGroup.Status
# Of those who join and leave, named beside the numbers.
NAMED = 10


def has_draft(group: GroupData) -> bool:
    """Whether a rule waits to be put in force."""
    return (group.status == Status.DRAFT and group.rule is not None) or group.draft_revision is not None


class RuleSection(RuleEditing, GroupPage):
    """The rule of the group, and the builder to change it."""

    template = "rule.html"
    section = "rule"

    def get(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """The rule, what waits, and the builder."""
        about = self.about(self.group(group_uuid, Action.VIEW))
        group: GroupData = about["group"]
        return self._shown(about, group.draft_rule or group.rule or EMPTY)

    def post(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """Keep the changed rule as a draft; what somebody has typed stays when it cannot be."""
        row = self.group(group_uuid, Action.MANAGE)
        text = request.POST.get("rule", "")
        if self.wants_preview:
            tried = self.previewed(row.scope.data, row.uuid)
            return self._shown(self.about(row), text, sent=forms.number(request), preview=tried)
        try:
            rule = read(text)
            group = api.update_group(row.uuid, revision=forms.number(request), rule=rule, **self.asking())
        except (InvalidRule, InvalidGroup) as error:
            return self._shown(self.about(row), text, status_of(error), sent=forms.number(request), **faults_of(error))
        except StaleRevision as error:
            about = self.about(self.group(group_uuid, Action.MANAGE))
            return self._shown(about, text, status_of(error), is_stale=True)
        if has_draft(group):
            return redirect("openedx_user_groups:pages:draft", row.uuid)
        messages.success(request, _("The rule is as it was; nothing changes."))
        return redirect("openedx_user_groups:pages:rule", row.uuid)

    def _shown(self, about: dict[str, Any], rule: Any, status: int = 200, **more: Any) -> HttpResponse:
        group: GroupData = about["group"]
        is_hidden = hides_something(group.rule) or hides_something(group.draft_rule)
        can_edit = about["may_manage"] and group.status != Status.ARCHIVED and not is_hidden
        editor = self.editor(group.scope, rule, group.uuid, **more) if can_edit else more
        # After a fault the number that was edited stays; after somebody else's change the new one counts.
        revision = more.get("sent") or group.draft_revision or group.revision
        shown = {"revision": revision, "can_edit": can_edit, "is_hidden": is_hidden, "has_draft": has_draft(group)}
        # The builder of a group by hand is folded away until somebody begins with it.
        folding = {"has_rule": group.is_dynamic or has_draft(group), "is_begun": rule is not EMPTY}
        return self.show(status, **shown, **folding, **editor, **about)


class GroupRulePreview(RuleEditing, GroupPage):
    """The rule of the group as it is being changed, tried out."""

    template = part = "_rule_preview.html"

    def post(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """Whom the group would hold by it; nothing is stored."""
        row = self.group(group_uuid, Action.MANAGE)
        return self.show(preview=self.previewed(row.scope.data, row.uuid), with_code=False)


class DraftPage(GroupPage):
    """What the draft of a group would do, before it is done."""

    template = "draft.html"
    section = "rule"

    def get(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """Who would join and leave, in numbers and with some names."""
        return self._shown(self.about(self.group(group_uuid, Action.MANAGE)))

    def post(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """Put it in force, or forget it: just the one that was looked at."""
        row = self.group(group_uuid, Action.MANAGE)
        act = {"activate": self._activate, "discard": self._discard}.get(request.POST.get("act", ""))
        if act is None:
            raise Http404
        try:
            return act(row)
        except (StaleRevision, InvalidGroup) as error:
            about = self.about(self.group(group_uuid, Action.MANAGE))
            return self._shown(about, status_of(error), fault=error)

    def _activate(self, row: UserGroup) -> HttpResponse:
        agreed = seen(self.request.POST.getlist("leaving"))
        api.activate_group(row.uuid, revision=forms.number(self.request), agreed_leaving=agreed, **self.asking())
        run = None
        # In Studio the LMS does it when it is next due.
        with suppress(WrongService, WrongStatus):
            asked = api.request_refresh(row.uuid, **self.acting())
            # Where there is no worker in between, it is over by now.
            (run,) = api.runs_data(api.runs_of(row.uuid).filter(uuid=asked.uuid))
        messages.add_message(self.request, *in_force(run))
        return redirect("openedx_user_groups:pages:group", row.uuid)

    def _discard(self, row: UserGroup) -> HttpResponse:
        if row.draft_revision is None:
            raise StaleRevision
        api.discard_draft(row.uuid, revision=forms.number(self.request), **self.asking())
        messages.success(self.request, _("The draft is forgotten. The rule in force goes on."))
        return redirect("openedx_user_groups:pages:rule", row.uuid)

    def _shown(self, about: dict[str, Any], status: int = 200, fault: Exception | None = None) -> HttpResponse:
        group: GroupData = about["group"]
        if not has_draft(group):
            if fault is None:
                return redirect("openedx_user_groups:pages:rule", group.uuid)
            return self.show(status, is_gone=True, fault=fault, **about)
        revision = group.draft_revision or group.revision
        more: dict[str, Any] = {"revision": revision, "is_new": group.status == Status.DRAFT, "fault": fault}
        try:
            effect = api.draft_effect(group.uuid, named=True, asker=self.person)
            joining, leaving = (self._some(group, ids) for ids in effect.people)
            more |= {"effect": effect, "joining": joining, "leaving": leaving, "others": self._others(effect)}
        except CriterionError as error:
            more["problem"] = error.message
        return self.show(status, **more, **about)

    def _some(self, group: GroupData, ids: Sequence[int]) -> list[Any]:
        users = users_where(Q(IsAnyOf("pk", ids))).order_by("username", "pk")[:NAMED] if ids else ()
        return told_of(self.person, group.uuid, list(users))

    def _others(self, effect: DraftData) -> list[tuple[GroupData, DraftEffect]]:
        rows = api.all_groups().filter(uuid__in=[each.group_uuid for each in effect.others])
        groups = {group.uuid: group for group in api.groups_data(rows, asker=self.person)}
        return [(groups[each.group_uuid], each) for each in effect.others if each.group_uuid in groups]


class DraftPeople(GroupPage):
    """Everybody who would join, or leave."""

    template = "draft_people.html"
    section = "rule"

    def get(self, request: HttpRequest, group_uuid: Any, of: str) -> HttpResponse:
        """A page of them by user name."""
        if of not in ("joining", "leaving"):
            raise Http404
        about = self.about(self.group(group_uuid, Action.MANAGE))
        found = api.draft_people(about["group"].uuid, joins=of == "joining", asker=self.person)
        users = found.order_by("username", "pk")
        page = self.paged(users, 50)
        people = told_of(self.person, about["group"].uuid, list(page.object_list))
        return self.show(page=page, people=people, joins=of == "joining", **about)
