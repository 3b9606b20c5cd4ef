"""Acts: what can be done to groups and held runs in the admin, each through the API and so by its rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import api
from ..exceptions import UserGroupsError, WrongStatus
from ..models import RefreshRun, UserGroup
from .reading import ModelAdmin

# What the browser of whoever asked for it waits for.
AT_A_TIME = 100

Groups = QuerySet[UserGroup]
Runs = QuerySet[RefreshRun]


@admin.action(permissions=["act"], description=gettext_lazy("Refresh the selected groups"))
def refresh(page: ModelAdmin, request: HttpRequest, groups: Groups) -> None:
    """Let a worker bring the members into line, with those of the other groups of the collection."""
    _each(page, request, groups, partial(api.request_refresh, cause="admin"), _("A refresh was requested."))


@admin.action(permissions=["act"], description=gettext_lazy("Activate the selected groups"))
def activate(page: ModelAdmin, request: HttpRequest, groups: Groups) -> None:
    """Let refreshes decide again who is in the groups."""
    _each(page, request, groups, api.activate_group, _("The group is active."))


@admin.action(permissions=["act"], description=gettext_lazy("Pause the selected groups"))
def pause(page: ModelAdmin, request: HttpRequest, groups: Groups) -> None:
    """Keep the members as they are."""
    _each(page, request, groups, api.pause_group, _("The group is paused."))


@admin.action(permissions=["act"], description=gettext_lazy("Archive the selected groups"))
def archive(page: ModelAdmin, request: HttpRequest, groups: Groups) -> None:
    """Put the groups away."""
    _each(page, request, groups, api.archive_group, _("The group is archived."))


@admin.action(permissions=["act"], description=gettext_lazy("Undo the last refresh of the selected groups"))
def undo(page: ModelAdmin, request: HttpRequest, groups: Groups) -> None:
    """Let the members be again who they were before, and pause the groups."""
    _each(page, request, groups, api.undo_refresh, _("The last refresh was undone, and the group is paused."))


@admin.action(permissions=["act"], description=gettext_lazy("Approve the selected held refreshes"))
def approve(page: ModelAdmin, request: HttpRequest, runs: Runs) -> None:
    """Write what was held, of those who still qualify."""
    _each(page, request, _one_of_each(runs), api.approve_refresh, _("The refresh was approved and is written."))


@admin.action(permissions=["act"], description=gettext_lazy("Discard the selected held refreshes"))
def discard(page: ModelAdmin, request: HttpRequest, runs: Runs) -> None:
    """Forget what was held, and pause the groups."""
    _each(
        page,
        request,
        _one_of_each(runs),
        api.discard_refresh,
        _("The refresh was discarded, and its groups are paused."),
    )


def _one_of_each(runs: Runs) -> list[RefreshRun]:
    """One run of each refresh: those of a collection are decided together."""
    return list({(run.collection_id, run.lease_token): run for run in runs[: AT_A_TIME + 1]}.values())


def _each(
    page: ModelAdmin,
    request: HttpRequest,
    chosen: Groups | Sequence[RefreshRun],
    act: Callable[..., Any],
    done: str,
) -> None:
    """Do it to one row after the other, and say of each what became of it."""
    rows: list[UserGroup | RefreshRun] = list(chosen[: AT_A_TIME + 1])
    if len(rows) > AT_A_TIME:
        text = _("Nothing was done: select at most {limit} at a time.").format(limit=AT_A_TIME)
        page.message_user(request, text, messages.ERROR)
        return
    for row in rows:
        said, level = done, messages.SUCCESS
        try:
            if isinstance(row, UserGroup):
                _check(row)
            act(row.uuid, acting_user=request.user)
        except UserGroupsError as error:
            said, level = str(error), messages.ERROR
        else:
            page.log_change(request, row, done)
        page.message_user(request, _("{what}: {outcome}").format(what=row, outcome=said), level)


def _check(group: UserGroup) -> None:
    # Elsewhere such a group cannot be found at all.
    if group.status == UserGroup.Status.DELETED:
        raise WrongStatus(_("The group is deleted."))
