"""Static groups are made here; and of any group its name, description and tags are changed, and its status."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ... import api
from ...data import GroupData, ScopeData
from ...evaluation import uses
from ...exceptions import GroupInUse, InvalidGroup, StaleRevision
from ...models import UserGroup
from ...permissions import Action
from ...web.accounts import usernames
from .. import forms, options
from ..errors import status_of
from .base import PageView
from .group import GroupPage

Status = UserGroup.Status


class NewGroup(PageView):
    """A static group is made."""

    template = "new.html"

    def get(self, request: HttpRequest, scope: ScopeData) -> HttpResponse:
        """The form."""
        found = self.scope(scope, Action.MANAGE)
        return self.show(typed={}, **self.place(found))

    def post(self, request: HttpRequest, scope: ScopeData) -> HttpResponse:
        """Make it, and go on to whom it holds."""
        found = self.scope(scope, Action.MANAGE)
        try:
            group = api.create_group(
                found, **forms.described(request), created_via=UserGroup.CreatedVia.PAGE, **self.asking()
            )
        except InvalidGroup as error:
            faults = {error.field: error.sentence}
            return self.show(status_of(error), typed=forms.typed(request), faults=faults, **self.place(found))
        messages.success(request, _("The group is there. Now add people."))
        return redirect("openedx_user_groups:pages:add", group.uuid)


@attrs.frozen
class Act:
    """What is done to a group as a whole: how it is called, what it means, and what the Python API calls it."""

    name: str
    label: str | Promise
    means: str | Promise
    done: str | Promise
    do: Callable[..., Any]
    # The statuses from which it is offered.
    of: frozenset[str]
    is_dangerous: bool = False


_KEPT = frozenset({Status.DRAFT, Status.ACTIVE, Status.PAUSED, Status.ARCHIVED})
ACTS: Mapping[str, Act] = {
    act.name: act
    for act in (
        Act(
            "pause",
            gettext_lazy("Pause"),
            gettext_lazy("Its members stay as they are: no refresh changes them until it is activated again."),
            gettext_lazy("The group is paused."),
            api.pause_group,
            frozenset({Status.ACTIVE}),
        ),
        Act(
            "activate",
            gettext_lazy("Activate"),
            gettext_lazy("It is in use again. Where it has a rule, refreshes decide again who is in it."),
            gettext_lazy("The group is active."),
            api.activate_group,
            frozenset({Status.PAUSED, Status.ARCHIVED}),
        ),
        Act(
            "archive",
            gettext_lazy("Archive"),
            gettext_lazy(
                "It is put away with its members: nobody joins or leaves, and it keeps its name. "
                "You can activate it again at any time."
            ),
            gettext_lazy("The group is archived."),
            api.archive_group,
            _KEPT - {Status.ARCHIVED},
        ),
        Act(
            "delete",
            gettext_lazy("Delete"),
            gettext_lazy("All of its memberships end, and nobody can undo this. Its name becomes free."),
            gettext_lazy("The group is deleted."),
            api.delete_group,
            _KEPT,
            is_dangerous=True,
        ),
    )
}


class Settings(GroupPage):
    """What the group is called, and what can be done to it as a whole."""

    template = "settings.html"
    section = "settings"

    def get(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """The form, and the acts."""
        about = self.about(self.group(group_uuid, Action.VIEW))
        group = about["group"]
        stored = {"name": group.name, "description": group.description, "tags": ", ".join(group.tags)}
        return self._shown(about, typed=stored)

    def post(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """Save what was typed; of a group that others have edited meanwhile it is shown beside what they have saved."""
        row = self.group(group_uuid, Action.MANAGE)
        try:
            stored = api.get_group(row.uuid, asker=self.person)
            changes = forms.described(request) | options.read(stored, request.POST.dict())
            group = api.update_group(row.uuid, revision=forms.number(request), **changes, **self.asking())
        except (InvalidGroup, StaleRevision) as error:
            is_stale = isinstance(error, StaleRevision)
            faults = {error.field: error.sentence} if isinstance(error, InvalidGroup) else {}
            about = self.about(self.group(group_uuid, Action.MANAGE))
            return self._shown(about, status_of(error), typed=forms.typed(request), faults=faults, is_stale=is_stale)
        messages.success(request, _("Saved."))
        if odd := options.warning(group):
            messages.warning(request, odd)
        return redirect("openedx_user_groups:pages:settings", row.uuid)

    def _shown(self, about: dict[str, Any], status: int = 200, **more: Any) -> HttpResponse:
        group: GroupData = about["group"]
        people = usernames([group.created_by_id, group.modified_by_id])
        acts = [act for act in ACTS.values() if group.status in act.of]
        return self.show(
            status,
            revision=group.draft_revision or group.revision,
            created_by=people.get(group.created_by_id or 0),
            modified_by=people.get(group.modified_by_id or 0),
            created_via=UserGroup.CreatedVia(group.created_via).label,
            acts=acts,
            options=options.fields(group, self.request.POST.dict(), more.get("faults", {})),
            can_be_edited=group.status != Status.ARCHIVED,
            **about,
            **more,
        )


class Confirm(GroupPage):
    """What an act does to the group is said before it is done."""

    template = "confirm.html"
    section = "settings"

    def get(self, request: HttpRequest, group_uuid: Any, act: str) -> HttpResponse:
        """What it means, and what stands in its way."""
        row = self.group(group_uuid, Action.MANAGE)
        in_the_way = uses.uses_of(row, self.person) if act in ("archive", "delete") else []
        return self.show(act=_known(act, row), uses=in_the_way, **self.about(row))

    def post(self, request: HttpRequest, group_uuid: Any, act: str) -> HttpResponse:
        """Do it. What others are built on is not put away, and it is said which these are."""
        row = self.group(group_uuid, Action.MANAGE)
        chosen = _known(act, row)
        more = {"reason": forms.reason(request)} if act == "pause" else {}
        try:
            chosen.do(row.uuid, **more, **self.asking())
        except GroupInUse as error:
            return self.show(status_of(error), act=chosen, uses=error.uses, **self.about(row))
        messages.success(request, str(chosen.done))
        if act == "delete":
            return redirect("openedx_user_groups:pages:scope", row.scope.data)
        return redirect("openedx_user_groups:pages:settings", row.uuid)


def _known(act: str, row: UserGroup) -> Act:
    """What the act is. A draft is activated only by who has seen whom it will hold."""
    found = ACTS.get(act)
    if found is None or (row.status == Status.DRAFT and row.status not in found.of):
        raise Http404
    return found
