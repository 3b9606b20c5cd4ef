"""Rests: everybody else of a collection, who belong to its population and are in none of its groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from ..data import ExplanationData
from ..evaluation.answers import Answers
from ..evaluation.matching import users_where
from ..exceptions import InvalidInput
from ..ids import IsAnyOf
from ..models import GroupCollection, Membership, Origin, UserGroup
from ..platform.people import Person, nobody_here, resolve
from ..population.members import in_none
from ..population.scopes import not_expired
from ..rules.combine import normal

MAX_PEOPLE = 1_000


def existing() -> QuerySet[GroupCollection]:
    """The collections that there are, with their scopes: not those that were made for a group that is gone."""
    kept = UserGroup.objects.exclude(status=UserGroup.Status.DELETED).filter(collection=OuterRef("pk"))
    return GroupCollection.objects.filter(Q(is_implicit=False) | Exists(kept)).select_related("scope", "parent_group")


def named(uuid: UUID | str) -> GroupCollection | None:
    """The collection whose everybody else has this UUID."""
    try:
        return existing().filter(rest_uuid=UUID(str(uuid))).first()
    except ValueError:
        return None


def users_of(collection: GroupCollection, now: datetime) -> QuerySet[AbstractBaseUser]:
    """Everybody else of a collection, in no order."""
    return users_where(normal(in_none(collection, now)))


def explain(
    collection: GroupCollection, people: Iterable[str | int], now: datetime, *, discreet: bool = False
) -> list[ExplanationData]:
    """Why people are everybody else or not: whether they belong, and which group has them."""
    names = list(people)
    if len(names) > MAX_PEOPLE:
        raise InvalidInput("people", _("At most {limit} people can be asked about.").format(limit=MAX_PEOPLE))
    persons = resolve(names)
    users = sorted({person.user_id for person in persons if person.user_id is not None})
    belong = Answers(users, now).population(collection.scope.data, collection.parent_group_id) if users else set()
    held = _held(collection, users, belong, now)
    hidden = nobody_here(collection.scope.type, divides=collection.parent_group_id is not None) if discreet else None
    return [_explained(person, belong, held, hidden) for person in persons]


def _held(collection: GroupCollection, users: Sequence[int], belong: set[int], now: datetime) -> dict[int, UUID]:
    """The group of those who are in one of the collection's."""
    kept = UserGroup.objects.exclude(status=UserGroup.Status.DELETED).filter(collection=collection)
    rows = Membership.objects.filter(IsAnyOf("user_id", users), not_expired(now), group__in=kept)
    found = rows.values_list("user_id", "group__uuid", "origin")
    # Whoever was put in otherwise than by the rule and has left the population is dormant.
    return {user: uuid for user, uuid, origin in found if origin == Origin.RULE or user in belong}


def _explained(person: Person, belong: set[int], held: dict[int, UUID], hidden: str | None) -> ExplanationData:
    user = person.user_id
    if user is None or (hidden is not None and user not in belong and user not in held):
        return ExplanationData(person.named, None, person.why if hidden is None else hidden)
    return ExplanationData(
        person=person.named,
        user_id=user,
        belongs=user in belong,
        is_member=user in belong and user not in held,
        held_by=held.get(user),
    )
