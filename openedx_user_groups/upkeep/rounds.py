"""Upkeep: what is done at regular intervals, so that members stay right whatever events have said.

What waits in the outbox is dealt with, what is over ends, and of the groups that are due those need only a look at a
few people whom nothing but time can have changed. The rest have to be refreshed for everyone.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from ..collections import moving
from ..evaluation.definition import load
from ..groups import deleting, drafts
from ..models import UserGroup
from ..platform import toggles
from ..platform.services import check_service
from ..refresh import due, waiting
from . import clearing, drain, keeping, sweeping

log = logging.getLogger(__name__)

# How long a worker that was sent a group may take before the group is due once more.
PATIENCE = timedelta(minutes=15)


def do_all_but_refreshes() -> list[UserGroup]:
    """Do whatever is cheap; the groups that are left to be refreshed for everyone, in their order.

    Raises WrongService.
    """
    check_service()
    drain.drain()
    clearing.clear()
    moving.finish_all()
    deleting.finish_all()
    keeping.keep_due(timezone.now())
    now = timezone.now()
    groups = _where_it_is_on(due.due_groups(now))
    swept = _swept(groups, now)
    # Whoever was moved by that may be the reason why somebody else is.
    drain.drain()
    _count_drafts(now)
    return [group for group in groups if group.pk not in swept]


def _where_it_is_on(groups: list[UserGroup]) -> list[UserGroup]:
    on = {scope: toggles.is_enabled(scope) for scope in {group.scope.data for group in groups}}
    return [group for group in groups if on[group.scope.data]]


def _count_drafts(now: datetime) -> None:
    try:
        drafts.keep_fresh(now)
    except Exception:
        log.exception("User groups: what drafts would hold could not be counted.")


def _swept(groups: Iterable[UserGroup], now: datetime) -> set[int]:
    """Sweep those that nobody has to look at everybody for; their ids. Those that cannot be swept are refreshed."""
    asked = set(waiting.all_runs().values_list("collection_id", flat=True))
    candidates = {group.pk: group for group in groups if group.collection_id not in asked}
    definitions = load(UserGroup.objects.filter(pk__in=candidates))
    fit = {each.group_id for each in definitions if sweeping.can_be_swept(candidates[each.group_id], each, now)}
    # All groups of a collection are refreshed together: one that needs it is enough.
    unfit = {group.collection_id for pk, group in candidates.items() if pk not in fit}
    by_scope: dict[int, list[UserGroup]] = defaultdict(list)
    for pk in sorted(fit):
        if candidates[pk].collection_id not in unfit:
            by_scope[candidates[pk].scope_id].append(candidates[pk])
    swept: set[int] = set()
    for some in by_scope.values():
        try:
            sweeping.sweep_groups(some, now)
            swept |= {group.pk for group in some}
        except Exception:
            log.exception("User groups: %s groups of a scope could not be swept.", len(some))
    return swept


def put_off(groups: Iterable[UserGroup]) -> None:
    """Let groups that were given to workers be due again only when these have had the time to refresh them."""
    now = timezone.now()
    given = UserGroup.objects.filter(pk__in=[group.pk for group in groups], next_due__lte=now)
    given.update(next_due=now + PATIENCE)
