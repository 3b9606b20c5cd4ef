"""What is due: groups that were never refreshed, or so long ago that their criteria may answer otherwise by now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet

from .criteria import registry
from .data import ScopeData
from .exceptions import UnknownCriterion
from .models import GroupCriterion, UserGroup

# Groups whose criteria name no interval are refreshed so often all the same: an event may have been missed.
AT_LEAST_EVERY = timedelta(days=1)


def groups_to_refresh(scope: ScopeData | None = None) -> QuerySet[UserGroup]:
    """The active dynamic groups, by collection and priority."""
    dynamic = GroupCriterion.objects.filter(position=0).values("group")
    groups = UserGroup.objects.filter(status=UserGroup.Status.ACTIVE, pk__in=dynamic)
    if scope is not None:
        groups = groups.filter(scope__type=scope.type, scope__key=scope.key)
    return groups.select_related("scope", "collection").order_by("collection_id", "priority", "id")


def due_groups(now: datetime, scope: ScopeData | None = None) -> list[UserGroup]:
    """Those of the active dynamic groups that are due; two queries."""
    groups = groups_to_refresh(scope)
    intervals = _intervals(groups)
    return [group for group in groups if _is_due(group, now - intervals[group.pk])]


def _is_due(group: UserGroup, latest: datetime) -> bool:
    """Never refreshed, edited or activated since, or not refreshed after ``latest``."""
    refreshed = group.last_refreshed
    return refreshed is None or refreshed <= max(latest, group.modified)


def _intervals(groups: QuerySet[UserGroup]) -> dict[int, timedelta]:
    """How often each group is refreshed: as often as the most restless of its criteria wants it."""
    names: dict[int, set[str]] = defaultdict(set)
    leaves = GroupCriterion.objects.filter(group__in=groups.order_by().values("pk"), combine="")
    for group_id, name in leaves.values_list("group_id", "criterion").distinct():
        names[group_id].add(name)
    return {group_id: min(_restlessness(criteria)) for group_id, criteria in names.items()}


def _restlessness(criteria: Iterable[str]) -> Iterable[timedelta]:
    yield AT_LEAST_EVERY
    for name in criteria:
        try:
            wanted = registry.get(name).refresh_every
        except UnknownCriterion:
            continue
        if wanted is not None:
            yield wanted
