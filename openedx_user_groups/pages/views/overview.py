"""The overview of a group: what it is, how it fares and what to do about it, and where it is used."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import attrs
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ... import api
from ...data import GroupData, RunData
from ...models import RefreshRun, Revision, UserGroup
from ...refresh.watching import RUNNING, WAITING
from ...web.accounts import usernames
from ...web.people import told_of
from ..results import result_of
from ..states import state_of
from ..wording import RUN_STATUSES
from .group import GroupPage

# Of those who would join or leave, so many are named at once.
NAMED = 10
# For a former rule, among so many revisions.
LOOKED_BACK = 50
Status = UserGroup.Status


@attrs.frozen
class Held:
    """A refresh that waits for a decision: how many would join and leave by it, and the first of them."""

    run: RunData
    joining: int
    leaving: int
    first_joining: Any
    first_leaving: Any
    # The revision with the rule that was in force before this one, if there was another.
    former: int | None


class Overview(GroupPage):
    """The group in short; while it is refreshed the page asks again and again."""

    template = "group.html"
    part = "_overview.html"
    section = "group"

    def get(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """The group in short."""
        row = self.group(group_uuid)
        about = self.about(row)
        group: GroupData = about["group"]
        going_on = self._run(row.uuid, outcome="")
        is_going_on = going_on is not None and going_on.status in (WAITING, RUNNING)
        return self.show(
            state=state_of(group),
            run=going_on if is_going_on else None,
            run_status=RUN_STATUSES.get(going_on.status) if going_on else "",
            ended=None if is_going_on else result_of(self._watched(row.uuid)),
            is_late=group.next_due is not None and group.next_due < timezone.now(),
            held=self._held(row.uuid) if group.health == UserGroup.Health.HELD else None,
            undoable=self._undoable(about),
            can_refresh=about["may_manage"] and group.status == Status.ACTIVE and group.is_dynamic,
            uses=api.uses_of(row.uuid, asker=self.person),
            subdivisions=api.collections_in(group.scope).filter(parent_group=row),
            collection=None if row.collection.is_implicit else row.collection,
            people=usernames([group.created_by_id, group.modified_by_id]),
            created_via=UserGroup.CreatedVia(group.created_via).label,
            **about,
        )

    def _run(self, group_uuid: UUID, **which: Any) -> RunData | None:
        """The newest run of this kind."""
        rows = api.runs_of(group_uuid).filter(**which)[:1]
        return next(iter(api.runs_data(rows, group=group_uuid, asker=self.person)), None)

    def _watched(self, group_uuid: UUID) -> RunData | None:
        """The run whose end the page has waited for."""
        try:
            return self._run(group_uuid, uuid=UUID(self.request.GET.get("watched", "")))
        except ValueError:
            return None

    def _undoable(self, about: dict[str, Any]) -> RunData | None:
        """The last refresh that can be taken back, for those who may do so."""
        group: GroupData = about["group"]
        if not about["may_manage"] or group.status == Status.ARCHIVED:
            return None
        return api.refresh_to_undo(group.uuid)

    def _held(self, group_uuid: UUID) -> Held | None:
        run = self._run(group_uuid, outcome=RefreshRun.Outcome.HELD, decision="")
        if run is None:
            return None
        joining, leaving = (api.held_users(run.uuid, joins=joins).order_by("username") for joins in (True, False))
        joiners, leavers = (told_of(self.person, group_uuid, list(users[:NAMED])) for users in (joining, leaving))
        former = former_rule(group_uuid, run.revision)
        return Held(run, joining.count(), leaving.count(), joiners, leavers, former)


def former_rule(group_uuid: UUID, revision: int) -> int | None:
    """The revision that was the last in force with another rule than this one."""
    earlier = api.revisions_of(group_uuid).filter(number__lte=revision, state=Revision.State.IN_FORCE)
    rows = earlier.values_list("number", "definition__rule")[:LOOKED_BACK]
    now = next((rule for _number, rule in rows), None)
    return next((number for number, rule in rows if rule and rule != now), None)
