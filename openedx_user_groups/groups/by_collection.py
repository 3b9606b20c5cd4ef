"""People who are named for a collection: to be in none of its groups, or in one that the list makes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from django.utils.translation import gettext as _

from ..data import MemberOutcome
from ..evaluation.answers import Answers
from ..models import GroupCollection, Origin, UserGroup
from ..naming import name_key
from ..platform.people import nobody_here, resolve
from ..refresh import consequences, lease, write
from ..refresh.placement import users_of
from ..refresh.write import Row
from ..retrying import in_transaction
from . import lifecycle
from .content import checked
from .deciding import BY_HAND, GONE, Act, Outcome, Verdict, outcome_of, outside
from .signing import sign

# Whoever is in a group by these is taken out of it; what rules and chance say goes on to hold.
BY_PEOPLE = (Origin.MANUAL, Origin.SELF)
# A membership, and the group that it is in.
Judge = Callable[[Row | None, UserGroup | None], Verdict]


def take_out(collection_id: int, people: Iterable[str | int], act: Act) -> list[MemberOutcome]:
    """Let people be in no group of a collection, unless a rule or chance has put them there."""
    return _decided(collection_id, people, act, _out)


def foresee(collection_id: int, people: Iterable[str | int], act: Act, name: str) -> list[MemberOutcome]:
    """What will become of people for whom a group has still to be made; nothing is written."""
    return _decided(collection_id, people, act, partial(_into_new, name))


def make(collection_id: int, name: str, acting_user_id: int | None) -> int:
    """The group of a collection that has this name, made where there is none; its id. Raises InvalidGroup."""
    collection = GroupCollection.objects.select_related("scope").get(pk=collection_id)
    there = UserGroup.objects.filter(collection=collection, name_key=name_key(name)).first()
    if there is not None:
        return there.pk
    scope, via = collection.scope.data, UserGroup.CreatedVia.CSV
    content = checked(scope, {"name": name})
    return lifecycle.create(scope, content, collection=collection, via=via, acting_user_id=acting_user_id).pk


def _decided(collection_id: int, people: Iterable[str | int], act: Act, judge: Judge) -> list[MemberOutcome]:
    collection = GroupCollection.objects.select_related("scope").get(pk=collection_id)
    divides = collection.parent_group_id is not None
    persons = resolve(people)
    users = sorted({person.user_id for person in persons if person.user_id is not None})
    verdicts = in_transaction(lambda: _under_lock(collection, users, act, judge))
    hidden = nobody_here(collection.scope.type, divides=divides) if act.discreet else None
    return [outcome_of(person, verdicts, hidden) for person in persons]


def _under_lock(collection: GroupCollection, users: list[int], act: Act, judge: Judge) -> dict[int, Verdict]:
    if not act.is_check:
        lease.lock([collection.pk])
    belong = Answers(users, act.at).population(collection.scope.data, collection.parent_group_id)
    held = {row.user_id: row for row in write.rows_of([collection.pk], users)}
    groups = UserGroup.objects.in_bulk({row.group_id for row in held.values()})
    verdicts: dict[int, Verdict] = {}
    for user in users:
        row = held.get(user)
        if user in belong or row is not None:
            verdicts[user] = judge(row, groups.get(row.group_id) if row else None)
        elif act.discreet:
            verdicts[user] = Outcome.UNKNOWN, ""
        else:
            verdicts[user] = Outcome.NOT_IN_POPULATION, outside(collection.parent_group_id)
    if not act.is_check:
        _write(collection.pk, act, [held[user] for user in users if verdicts[user][0] == Outcome.REMOVED])
    return verdicts


def _write(collection_id: int, act: Act, leaving: list[Row]) -> None:
    write.end(leaving, act.at)
    consequences.follow({}, users_of(leaving), [BY_HAND])
    sign(users_of(leaving), act)
    consequences.release(collection_id, [row.user_id for row in leaving])


def _out(row: Row | None, group: UserGroup | None) -> Verdict:
    if row is None or group is None:
        return Outcome.NOT_IN, ""
    if row.origin not in BY_PEOPLE:
        told = _("They stay in {group}: it is not by hand that they are in it.")
        return Outcome.ALREADY_IN, told.format(group=group.name)
    if group.status in GONE or group.moving_to_id is not None:
        told = _("They stay in {group}, whose members cannot be changed now.")
        return Outcome.ALREADY_IN, told.format(group=group.name)
    return Outcome.REMOVED, _("Taken out of {group}.").format(group=group.name)


def _into_new(name: str, _row: Row | None, group: UserGroup | None) -> Verdict:
    told = _("The group {name} will be made.").format(name=name)
    if group is None:
        return Outcome.ADDED, told
    return Outcome.MOVED, " ".join((_("Moved from {group}.").format(group=group.name), told))
