"""The guard: a refresh that would take out an unlikely number of members is held, for somebody to decide.

A broken source of data looks like everybody having left. What leaves within a day is counted together, by whatever
way it leaves, so that many small steps come no further than a large one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Exists, Max, OuterRef, QuerySet

from ..evaluation.definition import Definition
from ..models import Membership, PastMembership, RefreshRun
from . import saying

Decision = RefreshRun.Decision

WINDOW = timedelta(days=1)
# Of fewer members half may well leave at once.
MIN_MEMBERS = 20
# Percent, where the setting is no number.
DEFAULT_LIMIT = 50
# Percent by which more may leave than somebody has seen: people come and go until the refresh.
MORE_THAN_SHOWN = 10


def exceeding(groups: Iterable[Definition], leaving: Mapping[int, int], now: datetime) -> dict[int, str]:
    """The groups that more members would leave than may, by id, each with the reason as it is kept."""
    suspects = {group.group_id: group for group in groups if leaving.get(group.group_id)}
    if not suspects:
        return {}
    gone = _gone(PastMembership.objects.filter(group_id__in=suspects), now)
    found = [pk for pk, group in suspects.items() if _is_too_many(group, leaving[pk], gone[pk])]
    # What somebody has approved of is no longer counted.
    approved = _approved(found, now) if found else {}
    for pk, instant in approved.items():
        gone[pk] = _gone(PastMembership.objects.filter(group_id=pk, left_at__gt=instant), now)[pk]
    return {
        pk: _reason(suspects[pk], leaving[pk], gone[pk])
        for pk in found
        if _is_too_many(suspects[pk], leaving[pk], gone[pk])
    }


def is_agreed(group: Definition, leaving: int) -> bool:
    """Whether somebody has seen about so many leave before they put it in force; a few may be more by now.

    Nobody has agreed to a group being emptied of those whom they have seen stay.
    """
    agreed = group.agreed_leaving
    if not agreed or not 0 < leaving <= agreed + max(1, agreed * MORE_THAN_SHOWN // 100):
        return False
    return leaving <= agreed or leaving < group.member_count


def _gone(rows: QuerySet[PastMembership], now: datetime) -> Counter[int]:
    """How many people refreshes have taken out of each group lately; not who comes and goes and is in again."""
    rows = rows.filter(left_at__range=_window(now), run__isnull=False).exclude(run__decision=Decision.APPROVED)
    rows = rows.exclude(Exists(Membership.objects.filter(group=OuterRef("group"), user=OuterRef("user"))))
    return Counter(dict(rows.order_by().values_list("group_id").annotate(n=Count("user", distinct=True))))


def _window(now: datetime) -> tuple[datetime, datetime]:
    """Somewhat ahead, as other clocks are; what is dated later than that is of one that has jumped."""
    return now - WINDOW, now + WINDOW


def _approved(group_ids: Iterable[int], now: datetime) -> dict[int, datetime]:
    runs = RefreshRun.objects.filter(group_id__in=group_ids, decision=Decision.APPROVED)
    recent = runs.filter(decided_at__range=_window(now))
    return dict(recent.order_by().values_list("group_id").annotate(instant=Max("decided_at")))


def limit_of(group: Definition) -> float:
    """Percent of its members that may leave a group within a day."""
    if group.removal_limit is not None:
        return group.removal_limit
    return default_limit()


def default_limit() -> float:
    """The same of groups that have none of their own."""
    limit = settings.OPENEDX_USER_GROUPS_REMOVAL_LIMIT
    # Of nonsense a system check tells; meanwhile groups are guarded.
    return limit if isinstance(limit, int | float) and 0 <= limit <= 100 else DEFAULT_LIMIT


def _is_too_many(group: Definition, leaving: int, gone: int) -> bool:
    members = group.member_count + gone
    if members < MIN_MEMBERS:
        return False
    return leaving >= group.member_count or (leaving + gone) * 100 > limit_of(group) * members


def _reason(group: Definition, leaving: int, gone: int) -> str:
    if leaving >= group.member_count:
        return saying.kept(saying.EMPTIED, members=group.member_count)
    members = group.member_count + gone
    return saying.kept(saying.TOO_MANY, leaving=leaving + gone, members=members, limit=limit_of(group))
