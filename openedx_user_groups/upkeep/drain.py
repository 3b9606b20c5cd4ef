"""The drain: what was noted in the outbox is dealt with, for the waiting users of one scope together.

Whoever dies meanwhile has deleted nothing that was not written: the claim runs out, and the next drain does it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from django.utils import timezone

from ..events import routing
from ..exceptions import RefreshInProgress, UserGroupsError
from ..groups import pending
from ..models import Change, Scope, UserGroup
from ..outbox import announcing, store
from ..outbox.waking import awake
from ..platform import toggles
from ..platform.services import check_service
from ..population.scopes import PENDING_UPDATED_BY
from ..refresh import held, membership, schedule, settling, waiting
from ..retrying import in_transaction
from . import keeping

log = logging.getLogger(__name__)

# The changes that are dealt with in one transaction.
AT_A_TIME = 1_000
# How long those are tried again and again that cannot be dealt with.
PATIENCE = timedelta(hours=1)


def drain() -> int:
    """Deal with everything that waits, and tell others; how many changes that were. Raises WrongService.

    What cannot be dealt with is logged and left for later, and the rest goes on.
    """
    check_service()
    try:
        with awake():
            return _drain()
    finally:
        announcing.announce()


def _drain() -> int:
    for collection_id in held.waiting_collections():
        try:
            held.write_approved(collection_id)
        except Exception:
            log.exception("User groups: what was approved in collection %s waits.", collection_id)
    dealt = _deal_with_changes()
    keeping.keep_up_with_events()
    # What is built on groups that were refreshed waits now; nobody else was woken for it.
    while _refresh_what_waits():
        dealt += _deal_with_changes()
    return dealt


def _deal_with_changes() -> int:
    dealt = 0
    while (oldest := _oldest()) is not None:
        rows = store.claim(Change.objects.filter(scope=oldest.scope_id), AT_A_TIME)
        try:
            _deal_with(oldest.scope_id, rows)
        except Exception:
            # The claim stays until it runs out, so that the same failure does not come at once again.
            log.exception("User groups: %s changes of scope %s wait.", len(rows), oldest.scope_id)
            _hand_over(oldest.scope_id, rows)
        else:
            dealt += len(rows)
    return dealt


def _hand_over(scope_id: int | None, rows: Sequence[Change]) -> None:
    """What could not be dealt with for long is left to a refresh of everyone, which finds whatever it was about."""
    old = [row for row in rows if row.created < timezone.now() - PATIENCE]
    if not old:
        return
    groups = UserGroup.objects.all() if scope_id is None else UserGroup.objects.filter(scope=scope_id)
    schedule.look_again(groups.filter(status=UserGroup.Status.ACTIVE).values_list("pk", flat=True))
    store.done(old)
    log.critical("User groups: %s changes of scope %s are given up; its groups are due.", len(old), scope_id)


def _oldest() -> Change | None:
    return store.unclaimed(Change.objects.order_by("pk")).first()


def _deal_with(scope_id: int | None, rows: Sequence[Change]) -> None:
    if not rows:
        return
    if scope_id is None:
        in_transaction(partial(_route, rows))
    else:
        _settle(Scope.objects.get(pk=scope_id), rows)


def _route(rows: Sequence[Change]) -> None:
    """Put a row for each scope that it concerns in the place of one that names none."""
    routing.spread(rows)
    store.done(rows)


def _settle(scope: Scope, rows: Sequence[Change]) -> None:
    is_on = toggles.is_enabled(scope.data)
    if is_on and any(row.source in PENDING_UPDATED_BY for row in rows):
        # Before the rules: who joins by this is there for those that ask about it.
        pending.settle({row.user_id for row in rows}, scope.pk)
    collections = routing.concerned(scope, rows) if is_on else []
    if not collections:
        return store.done(rows)
    causes = sorted({row.source for row in rows})
    settling.settle(collections, {row.user_id for row in rows}, causes, also=partial(store.done, rows))
    return None


def _refresh_what_waits() -> bool:
    """What a guard has found needs a look at everyone; so does what was asked for and whose task was lost.

    Whether anything was refreshed.
    """
    refreshed = False
    for collection_id in sorted(set(waiting.all_runs().values_list("collection_id", flat=True))):
        try:
            membership.refresh(collection_id, if_waiting=True)
            refreshed = True
        except RefreshInProgress:
            # Who holds the lease sees to the runs that wait, before it ends.
            continue
        except UserGroupsError as error:
            waiting.give_up(waiting.runs_of([collection_id]), str(error))
        except Exception:
            # Its run has ended with the error, so that it does not come at once again.
            log.exception("User groups: the refresh of collection %s failed.", collection_id)
    return refreshed
