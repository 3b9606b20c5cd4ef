"""Weighing: a change of weights moves people of a random collection, and no more than a group has too many."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from ..batches import batches
from ..evaluation.answers import Answers
from ..evaluation.matching import users_where
from ..exceptions import InvalidGroup, WrongStatus
from ..models import GroupCollection, Membership, Origin, UserGroup
from ..population.reading import plain_rows
from ..population.scopes import not_expired, population
from ..refresh import chance, consequences, lease, write
from ..refresh.drawing import CHANCE, claims, open_groups
from ..refresh.placement import users_of
from ..refresh.write import Place
from ..retrying import in_transaction
from ..rules.combine import normal

Kind = GroupCollection.Kind
MAX_WEIGHT = 1_000


def set_weights(collection_id: int, weights: Mapping[UUID, int], acting_user_id: int | None) -> int:
    """Change the weights of groups of a random collection, and move the surplus; how many people that were.

    Raises InvalidGroup, and WrongStatus for a collection of another kind. Stopped half-way, it goes on when it is
    called again.
    """

    def act() -> None:
        (collection,) = lease.lock([collection_id])
        if collection.kind != Kind.RANDOM:
            raise WrongStatus(_("Only the groups of a random collection have weights."))
        groups = {group.uuid: group for group in _weighed(collection_id)}
        for uuid, weight in weights.items():
            _check(uuid in groups, uuid, weight)
            groups[uuid].weight = weight
            groups[uuid].modified_by_id = acting_user_id
        if not any(group.weight for group in groups.values()):
            raise InvalidGroup("weights", _("At least one group needs a weight above 0."))
        UserGroup.objects.bulk_update(groups.values(), ["weight", "modified_by"])

    in_transaction(act)
    return rebalance(collection_id)


def _check(is_there: bool, uuid: UUID, weight: object) -> None:
    if not is_there:
        raise InvalidGroup("weights", _("There is no active group {uuid} in it.").format(uuid=uuid))
    if isinstance(weight, bool) or not isinstance(weight, int) or not 0 <= weight <= MAX_WEIGHT:
        message = _("A weight is a whole number from 0 to {highest}.")
        raise InvalidGroup("weights", message.format(highest=MAX_WEIGHT))


def _weighed(collection_id: int) -> list[UserGroup]:
    return open_groups([collection_id]).get(collection_id, [])


def rebalance(collection_id: int) -> int:
    """Move people drawn into groups that have more of them than by weight; how many that were."""
    collection = GroupCollection.objects.select_related("scope").get(pk=collection_id)
    groups = {group.pk: group for group in _weighed(collection_id)}
    moves = _surplus(collection, groups, _drawn(collection, groups))
    lots = [{user: moves[user] for user in users} for users in batches(sorted(moves))]
    return sum(in_transaction(partial(_move_some, collection_id, lot)) for lot in lots)


def _drawn(collection: GroupCollection, groups: Mapping[int, UserGroup]) -> dict[int, list[int]]:
    """Who was drawn into each of the groups, without those who have left the population."""
    now = timezone.now()
    belongs = population(collection.scope.data, now=now, parent_group_id=collection.parent_group_id)
    rows = Membership.objects.filter(not_expired(now), group__in=list(groups), origin=Origin.RANDOM).order_by()
    awake = rows.filter(user__in=users_where(normal(belongs)).values("pk"))
    found: dict[int, list[int]] = {group_id: [] for group_id in groups}
    for group_id, user_id in plain_rows(awake.values_list("group_id", "user_id")):
        found[group_id].append(user_id)
    return found


def _surplus(
    collection: GroupCollection, groups: Mapping[int, UserGroup], drawn: Mapping[int, Sequence[int]]
) -> dict[int, tuple[int, int]]:
    """Who has to go from which group to which: of each that has too many those on whom its claim is weakest."""
    wanted = chance.shares(sum(map(len, drawn.values())), {pk: group.weight for pk, group in groups.items()})
    room = Counter({pk: wanted[pk] - len(users) for pk, users in drawn.items()})
    homes: dict[int, int] = {}
    for pk, users in drawn.items():
        # A group that only adds lets nobody go.
        if room[pk] < 0 and groups[pk].update_mode != UserGroup.UpdateMode.ADD:
            strength = {user: claims(collection, [groups[pk]], user)[pk] for user in users}
            homes |= dict.fromkeys(chance.weakest(strength, -room[pk]), pk)
    excluded = Answers(list(homes), timezone.now()).excluded(list(groups))
    moves: dict[int, tuple[int, int]] = {}
    for user, home in sorted(homes.items()):
        with_room = [groups[pk] for pk, free in room.items() if free > 0 and user not in excluded.get(pk, ())]
        drawn_into = chance.strongest(claims(collection, with_room, user))
        if drawn_into is not None:
            moves[user] = home, drawn_into
            room[drawn_into] -= 1
    return moves


def _move_some(collection_id: int, moves: Mapping[int, tuple[int, int]]) -> int:
    """Move those who still are where they were, unless chance has nothing to say any more."""
    (collection,) = lease.lock([collection_id])
    open_ = {group.pk for group in _weighed(collection_id)} if collection.kind == Kind.RANDOM else set()
    now = timezone.now()
    excluded = Answers(list(moves), now).excluded(sorted(open_))
    rows = [
        row
        for row in write.rows_of([collection_id], list(moves))
        if row.origin == Origin.RANDOM
        and row.group_id == moves[row.user_id][0]
        and (goal := moves[row.user_id][1]) in open_
        and row.user_id not in excluded.get(goal, ())
    ]
    seats: dict[Place, list[int]] = defaultdict(list)
    for row in rows:
        seats[Place(moves[row.user_id][1], collection_id)].append(row.user_id)
    write.end(rows, now)
    joined = write.insert(seats, Origin.RANDOM, now)
    consequences.follow(joined, users_of(rows), [CHANCE])
    return len(rows)
