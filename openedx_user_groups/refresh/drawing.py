"""Drawing: in a random collection newcomers are put into groups by chance, and stay there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial

from django.utils import timezone

from ..batches import batches
from ..evaluation.answers import Answers
from ..evaluation.matching import users_where
from ..models import GroupCollection, Membership, Origin, UserGroup
from ..population.reading import plain_rows
from ..population.scopes import population
from ..retrying import in_transaction
from ..rules.combine import among, normal
from . import chance, consequences, lease, write
from .write import Place, Users

Kind = GroupCollection.Kind
Status = UserGroup.Status
# The cause of what chance does.
CHANCE = "chance"


def draw(collection_id: int) -> int:
    """Put all newcomers into groups of a random collection; how many there were.

    Who belongs to its population and is in none of its groups is one; in a collection of another kind nobody is.
    """
    collection = GroupCollection.objects.select_related("scope").get(pk=collection_id)
    newcomers = _newcomers(collection) if collection.kind == Kind.RANDOM else []
    return sum(in_transaction(partial(_draw_some, collection_id, some)) for some in batches(newcomers))


def _newcomers(collection: GroupCollection) -> list[int]:
    belongs = population(collection.scope.data, now=timezone.now(), parent_group_id=collection.parent_group_id)
    placed = among(Membership.objects.filter(collection=collection))
    rows = plain_rows(users_where(normal(belongs & ~placed)).values_list("pk"))
    return sorted(row[0] for row in rows)


def _draw_some(collection_id: int, users: Sequence[int]) -> int:
    joined = seat(lease.lock([collection_id]), Answers(users, timezone.now()))
    consequences.follow(joined, {}, [CHANCE])
    return sum(map(len, joined.values()))


def seat(collections: Iterable[GroupCollection], answers: Answers) -> Users:
    """Put those of some users who are newcomers into groups of the random ones among locked collections.

    Who joined each group; what follows from it is left to the caller.
    """
    chosen = {row.pk: row for row in collections if row.kind == Kind.RANDOM}
    open_ = open_groups(chosen) if chosen else {}
    excluded = answers.excluded([group.pk for groups in open_.values() for group in groups])
    placed = {(row.collection_id, row.user_id) for row in write.rows_of(list(open_), answers.users)} if open_ else set()
    seats: dict[Place, list[int]] = defaultdict(list)
    for collection_id, groups in open_.items():
        belong = answers.population(groups[0].scope.data, chosen[collection_id].parent_group_id)
        for user in sorted(belong):
            welcoming = [group for group in groups if user not in excluded.get(group.pk, ())]
            if (collection_id, user) not in placed:
                drawn = chance.strongest(claims(chosen[collection_id], welcoming, user))
                if drawn is not None:
                    seats[Place(drawn, collection_id)].append(user)
    return write.insert(seats, Origin.RANDOM, answers.now)


def open_groups(collection_ids: Iterable[int]) -> dict[int, list[UserGroup]]:
    """The groups that take newcomers, with their scopes, by collection; of one that has none, nothing."""
    groups = UserGroup.objects.filter(collection__in=list(collection_ids), status=Status.ACTIVE, moving_to=None)
    taking = groups.exclude(update_mode=UserGroup.UpdateMode.REMOVE).select_related("scope")
    found: dict[int, list[UserGroup]] = defaultdict(list)
    for group in taking.order_by("priority", "id"):
        found[group.collection_id].append(group)
    return dict(found)


def claims(collection: GroupCollection, groups: Iterable[UserGroup], user: int) -> dict[int, float]:
    """How strongly each of the groups claims a user."""
    return {group.pk: chance.claim(collection.uuid, group.uuid, group.weight, user) for group in groups}
