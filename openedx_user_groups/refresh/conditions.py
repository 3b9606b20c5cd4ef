"""Conditions: groups that somebody has to look at, and work that nobody does. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import attrs
from django.db.models import Count, Min

from ..data import ScopeData
from ..evaluation.definition import rules_of
from ..models import Change, UserGroup
from ..platform import toggles
from ..rules.tree import Branch
from . import due, lease, saying, staleness

Health = UserGroup.Health

BROKEN, HELD, STALE, OVERDUE = "broken", "held", "stale", "overdue"
# The schedule, a worker that was sent a group, and its queue may take so long together.
LATE = timedelta(hours=1)


@attrs.frozen
class Unwell:
    """A group that is broken, held, stale or overdue, or several of these; ``overdue`` is since when."""

    uuid: UUID
    name: str
    conditions: tuple[str, ...]
    reason: str
    last_refreshed: datetime | None
    overdue: datetime | None


@attrs.frozen
class Backlog:
    """Changes that wait in the outbox for longer than a drain takes to come: how many, and since when."""

    number: int
    since: datetime


def unwell(now: datetime, scope: ScopeData | None = None) -> list[Unwell]:
    """The active dynamic groups of one scope or of all that are not well, where the feature is on."""
    groups = list(due.groups_to_refresh(scope))
    rules = rules_of(groups)
    on = {each: toggles.is_enabled(each) for each in {group.scope.data for group in groups}}
    judged = (_judged(group, rules.get(group.pk), now) for group in groups if on[group.scope.data])
    return [each for each in judged if each.conditions]


def _judged(group: UserGroup, rule: Branch | None, now: datetime) -> Unwell:
    conditions = tuple(_conditions(group, rule, now))
    return Unwell(
        uuid=group.uuid,
        name=group.name,
        conditions=conditions,
        reason=saying.told(group.health_reason),
        last_refreshed=staleness.last_success(group),
        overdue=group.next_due if OVERDUE in conditions else None,
    )


def _conditions(group: UserGroup, rule: Branch | None, now: datetime) -> Iterator[str]:
    if group.health in (Health.BROKEN, Health.HELD):
        yield BROKEN if group.health == Health.BROKEN else HELD
    # One that was never refreshed is new, or overdue.
    if staleness.last_success(group) is not None and staleness.is_stale(group, rule, now):
        yield STALE
    is_late = group.next_due is not None and group.next_due < now - LATE
    if is_late and not lease.is_held(group.collection, now):
        yield OVERDUE


def backlog(now: datetime) -> Backlog | None:
    """What waits in the outbox although it should long be dealt with; None where nothing does."""
    late = Change.objects.filter(created__lt=now - LATE).aggregate(number=Count("pk"), since=Min("created"))
    return Backlog(late["number"], late["since"]) if late["number"] else None
