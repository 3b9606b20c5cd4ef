"""Choosing: learners join, change and leave the groups of a collection by themselves."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from ..data import PlaceData
from ..evaluation import counting
from ..evaluation.answers import Answers
from ..evaluation.definition import groups_of
from ..exceptions import CollectionNotFound, GroupFull, GroupNotFound, WrongStatus
from ..models import GroupCollection, Membership, Origin, UserGroup
from ..population.scopes import not_expired
from ..refresh import consequences, lease, write
from ..refresh.placement import users_of
from ..refresh.write import Place, Row
from ..retrying import in_transaction

Kind = GroupCollection.Kind
Status = UserGroup.Status
# The cause of what learners do.
SELF = "self"
# A group that learners see; while it is paused, nobody comes and nobody goes.
SHOWN = (Status.ACTIVE, Status.PAUSED)


def join(group_id: int, user_id: int) -> None:
    """Let a user join a group, leaving the other one of its collection.

    Raises GroupNotFound where it is not for them to choose, GroupFull, and WrongStatus where it is not possible now.
    """
    _choose(group_id, user_id, _join)


def leave(group_id: int, user_id: int) -> None:
    """Let a user leave a group that they have joined by themselves; nothing happens to who is not in it.

    Raises GroupNotFound, and WrongStatus where it is not possible now.
    """
    _choose(group_id, user_id, _leave)


def _choose(group_id: int, user_id: int, act: Callable[[UserGroup, int, list[Row]], None]) -> None:
    def choose() -> None:
        group = _locked(group_id)
        if not is_offered(group) or not belongs(group.collection, user_id):
            raise GroupNotFound()
        if not _is_open(group):
            raise WrongStatus(_("Nobody can join or leave “{name}” at the moment.").format(name=group.name))
        act(group, user_id, write.rows_of([group.collection_id], [user_id]))

    in_transaction(choose)


def _locked(group_id: int) -> UserGroup:
    rows = UserGroup.objects.filter(pk=group_id).select_related("scope", "collection")
    home = rows.values_list("collection_id", flat=True).get()
    lease.lock([home])
    group = rows.get()
    # It may have been moved before the lock was there.
    return group if group.collection_id == home else _locked(group_id)


def is_offered(group: UserGroup) -> bool:
    """Whether it is for learners to choose."""
    return group.collection.kind == Kind.SELF and group.status in SHOWN


def belongs(collection: GroupCollection, user_id: int) -> bool:
    """Whether a user belongs to the population of a collection."""
    answers = Answers([user_id], timezone.now())
    return user_id in answers.population(collection.scope.data, collection.parent_group_id)


def _join(group: UserGroup, user_id: int, held: list[Row]) -> None:
    now = timezone.now()
    if counting.members_of(group, now).filter(pk=user_id).exists():
        return
    if Answers([user_id], now).excluded([group.pk]):
        raise WrongStatus(_("You cannot join “{name}”; ask the course team.").format(name=group.name))
    _check_may_leave(held)
    # Under the lock, so that the last place is given once.
    if counting.members_of(group, now).count() >= limit_of(group):
        raise GroupFull(_("“{name}” is full; choose another group.").format(name=group.name))
    write.end(held, now)
    joined = write.insert({Place(group.pk, group.collection_id): [user_id]}, Origin.SELF, now)
    consequences.follow(joined, users_of(held), [SELF])


def _leave(group: UserGroup, user_id: int, held: list[Row]) -> None:
    rows = [row for row in held if row.group_id == group.pk]
    _check_may_leave(rows)
    write.end(rows, timezone.now())
    consequences.follow({}, users_of(rows), [SELF])


def _check_may_leave(held: list[Row]) -> None:
    rows = Membership.objects.filter(not_expired(timezone.now()), pk__in=[row.id for row in held])
    for row in rows.select_related("group"):
        if row.origin != Origin.SELF:
            message = _("You were put into “{name}”; ask the course team if you want to leave it.")
            raise WrongStatus(message.format(name=row.group.name))
        if not _is_open(row.group):
            raise WrongStatus(_("Nobody can join or leave “{name}” at the moment.").format(name=row.group.name))


def _is_open(group: UserGroup) -> bool:
    return group.status == Status.ACTIVE and group.moving_to_id is None


def limit_of(group: UserGroup) -> int:
    """How many members there can be before nobody joins any more."""
    limit: int = settings.OPENEDX_USER_GROUPS_SIZE_LIMIT if group.size_limit is None else group.size_limit
    return limit


def places(collection: GroupCollection, user_id: int) -> tuple[PlaceData, ...]:
    """The groups that learners choose from, by priority, as one of them sees these. Raises CollectionNotFound."""
    if collection.kind != Kind.SELF or not belongs(collection, user_id):
        raise CollectionNotFound()
    now = timezone.now()
    members = counting.count_members(groups_of([collection.pk]), now)
    mine = set(counting.groups_of(user_id, now).values_list("pk", flat=True))
    shown = UserGroup.objects.filter(collection=collection, status__in=SHOWN).order_by("priority", "id")
    return tuple(
        PlaceData(
            group_uuid=group.uuid,
            name=group.name,
            description=group.description,
            is_open=_is_open(group),
            places_left=max(limit_of(group) - members[group.pk], 0),
            is_mine=group.pk in mine,
        )
        for group in shown
    )
