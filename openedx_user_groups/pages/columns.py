"""The groups of a collection side by side: each with how many are in it, and a few of them by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import attrs
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from .. import api
from ..criteria.base import Asker
from ..data import GroupData
from ..evaluation.answers import Answers
from ..models import GroupCollection, Membership, RefreshRun, UserGroup
from ..population.scopes import not_expired
from ..web.accounts import usernames

# Whose names are shown of each group.
SHOWN = 3
# Looked at, for some of them may have left the scope.
LOOKED_AT = 5
OVER = (RefreshRun.Outcome.DONE, RefreshRun.Outcome.NOTHING)


@attrs.frozen
class Column:
    """A group as one of a collection's; ``share`` is its part of the weights in percent.

    ``elsewhere`` is how many its rule matched, when it was last refreshed, who are in another group of the collection.
    ``weight_typed`` is what somebody wants the weight to be, where that was not possible.
    """

    group: GroupData
    weight: int
    share: float
    weight_typed: str | int
    stays: bool
    people: tuple[str, ...]
    elsewhere: int
    subdivisions: tuple[GroupCollection, ...]

    @property
    def more(self) -> int:
        """How many members it has beside those who are named."""
        return max(self.group.member_count - len(self.people), 0)


def columns(collection: GroupCollection, asker: Asker, weights: Mapping[str, str]) -> list[Column]:
    """The groups of a collection by priority, in a number of queries that does not grow with them.

    ``weights`` are what somebody has typed, by the UUID of the group.
    """
    rows = list(_groups(collection))
    people = _people(collection, rows)
    subdivisions = _subdivisions(rows)
    total = sum(row.weight for row in rows if row.status == UserGroup.Status.ACTIVE)
    return [
        Column(
            group=group,
            weight=row.weight,
            share=100 * row.weight / total if total and group.status == UserGroup.Status.ACTIVE else 0,
            weight_typed=weights.get(str(group.uuid), row.weight),
            stays=bool(row.choice),
            people=people.get(row.pk, ()),
            elsewhere=row.lost_claims or 0,
            subdivisions=tuple(subdivisions[row.pk]),
        )
        for row, group in zip(rows, api.groups_data(rows, asker=asker), strict=True)
    ]


def _groups(collection: GroupCollection) -> Any:
    """With the first ids of members as columns of their own: the index of memberships gives them at once."""
    inside = Membership.objects.filter(not_expired(timezone.now()), group=OuterRef("pk")).order_by("user_id")
    first = {f"member_{n}": Subquery(inside.values("user_id")[n : n + 1]) for n in range(LOOKED_AT)}
    # A refresh of some users only, which bears no token, says nothing of the others.
    runs = RefreshRun.objects.filter(group=OuterRef("pk"), collection=collection, lease_token__gt=0, outcome__in=OVER)
    lost = Subquery(runs.order_by("-requested").values("lost_claims")[:1])
    rows = api.all_groups().filter(collection=collection).annotate(**first, lost_claims=lost)
    return rows.order_by("priority", "id")


def _people(collection: GroupCollection, rows: Iterable[Any]) -> Mapping[int, tuple[str, ...]]:
    found = {row.pk: [getattr(row, f"member_{n}") for n in range(LOOKED_AT)] for row in rows}
    ids = sorted({pk for members in found.values() for pk in members if pk is not None})
    if not ids:
        return {}
    awake = Answers(ids, timezone.now()).population(collection.scope.data, collection.parent_group_id)
    names = usernames(awake)
    return {
        group: tuple([names[pk] for pk in members if pk in awake and pk in names][:SHOWN])
        for group, members in found.items()
    }


def _subdivisions(rows: Iterable[UserGroup]) -> Mapping[int | None, list[GroupCollection]]:
    found: dict[int | None, list[GroupCollection]] = defaultdict(list)
    for row in api.all_collections().filter(parent_group__in=list(rows)):
        found[row.parent_group_id].append(row)
    return found
