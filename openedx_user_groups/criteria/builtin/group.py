"""The criterion about groups: who is in some of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, reduce
from operator import and_, or_
from typing import Any, ClassVar
from uuid import UUID

import attrs
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...data import COURSE, INSTANCE, ORGANIZATION, ScopeData
from ...exceptions import CriterionFailed
from ...models import GroupCollection, UserGroup
from ...population.members import Members, groups_of
from ...population.scopes import ANY_POPULATION_UPDATED_BY, POPULATION_COLUMNS, inside
from ...text import Contains
from .. import themes
from ..base import MAX_SUGGESTIONS, Asking, Operator, Schema
from ..kinds import Opposable
from ..reach import NamesScopes
from ..registry import register
from ..schemas import values
from ..users import true_of

_HEX = "[0-9a-fA-F]"
_UUID: Schema = {"type": "string", "pattern": f"^{_HEX}{{8}}(-{_HEX}{{4}}){{3}}-{_HEX}{{12}}$"}
# Each is a subquery where users must be in all of them, and MySQL joins 61 tables at most.
MAX_GROUPS = 20
# Of the groups that a search finds; those of other scopes are then left out.
MAX_LOOKED_AT = 500


@attrs.frozen
class Named:
    """A group that a config names; or, with ``collection``, everybody else than its ``groups``."""

    groups: tuple[UserGroup, ...]
    collection: GroupCollection | None = None

    @property
    def scope(self) -> ScopeData:
        """Where it is."""
        return (self.collection or self.groups[0]).scope.data

    @property
    def name(self) -> str:
        """What people call it."""
        if self.collection is not None and not self.collection.is_implicit:
            rest, of_collection = self.collection.rest_name, _("everybody else of “{name}”")
            return _("“{name}”").format(name=rest) if rest else of_collection.format(name=self.collection.name)
        sentence = _("“{name}”") if self.collection is None else _("everybody else than “{name}”")
        return sentence.format(name=self.groups[0].name)

    def members(self, members: Members) -> Q:
        """The condition of being in it."""
        groups = list(self.groups)
        return members.in_any(groups) if self.collection is None else members.in_none(self.collection, groups)


@register("group_member")
class GroupMember(NamesScopes, Opposable):
    """Whether the user is in any, in all or in none of the listed groups, as their stored members are now.

    A UUID may also be that of everybody else of a collection. A group that has been deleted stops the refresh.
    """

    title = gettext_lazy("Member of group")
    theme = themes.GROUPS
    summary = gettext_lazy("Whether somebody is in certain groups.")
    keywords = gettext_lazy("cohort team everybody else")
    scopes = (COURSE, ORGANIZATION, INSTANCE)
    operators = dict.fromkeys((Operator.IN, Operator.ALL_OF, Operator.NOT_IN), values("groups", _UUID, MAX_GROUPS))
    suggests = ("groups",)
    # Who belongs to a course decides who is everybody else of it, and who is dormant in its groups.
    updated_by = ANY_POPULATION_UPDATED_BY
    columns = POPULATION_COLUMNS
    example: ClassVar = {"operator": "in", "config": {"groups": ["1e5f7a52-6a3c-4f0e-9c0b-0d5c8e1b7f10"]}}

    def positive(self, operator: Operator) -> Q:
        return reduce(and_ if operator == Operator.ALL_OF else or_, self._conditions().values())

    def _conditions(self) -> dict[UUID, Q]:
        """The condition of being in each of what is named; raises CriterionFailed where one is gone."""
        for uuid in self._uuids:
            if uuid not in self._named:
                message = _("The group {uuid} has been deleted: take it out of the rule, or put another in its place.")
                raise CriterionFailed(message.format(uuid=uuid))
        members = Members((group for named in self._named.values() for group in named.groups), self.now)
        return {uuid: self._named[uuid].members(members) for uuid in self._uuids}

    @cached_property
    def _uuids(self) -> list[UUID]:
        return list(dict.fromkeys(UUID(text) for text in self.config["groups"]))

    @cached_property
    def _named(self) -> dict[UUID, Named]:
        """What there is of what the config names, in at most three queries."""
        return _named(self._uuids)

    @classmethod
    def look_up(cls, asked: Sequence[GroupMember]) -> None:
        found = _named({uuid for each in asked for uuid in each._uuids})
        for each in asked:
            each._named = {uuid: found[uuid] for uuid in each._uuids if uuid in found}
        super().look_up(asked)

    def problems(self) -> Iterable[tuple[str, str]]:
        for text in self.config["groups"]:
            if not self._may_be_named(UUID(text)):
                # The same words for a group that there is not, or no longer, and one that the author may not see.
                yield "groups", _("{uuid!r} is no group of this scope.").format(uuid=text)

    def _may_be_named(self, uuid: UUID) -> bool:
        return uuid in self._named and self.reaches(self._named[uuid].scope)

    @classmethod
    def suggestions(cls, asking: Asking, key: str, search: str) -> Mapping[str, str]:
        here = Q(scope__type=asking.scope.type, scope__key=asking.scope.key)
        groups = _groups_called(search).filter(here if asking.scope.type == COURSE else Q(pk__isnull=False))
        rows = list(groups.order_by("name", "pk")[:MAX_LOOKED_AT])
        scopes = inside(asking.scope, {row.scope.data for row in rows})
        found = {str(row.uuid): _title(row, asking.scope) for row in rows if row.scope.data in scopes}
        shared = GroupCollection.objects.filter(here, is_implicit=False).order_by("name", "pk")[:MAX_SUGGESTIONS]
        return found | {str(row.rest_uuid): Named((), row).name for row in shared}

    def names(self) -> Iterable[ScopeData]:
        scopes = [named.scope for named in self._named.values()]
        if gone := [uuid for uuid in self._uuids if uuid not in self._named]:
            tombstones = list(UserGroup.objects.filter(uuid__in=gone).select_related("scope"))
            scopes += [group.scope.data for group in tombstones]
            # Of what has left no trace nobody knows where it was.
            scopes += [ScopeData(INSTANCE)] * (len(tombstones) < len(gone))
        return list(dict.fromkeys(scopes))

    def groups(self) -> Iterable[int]:
        return {group.pk for named in self._named.values() for group in named.groups}

    def describe(self) -> str:
        unseen = _("a group that you may not see")
        names = dict.fromkeys(self._named[u].name if self._may_be_named(u) else unseen for u in self._uuids)
        if self.operator == Operator.ALL_OF:
            return _("is in {groups}").format(groups=_(" and ").join(names))
        sentence = _("is in {groups}") if self.operator == Operator.IN else _("is not in {groups}")
        return sentence.format(groups=_(" or ").join(names))

    def values(self) -> Mapping[int, Any]:
        told = {uuid: condition for uuid, condition in self._conditions().items() if self._may_be_named(uuid)}
        _everyone, answers = true_of(told, self.users)
        held: dict[int, list[str]] = defaultdict(list)
        for uuid, users in answers.items():
            for pk in users:
                held[pk].append(self._named[uuid].name)
        return held


def _groups_called(search: str) -> QuerySet[UserGroup]:
    """The groups that a form offers, with this in their name or as their UUID."""
    kept = UserGroup.objects.exclude(status__in=(UserGroup.Status.DELETED, UserGroup.Status.ARCHIVED))
    called = Q(Contains("name", search)) if search else Q(pk__isnull=False)
    with suppress(ValueError):
        called |= Q(uuid=UUID(search))
    return kept.filter(called).select_related("scope")


def _title(group: UserGroup, scope: ScopeData) -> str:
    return group.name if group.scope.data == scope else f"{group.name} ({group.scope.key})"


def _named(uuids: Collection[UUID]) -> dict[UUID, Named]:
    groups = UserGroup.objects.exclude(status=UserGroup.Status.DELETED).filter(uuid__in=uuids)
    found = {group.uuid: Named((group,)) for group in groups.select_related("scope", "collection")}
    others = [uuid for uuid in uuids if uuid not in found]
    return found | dict(_rests(others)) if others else found


def _rests(uuids: Iterable[UUID]) -> Iterator[tuple[UUID, Named]]:
    """Collections whose "everybody else" has one of these UUIDs, with their groups."""
    collections = list(GroupCollection.objects.filter(rest_uuid__in=list(uuids)).select_related("scope"))
    groups: dict[int, list[UserGroup]] = defaultdict(list)
    for group in groups_of(collections) if collections else ():
        groups[group.collection_id].append(group)
    for collection in collections:
        # One that was made for a single group is gone with it.
        if groups[collection.pk] or not collection.is_implicit:
            yield collection.rest_uuid, Named(tuple(groups[collection.pk]), collection)
