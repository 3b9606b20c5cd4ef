"""Keeping: collections follow the platform by themselves, whatever events have said.

Random ones take in newcomers, generated ones have groups for new choices, and those under a group none but its members.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from ..collections import generating
from ..exceptions import CriterionError, InvalidGroup
from ..models import GroupCollection, Membership, UserGroup
from ..outbox import store
from ..platform import toggles
from ..refresh import drawing
from ..refresh.consequences import MEMBERS

log = logging.getLogger(__name__)

Kind = GroupCollection.Kind
Method = UserGroup.Method

# Each is looked through so often.
EVERY = timedelta(hours=1)
# And so often at most because of what has happened: what all have chosen costs more to find out than what one has.
AT_MOST_EVERY = timedelta(minutes=1)
DAILY = timedelta(days=1)
BY_SCHEDULE = (Method.ANY, Method.SCHEDULE)


def keep_due(now: datetime) -> None:
    """Look through the collections for which it is time. What fails is logged, and the rest goes on."""
    # Kept later than now: the clock has jumped.
    is_time = Q(last_kept=None) | Q(last_kept__lte=now - EVERY) | Q(last_kept__gt=now + EVERY)
    for collection in _collections().filter(is_time):
        _keep(collection)
    if _may("openedx_user_groups.strays_noted", DAILY):
        note_strays()


def note_strays() -> None:
    """Let the drain look at whoever is in a group under another one and not in that: while the feature was off, say."""
    above = Membership.objects.filter(group=OuterRef("collection__parent_group"), user=OuterRef("user"))
    strays = Membership.objects.filter(~Exists(above), collection__parent_group__isnull=False)
    by_place: dict[tuple[int, int], list[int]] = defaultdict(list)
    columns = ("collection__parent_group_id", "collection__scope_id", "user_id")
    for group_id, scope_id, user_id in strays.order_by().values_list(*columns):
        by_place[group_id, scope_id].append(user_id)
    for (group_id, scope_id), users in by_place.items():
        store.note(users, MEMBERS, scopes=[scope_id], group_id=group_id)


def keep_up_with_events() -> None:
    """Look at once through those in which the drain has found somebody whom no group wants."""
    for collection in GroupCollection.objects.filter(kind=Kind.GENERATED, last_kept=None).select_related("scope"):
        if _may(f"openedx_user_groups.kept.{collection.uuid}", AT_MOST_EVERY):
            _keep(collection)


def _may(key: str, every: timedelta) -> bool:
    """Whether nobody has done it for a while. Without a cache it is left to the schedule."""
    try:
        return cache.add(key, True, every.total_seconds())
    except Exception:
        log.warning("User groups: the cache does not answer.", exc_info=True)
        return False


def _collections() -> QuerySet[GroupCollection]:
    """Those that the schedule keeps. Of a random one, to which no second group was given yet, nothing is drawn."""
    groups = UserGroup.objects.filter(collection=OuterRef("pk"))
    kept = groups.exclude(status__in=(UserGroup.Status.ARCHIVED, UserGroup.Status.DELETED)).order_by("pk")
    scheduled = kept.filter(status=UserGroup.Status.ACTIVE, method__in=BY_SCHEDULE)
    drawn = Q(Exists(scheduled), Exists(kept[1:2]), kind=Kind.RANDOM)
    return GroupCollection.objects.filter(drawn | Q(kind=Kind.GENERATED)).select_related("scope").order_by("pk")


def _keep(collection: GroupCollection) -> None:
    if not toggles.is_enabled(collection.scope.data):
        return
    # Before, so that one that fails is not tried all the time.
    GroupCollection.objects.filter(pk=collection.pk).update(last_kept=timezone.now())
    try:
        if collection.kind == Kind.RANDOM:
            drawing.draw(collection.pk)
        else:
            generating.keep(collection.pk)
    except (CriterionError, InvalidGroup) as error:
        log.error("User groups: collection %s cannot keep up with its choices: %s", collection.pk, error)
    except Exception:
        log.exception("User groups: collection %s could not be looked through.", collection.pk)
