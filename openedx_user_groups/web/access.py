"""Access: what a person gets to see and may change. What they may not see is answered like what does not exist."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, PermissionDenied

from .. import api
from ..data import COURSE, INSTANCE, ORGANIZATION, PlaceData, ScopeData
from ..exceptions import CollectionNotFound, FeatureDisabled, GroupNotFound, InvalidScope, WrongStatus
from ..models import GroupCollection, RefreshRun, Scope, UserGroup
from ..permissions import Action, Person
from ..platform import lms, toggles
from ..population.scopes import verified
from ..text import fold
from ..visibility import switched_on, visible_scopes

Row = TypeVar("Row", bound=Any)


def group(person: Person, group_uuid: str, action: Action) -> UserGroup:
    """A group with its scope; raises GroupNotFound, FeatureDisabled, or PermissionDenied when they may only view it.

    Of everybody else of a collection there is nothing to be changed: raises WrongStatus.
    """
    row = group_or_rest(person, group_uuid, action)
    if isinstance(row, UserGroup):
        return row
    if action == Action.VIEW:
        raise GroupNotFound(_("Everybody else of a collection has members and explanations, and nothing beside."))
    raise WrongStatus(_("Everybody else is whoever is in none of the groups of a collection; change these instead."))


def group_or_rest(person: Person, group_uuid: str, action: Action = Action.VIEW) -> UserGroup | GroupCollection:
    """A group, or the collection whose everybody else is named like one, with its scope; raises the same."""
    row: UserGroup | GroupCollection | None = _find(api.all_groups().prefetch_related(None), group_uuid)
    row = row or _find(api.existing_collections(), group_uuid, "rest_uuid")
    if row is None or not person.may(Action.VIEW, row.scope.data):
        raise GroupNotFound(_("There is no group {uuid!r}.").format(uuid=group_uuid))
    _allowed(person, row.scope.data, action)
    return row


def collection(person: Person, collection_uuid: str, action: Action = Action.VIEW) -> GroupCollection:
    """A collection with its scope; raises CollectionNotFound, FeatureDisabled and PermissionDenied."""
    row = _find(api.existing_collections(), collection_uuid)
    if row is None or not person.may(Action.VIEW, row.scope.data):
        raise CollectionNotFound(_("There is no collection {uuid!r}.").format(uuid=collection_uuid))
    _allowed(person, row.scope.data, action)
    return row


def run(group_uuid: UUID, run_uuid: str) -> RefreshRun:
    """The refresh of a group that the address names; raises NotFound."""
    if found := _find(api.runs_of(group_uuid), run_uuid):
        return found
    raise NotFound(_("There is no refresh {uuid!r} of this group.").format(uuid=run_uuid))


def offered(person: Person, query: Mapping[str, Any]) -> list[GroupCollection]:
    """The collections that a ScopeQuery asks for, of those in which they choose their group by themselves."""
    rows = api.collections_offered(person.user_id)
    on = {row.pk for row in _narrowed(switched_on({row.scope for row in rows}), query)}
    return [row for row in rows if row.scope_id in on]


def collection_offered(person: Person, collection_uuid: str) -> tuple[GroupCollection, tuple[PlaceData, ...]]:
    """One of those with its places; raises CollectionNotFound, whatever else there is of that name."""
    row = _find(api.existing_collections(), collection_uuid)
    with suppress(CollectionNotFound):
        if row is not None and toggles.is_enabled(row.scope.data):
            return row, api.places(row.uuid, person.user_id)
    raise CollectionNotFound(_("There is no collection {uuid!r} for you to choose in.").format(uuid=collection_uuid))


def group_offered(person: Person, group_uuid: str) -> PlaceData:
    """A group of one of those, as they see it; raises GroupNotFound, whatever else there is of that name."""
    row = _find(api.all_groups().prefetch_related(None), group_uuid)
    with suppress(CollectionNotFound):
        if row is not None:
            _collection, places = collection_offered(person, str(row.collection.uuid))
            if found := [place for place in places if place.group_uuid == row.uuid]:
                return found[0]
    raise GroupNotFound(_("There is no group {uuid!r} for you to choose.").format(uuid=group_uuid))


def _find(rows: QuerySet[Row], uuid: str, column: str = "uuid") -> Row | None:
    try:
        return rows.filter(**{column: UUID(uuid)}).first()
    except ValueError:
        return None


def scope(person: Person, named: ScopeData, action: Action = Action.MANAGE) -> ScopeData:
    """The scope that somebody wants to manage, or else to view, as the platform spells it.

    Raises InvalidScope, FeatureDisabled, or PermissionDenied when they may only view it.
    """
    try:
        found = verified(named)
    except InvalidScope:
        found = None
    if found is None or not person.may(Action.VIEW, found):
        raise InvalidScope(_unknown(named))
    _allowed(person, found, action)
    return found


def _unknown(named: ScopeData) -> str:
    if named.type == COURSE:
        return _("There is no course {key!r} whose groups you may see.").format(key=named.key)
    if named.type == ORGANIZATION:
        return _("There is no organization {key!r} whose groups you may see.").format(key=named.key)
    return _("You may not see the groups of the whole instance; its key is empty.")


def _allowed(person: Person, found: ScopeData, action: Action) -> None:
    if not toggles.is_enabled(found):
        raise FeatureDisabled
    if not person.may(action, found):
        raise PermissionDenied


def scopes(person: Person, query: Mapping[str, Any]) -> list[Scope]:
    """The stored scopes that a ScopeQuery asks for, of those they may see; raises FeatureDisabled."""
    for asked in named(query):
        if person.may(Action.VIEW, asked) and not toggles.is_enabled(asked):
            raise FeatureDisabled
    return _narrowed(visible_scopes(person), query)


def _narrowed(rows: Iterable[Scope], query: Mapping[str, Any]) -> list[Scope]:
    rows = list(rows)
    if "scope_type" in query:
        rows = [row for row in rows if row.type == query["scope_type"]]
    if "course_key" in query:
        rows = [row for row in rows if row.type == COURSE and row.key == query["course_key"]]
    if "organization" in query:
        name = query["organization"]
        courses = {str(key) for key in lms.courses_of(name).values_list("id", flat=True)}
        names = {ORGANIZATION: lambda key: fold(key) == fold(name), COURSE: courses.__contains__}
        rows = [row for row in rows if row.type != INSTANCE and names[row.type](row.key)]
    return rows


def named(query: Mapping[str, Any]) -> list[ScopeData]:
    """The scopes that a ScopeQuery names."""
    course, organization = query.get("course_key"), query.get("organization")
    return [ScopeData(type_, key) for type_, key in ((COURSE, course), (ORGANIZATION, organization)) if key]


def kinds(person: Person) -> set[str]:
    """The types of scope of which they may see any."""
    found = person.scopes(Action.VIEW)
    if found.everything:
        return {COURSE, ORGANIZATION, INSTANCE}
    if found.organizations:
        return {COURSE, ORGANIZATION}
    return {COURSE} if found.course_keys else set()


def kinds_asked(person: Person, query: Mapping[str, Any]) -> set[str]:
    """Those of them that a CriterionTypesQuery asks for; raises FeatureDisabled."""
    types = kinds(person)
    if "scope_type" in query:
        types &= {query["scope_type"]}
    for asked in named(query):
        if not person.sees(asked):
            types = set()
        elif not toggles.is_enabled(asked):
            raise FeatureDisabled
        types &= {asked.type}
    return types


def is_discreet(person: Person) -> bool:
    """Whether they must not learn of people outside the scope of a group: all but those who may see everybody."""
    return not person.may(Action.VIEW, ScopeData(INSTANCE))
