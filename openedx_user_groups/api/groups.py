"""Groups: made, changed, looked up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q, QuerySet
from django.utils import timezone

from ..criteria.base import NOBODY, Asker
from ..data import DraftData, GroupData, RevisionData, ScopeData
from ..evaluation import counting
from ..evaluation.matching import users_where
from ..groups import deleting, drafts, lifecycle
from ..groups.content import PARTS, checked
from ..ids import IsAnyOf
from ..models import Revision, UserGroup
from ..population.scopes import verified
from . import presentation
from .found import collection_row, group_row, id_of


def create_group(
    scope: ScopeData,
    *,
    name: str,
    description: str = "",
    tags: Sequence[str] = (),
    rule: Mapping[str, Any] | None = None,
    collection: UUID | str | None = None,
    created_via: str = UserGroup.CreatedVia.API,
    asker: Asker = NOBODY,
    acting_user: AbstractBaseUser | None = None,
    **options: Any,
) -> GroupData:
    """A new group. Without a rule it is static and active; with one it is a draft until it is activated.

    ``collection`` makes it one of that collection's exclusive groups, last by priority. ``asker`` says what beyond its
    scope the rule may name. ``options`` are ``update_mode``, ``method``, ``refresh_every`` (seconds),
    ``removal_limit`` (percent) and ``size_limit``. Raises InvalidScope, InvalidGroup, DuplicateName, InvalidRule and
    CollectionNotFound.
    """
    _check_known(options, "create_group")
    scope = verified(scope)
    parts = {"name": name, "description": description, "tags": tags, "rule": rule, **options}
    content = checked(scope, parts, asker=asker)
    home = None if collection is None else collection_row(collection)
    group = lifecycle.create(
        scope, content, collection=home, via=created_via, acting_user_id=id_of(acting_user), asker=asker
    )
    drafts.count(group)
    return presentation.group_data(group, asker)


def update_group(
    group: UUID | str,
    *,
    revision: int,
    asker: Asker = NOBODY,
    acting_user: AbstractBaseUser | None = None,
    **changes: Any,
) -> GroupData:
    """Change ``name``, ``description``, ``tags``, ``rule`` (None makes it static) or options, as a new revision.

    A changed rule of a group that was ever active is a draft: members stay until ``activate_group`` names its
    revision. ``revision`` is the one that was edited, the draft if there is one. Raises StaleRevision when there is a
    newer one, WrongStatus, InvalidGroup, DuplicateName and InvalidRule; then nothing has changed.
    """
    _check_known(changes, "update_group")
    edited = lifecycle.edit(group_row(group).pk, revision, changes, id_of(acting_user), asker)
    if "rule" in changes:
        drafts.count(edited)
    return presentation.group_data(edited, asker)


def _check_known(names: Iterable[str], function: str) -> None:
    if unknown := set(names) - set(PARTS):
        raise TypeError(f"{function}() got unexpected arguments: {', '.join(sorted(unknown))}")


def activate_group(
    group: UUID | str,
    *,
    revision: int | None = None,
    agreed_leaving: Mapping[UUID, int] | None = None,
    asker: Asker = NOBODY,
    acting_user: AbstractBaseUser | None = None,
) -> GroupData:
    """Let refreshes decide who is in the group: by what is in force, or by its draft when ``revision`` names it.

    ``agreed_leaving`` is how many members somebody has seen leave by it, of ``draft_effect``, by the UUID of the group:
    this one and others of its collection. The next refresh is not held for about so many. Raises
    StaleRevision when ``revision`` is not the newest one, and WrongStatus.
    """
    row = lifecycle.activate(group_row(group).pk, revision, id_of(acting_user), asker, agreed_leaving or {})
    return presentation.group_data(row, asker)


def draft_effect(group: UUID | str, *, named: bool = False, asker: Asker = NOBODY) -> DraftData:
    """What activating the draft of a group would do now; ``named`` also to whom.

    Raises WrongStatus without one, and CriterionError, which says what is wrong to who may see the rules.
    """
    row = group_row(group)
    with presentation.telling(row, asker, lambda: drafts.as_activated(row)):
        return drafts.effect(row, named=named)


def draft_people(group: UUID | str, *, joins: bool, asker: Asker = NOBODY) -> QuerySet[AbstractBaseUser]:
    """Who would join, or else leave, by activating the draft, in no order. Raises the same."""
    row = group_row(group)
    with presentation.telling(row, asker, lambda: drafts.as_activated(row)):
        return users_where(Q(IsAnyOf("pk", drafts.people(row, joins=joins))))


def discard_draft(
    group: UUID | str,
    *,
    revision: int | None = None,
    asker: Asker = NOBODY,
    acting_user: AbstractBaseUser | None = None,
) -> GroupData:
    """Forget the draft of a group that was ever active; what is in force goes on.

    Raises WrongStatus without one, and StaleRevision when ``revision`` names another one.
    """
    return presentation.group_data(lifecycle.discard_draft(group_row(group).pk, revision, id_of(acting_user)), asker)


def pause_group(
    group: UUID | str, *, reason: str = "", asker: Asker = NOBODY, acting_user: AbstractBaseUser | None = None
) -> GroupData:
    """Keep the members as they are until the group is activated again, for a ``reason``. Raises WrongStatus."""
    return _change_status(group, UserGroup.Status.PAUSED, asker, acting_user, reason)


def archive_group(
    group: UUID | str, *, asker: Asker = NOBODY, acting_user: AbstractBaseUser | None = None
) -> GroupData:
    """Put the group away: it keeps its name, and no refresh or list changes it. Raises WrongStatus and GroupInUse."""
    return _change_status(group, UserGroup.Status.ARCHIVED, asker, acting_user)


def _change_status(
    group: UUID | str, status: str, asker: Asker, acting_user: AbstractBaseUser | None, reason: str = ""
) -> GroupData:
    row = lifecycle.change_status(group_row(group).pk, status, id_of(acting_user), reason=reason, asker=asker)
    return presentation.group_data(row, asker)


def delete_group(group: UUID | str, *, asker: Asker = NOBODY, acting_user: AbstractBaseUser | None = None) -> None:
    """End the group and all its memberships; its name is free again, and its history stays. Raises GroupInUse."""
    deleting.delete(group_row(group, deleted=True).pk, id_of(acting_user), asker)


def get_group(group: UUID | str, *, asker: Asker = NOBODY) -> GroupData:
    """A group; raises GroupNotFound.

    Everybody else of a collection is none: it is described by ``get_collection``, and its UUID can be used with
    ``members``, ``count_members``, ``is_member``, ``belonging`` and ``explain`` and in rules.
    """
    return presentation.group_data(group_row(group), asker)


def all_groups() -> QuerySet[UserGroup]:
    """The groups of all scopes by name, without the deleted ones; shown without further queries for each."""
    kept = UserGroup.objects.exclude(status=UserGroup.Status.DELETED)
    return kept.select_related("scope", "collection").prefetch_related("tags").order_by("name", "id")


def groups_in(scope: ScopeData) -> QuerySet[UserGroup]:
    """Those of one scope."""
    return all_groups().filter(scope__type=scope.type, scope__key=scope.key)


def groups_data(groups: Iterable[UserGroup], *, asker: Asker = NOBODY) -> list[GroupData]:
    """What ``groups_in`` gives, as frozen data; what the rules say is said to ``asker``."""
    return presentation.groups_data(groups, asker)


def groups_of_user(user_id: int, *, scope: ScopeData | None = None) -> QuerySet[UserGroup]:
    """The groups that a user is in now, of one scope or of all."""
    groups = counting.groups_of(user_id, timezone.now())
    return groups if scope is None else groups.filter(scope__type=scope.type, scope__key=scope.key)


def revisions_of(group: UUID | str) -> QuerySet[Revision]:
    """The revisions of a group with their authors, newest first."""
    return Revision.objects.filter(group=group_row(group)).select_related("author").order_by("-number")


def revisions_data(group: UUID | str, revisions: Iterable[Revision], *, asker: Asker = NOBODY) -> list[RevisionData]:
    """What ``revisions_of`` gives, as frozen data; of the rules what ``asker`` may see."""
    return presentation.revisions_data(revisions, group_row(group).scope.data, asker)
