"""Counting members: who counts as one, and how many there are, for any number of groups together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Count, Q, QuerySet

from ..models import Membership, Origin, UserGroup
from ..population.members import in_any
from ..population.scopes import not_expired, population
from ..rules.combine import normal
from .answers import Answers
from .definition import Definition, load
from .matching import users_where


def members_of(group: UserGroup, now: datetime) -> QuerySet[AbstractBaseUser]:
    """The users who are in a group now; the group comes with its scope and collection."""
    return users_where(normal(in_any([group], now)))


def memberships_of(group: UserGroup, now: datetime) -> QuerySet[Membership]:
    """The memberships behind ``members_of``."""
    rows = Membership.objects.filter(not_expired(now), group=group)
    if not rows.exclude(origin=Origin.RULE).exists():
        return rows
    belongs = population(group.scope.data, now=now, parent_group_id=group.collection.parent_group_id)
    awake = users_where(normal(belongs)).values("pk")
    return rows.filter(Q(origin=Origin.RULE) | Q(user_id__in=awake))


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
