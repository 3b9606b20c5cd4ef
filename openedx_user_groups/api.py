"""The Python API of user groups.

It takes ids and data and returns frozen data or querysets. Groups and collections are named by their UUID. It checks
**no permissions**: whoever calls it has done so. ``acting_user`` is who asks, for the record. All errors are
UserGroupsError.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from . import (
    assignment,
    counting,
    drift,
    due,
    lifecycle,
    membership,
    people_file,
    presentation,
    retirement,
    rule_reader,
)
from . import preview as _preview
from .assignment import Act
from .content import checked
from .data import (
    CollectionData,
    GroupData,
    GroupDrift,
    MemberOutcome,
    PreviewData,
    RunData,
    ScopeData,
)
from .exceptions import CollectionNotFound, GroupNotFound
from .findings import findings
from .membership import Progress, check_may_refresh
from .models import GroupCollection, UserGroup
from .presentation import criterion_types
from .rule_reader import load as load_rule
from .scopes import course_scope, instance_scope, organization_scope, scope_of, verified

__all__ = [
    "activate_group",
    "add_members",
    "archive_group",
    "check_collection",
    "check_group",
    "check_may_refresh",
    "course_scope",
    "create_collection",
    "create_group",
    "criterion_types",
    "delete_group",
    "exclude",
    "findings",
    "get_group",
    "groups_data",
    "groups_in",
    "groups_of_user",
    "groups_to_refresh",
    "import_members",
    "instance_scope",
    "is_member",
    "lift_exclusions",
    "load_rule",
    "members",
    "organization_scope",
    "pause_group",
    "preview",
    "refresh",
    "refresh_collection",
    "remove_members",
    "retire_user",
    "scope_of",
    "update_group",
]

People = Iterable[str | int]


def create_group(
    scope: ScopeData,
    *,
    name: str,
    description: str = "",
    tags: Sequence[str] = (),
    rule: Mapping[str, Any] | None = None,
    collection: UUID | str | None = None,
    created_via: str = UserGroup.CreatedVia.API,
    acting_user: AbstractBaseUser | None = None,
) -> GroupData:
    """A new group. Without a rule it is static and active; with one it is a draft until it is activated.

    ``collection`` makes it one of that collection's exclusive groups, last by priority. Raises InvalidScope,
    InvalidGroup, DuplicateName, InvalidRule and CollectionNotFound.
    """
    scope = verified(scope)
    parts = {"name": name, "description": description, "tags": tags, "rule": rule}
    content = checked(scope, parts)
    home = None if collection is None else _collection(collection)
    group = lifecycle.create(scope, content, collection=home, via=created_via, acting_user_id=_id(acting_user))
    return presentation.group_data(group)


def update_group(
    group: UUID | str, *, revision: int, acting_user: AbstractBaseUser | None = None, **changes: Any
) -> GroupData:
    """Change ``name``, ``description``, ``tags`` or ``rule`` (None makes the group static), as a new revision.

    ``revision`` is the one that was edited. Raises StaleRevision when there is a newer one, WrongStatus,
    InvalidGroup, DuplicateName and InvalidRule; then nothing has changed.
    """
    unknown = set(changes) - {"name", "description", "tags", "rule"}
    if unknown:
        raise TypeError(f"update_group() got unexpected arguments: {', '.join(sorted(unknown))}")
    return presentation.group_data(lifecycle.edit(_group(group).pk, revision, changes, _id(acting_user)))


def activate_group(group: UUID | str, *, acting_user: AbstractBaseUser | None = None) -> GroupData:
    """Let refreshes decide who is in the group. Raises WrongStatus."""
    return _change_status(group, UserGroup.Status.ACTIVE, acting_user)


def pause_group(group: UUID | str, *, acting_user: AbstractBaseUser | None = None) -> GroupData:
    """Keep the members as they are until the group is activated again. Raises WrongStatus."""
    return _change_status(group, UserGroup.Status.PAUSED, acting_user)


def archive_group(group: UUID | str, *, acting_user: AbstractBaseUser | None = None) -> GroupData:
    """Put the group away: it keeps its name, and no refresh or list changes it. Raises WrongStatus."""
    return _change_status(group, UserGroup.Status.ARCHIVED, acting_user)


def _change_status(group: UUID | str, status: str, acting_user: AbstractBaseUser | None) -> GroupData:
    return presentation.group_data(lifecycle.change_status(_group(group).pk, status, _id(acting_user)))


def delete_group(group: UUID | str, *, acting_user: AbstractBaseUser | None = None) -> None:
    """End the group and all its memberships; its name is free again, and its history stays."""
    lifecycle.delete(_group(group, deleted=True).pk, _id(acting_user))


def get_group(group: UUID | str) -> GroupData:
    """A group; raises GroupNotFound."""
    return presentation.group_data(_group(group))


def groups_in(scope: ScopeData) -> QuerySet[UserGroup]:
    """The groups of a scope by name, without the deleted ones; ready to be shown without further queries per group."""
    kept = UserGroup.objects.exclude(status=UserGroup.Status.DELETED)
    found = kept.filter(scope__type=scope.type, scope__key=scope.key)
    return found.select_related("scope", "collection").prefetch_related("tags").order_by("name", "id")


def groups_data(groups: Iterable[UserGroup]) -> list[GroupData]:
    """What ``groups_in`` gives, as frozen data."""
    return presentation.groups_data(groups)


def create_collection(
    scope: ScopeData, *, name: str, rest_name: str = "", acting_user: AbstractBaseUser | None = None
) -> CollectionData:
    """A set of mutually exclusive groups, still empty; ``rest_name`` is what everybody else is called.

    Raises InvalidScope, InvalidGroup and DuplicateName.
    """
    return presentation.collection_data(lifecycle.create_collection(verified(scope), name, rest_name))


def preview(
    scope: ScopeData, rule: object, *, user_ids: bool = False, acting_user: AbstractBaseUser | None = None
) -> PreviewData:
    """Whom a rule would hold now; nothing is stored. Raises InvalidScope, InvalidRule and CriterionError."""
    scope = verified(scope)
    return _preview.preview(rule_reader.parse(rule, scope), scope, timezone.now(), user_ids=user_ids)


def refresh(
    group: UUID | str,
    *,
    users: Iterable[int] | None = None,
    cause: str = "request",
    progress: Progress | None = None,
    acting_user: AbstractBaseUser | None = None,
) -> RunData | None:
    """Bring the members of a group into line with its rule now, together with its whole collection.

    The run of this group; None for a group that is not refreshed (static, or not active) and with ``users``, ids
    that alone are looked at. Raises GroupNotFound, RefreshInProgress and FeatureDisabled. A rule that cannot be
    evaluated raises nothing: the outcome is "failed", and the members stay.
    """
    row = _group(group)
    if users is not None:
        membership.refresh_users([row.collection_id], users)
        return None
    runs = membership.refresh(row.collection_id, causes=[cause], progress=progress)
    return next((run for run in runs if run.group_uuid == row.uuid), None)


def refresh_collection(
    collection: UUID | str, *, cause: str = "request", progress: Progress | None = None
) -> tuple[RunData, ...]:
    """The same for all groups of a collection: a run for each that is refreshed."""
    return membership.refresh(_collection(collection).pk, causes=[cause], progress=progress)


def groups_to_refresh(*, scope: ScopeData | None = None, due_only: bool = False) -> list[UserGroup]:
    """The active dynamic groups, of one scope or of all, by collection; ``due_only`` leaves out what is fresh."""
    if due_only:
        return due.due_groups(timezone.now(), scope)
    return list(due.groups_to_refresh(scope))


def check_group(group: UUID | str) -> GroupDrift | None:
    """How the stored members differ from a new evaluation; None for a group that is not refreshed. Writes nothing."""
    row = _group(group)
    found = drift.drift_of(row.collection_id, timezone.now())
    return next((one for one in found if one.group_uuid == row.uuid), None)


def check_collection(collection: UUID | str) -> tuple[GroupDrift, ...]:
    """The same for all groups of a collection that are refreshed."""
    return tuple(drift.drift_of(_collection(collection).pk, timezone.now()))


def members(group: UUID | str) -> QuerySet[AbstractBaseUser]:
    """The users who are in a group now, in no order."""
    row = _group(group)
    return counting.members_of(row.pk, row.scope.data, timezone.now(), row.collection.parent_group_id)


def is_member(group: UUID | str, user_id: int) -> bool:
    """Whether a user is in a group now."""
    return members(group).filter(pk=user_id).exists()


def groups_of_user(user_id: int, *, scope: ScopeData | None = None) -> QuerySet[UserGroup]:
    """The groups that a user is in now, of one scope or of all."""
    groups = counting.groups_of(user_id, timezone.now())
    return groups if scope is None else groups.filter(scope__type=scope.type, scope__key=scope.key)


def add_members(
    group: UUID | str,
    people: People,
    *,
    expires_at: datetime | None = None,
    acting_user: AbstractBaseUser | None = None,
) -> list[MemberOutcome]:
    """Put people into a group by user name, e-mail address or (as numbers) id; an outcome for each, in their order."""
    return assignment.add(_group(group).pk, people, _act(acting_user, expires_at=expires_at))


def remove_members(
    group: UUID | str, people: People, *, reason: str = "", acting_user: AbstractBaseUser | None = None
) -> list[MemberOutcome]:
    """Take people out of a group; whom its rule wants in it is excluded from now on."""
    return assignment.remove(_group(group).pk, people, _act(acting_user, reason=reason))


def exclude(
    group: UUID | str,
    people: People,
    *,
    reason: str = "",
    expires_at: datetime | None = None,
    acting_user: AbstractBaseUser | None = None,
) -> list[MemberOutcome]:
    """Keep people out of a group, above its rule, until ``expires_at``."""
    return assignment.exclude(_group(group).pk, people, _act(acting_user, reason=reason, expires_at=expires_at))


def lift_exclusions(
    group: UUID | str, people: People, *, acting_user: AbstractBaseUser | None = None
) -> list[MemberOutcome]:
    """Let people into a group again; its next refresh places them by the rule."""
    return assignment.lift_exclusions(_group(group).pk, people, _act(acting_user))


def import_members(
    group: UUID | str, content: bytes, *, acting_user: AbstractBaseUser | None = None
) -> list[MemberOutcome]:
    """Put the people of a text or CSV file into a group; an outcome for each row. Raises UnreadableFile."""
    return add_members(group, people_file.read(content), acting_user=acting_user)


def retire_user(user_id: int) -> None:
    """Erase a user from every table of this package."""
    retirement.retire_user(user_id)


def _act(acting_user: AbstractBaseUser | None, **rest: Any) -> Act:
    return Act(at=timezone.now(), acting_user_id=_id(acting_user), **rest)


def _id(user: AbstractBaseUser | None) -> int | None:
    return None if user is None else user.pk


def _group(group: UUID | str, *, deleted: bool = False) -> UserGroup:
    groups = UserGroup.objects.select_related("scope", "collection").prefetch_related("tags")
    if not deleted:
        groups = groups.exclude(status=UserGroup.Status.DELETED)
    try:
        return groups.get(uuid=group)
    except (UserGroup.DoesNotExist, ValidationError):
        raise GroupNotFound(f"There is no group {str(group)!r}.") from None


def _collection(collection: UUID | str) -> GroupCollection:
    try:
        return GroupCollection.objects.get(uuid=collection)
    except (GroupCollection.DoesNotExist, ValidationError):
        raise CollectionNotFound(f"There is no collection {str(collection)!r}.") from None
