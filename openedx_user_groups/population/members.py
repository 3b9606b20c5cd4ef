"""Members: who is in groups now, and who is in none of a collection, as conditions on the user table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q

from ..data import ScopeData
from ..models import GroupCollection, Membership, Origin, UserGroup
from ..rules.combine import NOBODY, among
from .scopes import not_expired, population


def in_any(groups: Sequence[UserGroup], now: datetime) -> Q:
    """The condition of being in one of ``groups``, which come with their scope and collection.

    Whoever was put in otherwise than by the rule and has left the population is dormant: not one of them until
    they come back.
    """
    return Members(groups, now).in_any(groups)


def in_none(collection: GroupCollection, now: datetime) -> Q:
    """The condition of being everybody else: in the population of a collection, and in none of its groups."""
    groups = list(groups_of([collection]))
    return Members(groups, now).in_none(collection, groups)


def groups_of(collections: Iterable[GroupCollection]) -> Iterable[UserGroup]:
    """The groups of collections that have not been deleted, with their scope and collection; one query."""
    kept = UserGroup.objects.exclude(status=UserGroup.Status.DELETED).filter(collection__in=list(collections))
    return kept.select_related("scope", "collection")


class Members:
    """Who is in each of ``groups``, which come with their scope and collection; one query for any number of them."""

    def __init__(self, groups: Iterable[UserGroup], now: datetime) -> None:
        self.now = now
        ids = [group.pk for group in groups]
        self._rows = Membership.objects.filter(not_expired(now))
        self._otherwise = self._rows.exclude(origin=Origin.RULE)
        found = self._otherwise.order_by().filter(group__in=ids).values_list("group_id", flat=True).distinct()
        self._with_others = set(found) if ids else set()

    def in_any(self, groups: Sequence[UserGroup]) -> Q:
        """The condition of being in one of these of the groups."""
        if not groups:
            return NOBODY
        ids = [group.pk for group in groups]
        condition = among(self._rows.filter(origin=Origin.RULE, group__in=ids))
        for (scope, parent), group_ids in _by_population(groups).items():
            if awake := self._with_others.intersection(group_ids):
                belongs = population(scope, now=self.now, parent_group_id=parent)
                condition |= among(self._otherwise.filter(group__in=sorted(awake))) & belongs
        return condition

    def in_none(self, collection: GroupCollection, groups: Sequence[UserGroup]) -> Q:
        """The condition of belonging to a collection and being in none of its ``groups``."""
        belongs = population(collection.scope.data, now=self.now, parent_group_id=collection.parent_group_id)
        if not groups:
            return belongs
        # Whoever belongs to it is not dormant, so that it does not matter here how they came in.
        return belongs & ~among(self._rows.filter(group__in=[group.pk for group in groups]))


def _by_population(groups: Sequence[UserGroup]) -> dict[tuple[ScopeData, int | None], list[int]]:
    found: dict[tuple[ScopeData, int | None], list[int]] = defaultdict(list)
    for group in groups:
        found[group.scope.data, group.collection.parent_group_id].append(group.pk)
    return found
