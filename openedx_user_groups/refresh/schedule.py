"""The schedule: when each group is next due to be refreshed, whatever events have said meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from ..criteria import registry
from ..criteria.base import Criterion
from ..evaluation.definition import Definition
from ..events import listening
from ..exceptions import UnknownCriterion
from ..models import UserGroup
from ..rules.tree import Branch, leaves

Method = UserGroup.Method
Status = UserGroup.Status

# Groups whose criteria name no interval are refreshed so often all the same: an event may have been missed.
AT_LEAST_EVERY = timedelta(days=1)
# A group that has failed is tried again after this time, then after twice as long, and so on.
FIRST_RETRY = timedelta(minutes=5)
# Groups made in the same moment need not be due in the same one.
SPREAD = 10


def interval(rule: Branch, own: timedelta | None) -> timedelta:
    """How often a group is refreshed: as it says itself, or as often as the most restless of its criteria wants."""
    return own or min([AT_LEAST_EVERY, *(each.refresh_every for each in criteria_of(rule) if each.refresh_every)])


def criteria_of(rule: Branch) -> Iterator[type[Criterion]]:
    """The criteria of a rule, as far as they are installed."""
    for name in {leaf.criterion for leaf in leaves(rule)}:
        try:
            yield registry.get(name)
        except UnknownCriterion:
            continue


def next_due(group: Definition, now: datetime) -> datetime | None:
    """When a group that was refreshed at ``now`` is due again; None for one that the schedule leaves alone."""
    if group.rule is None or group.status != Status.ACTIVE or group.method == Method.REQUEST:
        return None
    # Events of the first moments may have passed by a group of which not every process knew yet.
    known = group.modified + timedelta(seconds=listening.SECONDS)
    if group.method == Method.EVENTS:
        return known if now < known else None
    regular = now + _spread(interval(group.rule, group.refresh_every), group.uuid)
    return min(regular, known) if now < known else regular


def _spread(every: timedelta, uuid: UUID) -> timedelta:
    """Somewhat less, by up to a tenth, and always as much for the same group."""
    return every - every / SPREAD * (uuid.int % 1_000 / 1_000)


def first_due(group: UserGroup, rule: Branch | None) -> datetime | None:
    """When a group that was just activated or edited is due: at once, unless only people refresh it."""
    if rule is None or group.status != Status.ACTIVE or group.method == Method.REQUEST:
        return None
    return timezone.now()


def after_failure(group: UserGroup, now: datetime) -> datetime | None:
    """When a group that has failed once more is tried again."""
    if group.method == Method.REQUEST:
        return None
    # More would not fit into a number of seconds.
    doublings = min(group.failures, 20) - 1
    return now + min(FIRST_RETRY * 2**doublings, AT_LEAST_EVERY)


def not_before(instant: datetime, collection_id: int) -> None:
    """Groups of a collection are refreshed together: while one of them cannot be, the others need not be tried."""
    UserGroup.objects.filter(collection=collection_id, next_due__lt=instant).update(next_due=instant)


def try_again(group_ids: Iterable[int]) -> None:
    """A refresh of these groups was stopped by nothing that is about them; whatever it was for is still to be done."""
    soon = timezone.now() + FIRST_RETRY
    rows = UserGroup.objects.filter(pk__in=list(group_ids), status=Status.ACTIVE).exclude(method=Method.REQUEST)
    rows.filter(Q(next_due__isnull=True) | Q(next_due__gt=soon)).update(next_due=soon)


def look_again(group_ids: Iterable[int]) -> None:
    """Something that these groups are built on is no longer what it was."""
    rows = UserGroup.objects.filter(pk__in=list(group_ids), status=Status.ACTIVE).exclude(method=Method.REQUEST)
    rows.update(next_due=timezone.now())
