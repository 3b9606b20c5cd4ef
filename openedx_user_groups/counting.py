"""Counting members: who counts as one, and how many there are, for any number of groups together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import attrs
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Count, QuerySet

from .combine import normal
from .criteria.base import among
from .data import ScopeData
from .definition import Definition, load
from .answers import Answers
from .evaluation import users_where
from .models import Membership, Origin, UserGroup
from .scopes import not_expired, population

CHUNK = 5_000


@attrs.define
class MemberCount:
    """The members of a group: by its rule, and in all."""

    by_rule: int = 0
    total: int = 0


def members_of(
    group_id: int, scope: ScopeData, now: datetime, parent_group_id: int | None = None
) -> QuerySet[AbstractBaseUser]:
    """The users who are in a group now.

    Whoever was put in otherwise than by the rule and has left the population is dormant: not one of them until
    they come back.
    """
    rows = Membership.objects.filter(not_expired(now), group_id=group_id)
    by_rule = among(rows.filter(origin=Origin.RULE))
    otherwise = among(rows.exclude(origin=Origin.RULE))
    belongs = population(scope, now=now, parent_group_id=parent_group_id)
    return users_where(normal(by_rule | (otherwise & belongs)))


def count_members(groups: Sequence[Definition], now: datetime) -> dict[int, MemberCount]:
    """How many members each group has."""
    counts: dict[int, MemberCount] = defaultdict(MemberCount)
    rows = _rows(groups)
    by_rule = rows.filter(origin=Origin.RULE).values_list("group_id").annotate(n=Count("pk"))
    for group_id, n in by_rule.order_by():
        counts[group_id] = MemberCount(n, n)
    for group_id, n in _counted_otherwise(groups, rows, now):
        counts[group_id].total += n
    return counts


def _rows(groups: Iterable[Definition]) -> QuerySet[Membership]:
    # By the index alone; only what was put in otherwise than by a rule can expire.
    return Membership.objects.filter(group_id__in=[group.group_id for group in groups])


def _counted_otherwise(
    groups: Sequence[Definition], rows: QuerySet[Membership], now: datetime
) -> Iterator[tuple[int, int]]:
    """The members who are there otherwise than by the rule, without the dormant ones."""
    if not groups:
        return
    first = groups[0]
    belongs = normal(population(first.scope, now=now, parent_group_id=first.parent_group_id))
    present = rows.exclude(origin=Origin.RULE).filter(not_expired(now), user_id__in=users_where(belongs).values("pk"))
    yield from present.values_list("group_id").annotate(n=Count("pk")).order_by()


def matching_beside_the_rule(groups: Sequence[Definition], now: datetime) -> Counter[int]:
    """How many of those who were put into each group otherwise match its rule as well."""
    by_id = {group.group_id: group for group in groups}
    rows = _rows(groups).exclude(origin=Origin.RULE).filter(not_expired(now)).order_by("user_id").values_list("user_id", "group_id")
    matching: Counter[int] = Counter()
    for chunk in _chunks(rows):
        answers = Answers(sorted(chunk), now)
        for group_id in set(chunk.values()):
            users = answers.matching(by_id[group_id])
            matching[group_id] += sum(users_group == group_id and user in users for user, users_group in chunk.items())
    return matching


def _chunks(rows: QuerySet[Membership, tuple[int, int]]) -> Iterator[dict[int, int]]:
    """Group by user, a few thousand users at a time."""
    chunk: dict[int, int] = {}
    for user_id, group_id in rows.iterator(CHUNK):
        chunk[user_id] = group_id
        if len(chunk) == CHUNK:
            yield chunk
            chunk = {}
    if chunk:
        yield chunk


def groups_of(user_id: int, now: datetime) -> QuerySet[UserGroup]:
    """The groups that a user is in now; a bounded number of queries, one for each scope with a dormant candidate."""
    rows = Membership.objects.filter(not_expired(now), user_id=user_id)
    kept = UserGroup.objects.exclude(status=UserGroup.Status.DELETED)
    by_rule = set(rows.filter(origin=Origin.RULE).values_list("group_id", flat=True))
    otherwise = load(kept.filter(pk__in=rows.exclude(origin=Origin.RULE).values("group_id")))
    answers = Answers([user_id], now)
    awake = {g.group_id for g in otherwise if user_id in answers.population(g.scope, g.parent_group_id)}
    found = kept.filter(pk__in=by_rule | awake)
    return found.select_related("scope", "collection").prefetch_related("tags").order_by("name", "id")
