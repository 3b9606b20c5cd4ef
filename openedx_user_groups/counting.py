"""Counting members: who counts as one, and how many there are, for any number of groups together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Count, QuerySet

from .answers import Answers
from .combine import normal
from .criteria.base import among
from .data import ScopeData
from .definition import Definition, load
from .evaluation import users_where
from .models import Membership, Origin, UserGroup
from .scopes import not_expired, population


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


def count_members(groups: Sequence[Definition], now: datetime) -> Counter[int]:
    """How many members each group of a collection has, by its id."""
    rows = Membership.objects.filter(group_id__in=[group.group_id for group in groups])
    # By the index alone; only what was put in otherwise than by a rule can be dormant or expire.
    by_rule = _by_group(rows.filter(origin=Origin.RULE))
    otherwise = rows.exclude(origin=Origin.RULE)
    if not groups or not otherwise.exists():
        return by_rule
    first = groups[0]
    belongs = normal(population(first.scope, now=now, parent_group_id=first.parent_group_id))
    return by_rule + _by_group(otherwise.filter(not_expired(now), user_id__in=users_where(belongs).values("pk")))


def _by_group(rows: QuerySet[Membership]) -> Counter[int]:
    return Counter(dict(rows.order_by().values_list("group_id").annotate(n=Count("pk"))))


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
