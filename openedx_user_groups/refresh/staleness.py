"""Staleness: whether the members of a group are older than its criteria can be relied on."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..models import UserGroup
from ..rules.tree import Branch, leaves
from .schedule import criteria_of


def last_success(group: UserGroup) -> datetime | None:
    """Until when the members are known to be right: of everybody, or of those whom time alone may have changed."""
    known = [instant for instant in (group.last_refreshed, group.swept_until) if instant is not None]
    return max(known, default=None)


def limit_of(rule: Branch) -> timedelta:
    """How long a group may go without a refresh; none at all where a criterion is not installed."""
    known = list(criteria_of(rule))
    if len(known) < len({leaf.criterion for leaf in leaves(rule)}):
        return timedelta()
    return min(each.stale_after for each in known)


def is_stale(group: UserGroup, rule: Branch | None, now: datetime) -> bool | None:
    """Whether the last successful refresh is too long ago; None of a group that is not refreshed."""
    if rule is None or group.status != UserGroup.Status.ACTIVE:
        return None
    last = last_success(group)
    return last is None or last < now - limit_of(rule)
