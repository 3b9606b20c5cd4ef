"""What is due: groups whose time has come, by the schedule, or because somebody has asked for a refresh."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from ..data import ScopeData
from ..evaluation import nesting
from ..models import GroupCriterion, UserGroup
from . import lease, options, waiting

# How far ahead of this clock another one may be.
AHEAD = timedelta(hours=1)
# Nothing is due later than that.
LONGEST = timedelta(seconds=options.MAX_INTERVAL) + AHEAD


def groups_to_refresh(scope: ScopeData | None = None) -> QuerySet[UserGroup]:
    """The active dynamic groups, by collection and priority."""
    dynamic = GroupCriterion.objects.filter(position=0).values("group")
    groups = UserGroup.objects.filter(status=UserGroup.Status.ACTIVE, pk__in=dynamic)
    if scope is not None:
        groups = groups.filter(scope__type=scope.type, scope__key=scope.key)
    return groups.select_related("scope", "collection").order_by("collection_id", "priority", "id")


def due_groups(now: datetime, scope: ScopeData | None = None) -> list[UserGroup]:
    """Those of them that are due and not being refreshed, each after those that it is built on."""
    asked = set(waiting.all_runs().values_list("group_id", flat=True))
    # Refreshed later than now, or put off for longer than anything is: what a clock that has jumped has put off may be
    # years away.
    has_jumped = Q(next_due__isnull=False, last_refreshed__gt=now + AHEAD) | Q(next_due__gt=now + LONGEST)
    is_due = Q(next_due__lte=now) | has_jumped | Q(pk__in=asked)
    is_running = Q(collection__lease_expires__gt=now, collection__lease_expires__lte=lease.latest(now))
    return nesting.parents_first(list(groups_to_refresh(scope).filter(is_due).exclude(is_running)))
