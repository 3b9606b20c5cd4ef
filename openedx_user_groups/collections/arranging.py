"""Arranging: collections are made, named, put in order and dissolved."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ..criteria.base import NOBODY, Asker
from ..data import DraftEffect, ScopeData
from ..evaluation import nesting, uses
from ..evaluation.counting import count_members
from ..evaluation.definition import groups_of
from ..evaluation.difference import difference
from ..exceptions import DuplicateName, InvalidGroup, StaleRevision, WrongStatus
from ..groups.content import MAX_NAME
from ..models import GroupCollection, Scope, UserGroup
from ..naming import clean_name, name_key
from ..platform.titles import title
from ..refresh import lease
from ..retrying import in_transaction
from . import moving

Kind = GroupCollection.Kind
Status = UserGroup.Status
ORDER = "order"


def create(
    scope: ScopeData,
    name: object,
    rest_name: object = "",
    *,
    kind: str = Kind.RULES,
    parent_group: UserGroup | None = None,
    generator: Mapping[str, Any] | None = None,
) -> GroupCollection:
    """A named set of exclusive groups, still empty; raises InvalidGroup or DuplicateName."""
    if kind not in Kind.values or (kind == Kind.GENERATED) != (generator is not None):
        raise InvalidGroup("kind", _("It is “rules”, “random” or “self”."))
    if parent_group is not None and parent_group.scope.data != scope:
        raise InvalidGroup("parent_group", _("It belongs to another scope."))
    row, _made = Scope.objects.get_or_create(type=scope.type, key=scope.key)
    collection = GroupCollection(scope=row, kind=kind, parent_group=parent_group, generator=generator)
    return in_transaction(partial(_write, collection, {"name": name, "rest_name": rest_name}))


def rename(collection: GroupCollection, names: Mapping[str, object]) -> None:
    """Change ``name`` or ``rest_name``. Raises InvalidGroup, DuplicateName and WrongStatus."""
    check_named(collection)
    in_transaction(partial(_write, collection, names))


def _write(collection: GroupCollection, names: Mapping[str, object]) -> GroupCollection:
    if "name" in names:
        collection.name = clean_name("name", names["name"], MAX_NAME)
        collection.name_key = name_key(collection.name)
    if "rest_name" in names:
        rest_name = names["rest_name"]
        collection.rest_name = clean_name("rest_name", rest_name, MAX_NAME) if rest_name else ""
    # Of a stored one nothing else: the rest is written under the lock.
    fields = ["name", "name_key", "rest_name"] if collection.pk else None
    if fields is None and collection.parent_group_id is not None:
        _check_parent(collection.parent_group_id)
    try:
        with transaction.atomic():
            collection.save(update_fields=fields)
    except IntegrityError:
        message = _("{scope} already has a collection called “{name}”. Choose another name.")
        told = message.format(scope=title(collection.scope.data), name=collection.name)
        raise DuplicateName("name", told) from None
    return collection


def _check_parent(group_id: int) -> None:
    """Under the lock that archiving and deleting take, for these are refused as soon as something is built on it."""
    nesting.lock()
    if UserGroup.objects.filter(pk=group_id, status__in=nesting.GONE).exists():
        raise InvalidGroup("parent_group", _("The group is archived or deleted; nothing can be built on it."))


def check_named(collection: GroupCollection) -> None:
    """Raises WrongStatus for a collection that was made for a single group."""
    if collection.is_implicit:
        raise WrongStatus(_("The collection was made for a single group, and is not changed by itself."))


def order(
    collection_id: int, group_uuids: Sequence[UUID], acting_user_id: int | None, was: Sequence[UUID] | None = None
) -> None:
    """Who matches several groups gets the first of these, which are all of the collection, each once.

    ``was`` is the order that somebody has seen: with another one by now, raises StaleRevision. Raises InvalidGroup.
    A refresh that is running writes no more, and another one is going to do it.
    """

    def act() -> None:
        lease.lock([collection_id])
        groups = {group.uuid: group for group in kept_groups(collection_id)}
        if was is not None and list(was) != list(groups):
            if list(group_uuids) == list(groups):
                # Asked twice.
                return
            raise StaleRevision(_("The groups are others by now, or in another order; look at them once more."))
        _check_all(groups, group_uuids)
        for place, uuid in enumerate(group_uuids):
            groups[uuid].priority = place
        UserGroup.objects.bulk_update(groups.values(), ["priority"])
        lease.end([collection_id])
        moving.ask_again([collection_id], ORDER, acting_user_id)

    in_transaction(act)


def _check_all(groups: Collection[UUID], named: Sequence[UUID]) -> None:
    if set(groups) != set(named) or len(groups) != len(named):
        raise InvalidGroup("groups", _("Name every group of the collection, each of them once."))


def effect_of_order(collection_id: int, group_uuids: Sequence[UUID]) -> list[DraftEffect]:
    """What another order would do to each of the groups that it changes; nothing is written.

    Raises InvalidGroup and CriterionError.
    """
    now = timezone.now()
    groups = {group.uuid: group for group in groups_of([collection_id])}
    _check_all([group.uuid for group in kept_groups(collection_id)], group_uuids)
    found = difference([groups[uuid] for uuid in group_uuids if uuid in groups], now)
    joins, leaves = found.joining, found.leaving
    members = count_members(list(groups.values()), now)
    effects = []
    for uuid in group_uuids:
        pk = groups[uuid].group_id if uuid in groups else 0
        joining, leaving = joins[pk], leaves[pk]
        if joining or leaving:
            effects.append(DraftEffect(uuid, joining, leaving, members[pk] + joining - leaving))
    return effects


def kept_groups(collection_id: int) -> list[UserGroup]:
    """The groups of a collection that are not deleted, by priority."""
    groups = UserGroup.objects.exclude(status=Status.DELETED).filter(collection=collection_id)
    return list(groups.order_by("priority", "id"))


def dissolve(collection_id: int, acting_user_id: int | None, asker: Asker = NOBODY) -> None:
    """Let every group of a collection be one by itself; members stay. Raises WrongStatus and GroupInUse.

    Stopped half-way, it goes on when it is called again.
    """
    in_transaction(partial(_begin, collection_id, asker))
    while not in_transaction(partial(_finish, collection_id)):
        for group in UserGroup.objects.filter(moving_to=collection_id):
            moving.move(group.pk, collection_id, acting_user_id)
        for group in kept_groups(collection_id):
            # Where it is on its way to already, or else by itself.
            moving.move(group.pk, group.moving_to_id, acting_user_id)


def _begin(collection_id: int, asker: Asker) -> None:
    """From now on nobody is drawn, joins, or is given a group for another choice."""
    (collection,) = lease.lock([collection_id])
    check_named(collection)
    uses.check_rest_unused(collection, asker)
    collection.kind, collection.generator, collection.last_kept = Kind.RULES, None, None
    collection.save(update_fields=["kind", "generator", "last_kept"])
    UserGroup.objects.filter(collection=collection_id).update(choice="")


def _finish(collection_id: int) -> bool:
    """Whether nothing was left in it, so that it is gone: what is left is an empty row that runs refer to."""
    (collection,) = lease.lock([collection_id])
    if kept_groups(collection_id) or UserGroup.objects.filter(moving_to=collection_id).exists():
        return False
    collection.is_implicit, collection.parent_group = True, None
    collection.name, collection.name_key, collection.rest_name = "", None, ""
    collection.save(update_fields=["is_implicit", "parent_group", "name", "name_key", "rest_name"])
    return True
