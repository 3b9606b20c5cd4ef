"""Rows by the UUIDs that outsiders know them by."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from ..collections import rests
from ..exceptions import CollectionNotFound, GroupNotFound, RunNotFound
from ..groups.deciding import Act
from ..models import GroupCollection, RefreshRun, UserGroup


def group_row(group: UUID | str, *, deleted: bool = False) -> UserGroup:
    """The row of a group with its scope, collection and tags; raises GroupNotFound, also for everybody else."""
    groups = UserGroup.objects.select_related("scope", "collection__scope").prefetch_related("tags")
    if not deleted:
        groups = groups.exclude(status=UserGroup.Status.DELETED)
    try:
        return groups.get(uuid=group)
    except (UserGroup.DoesNotExist, ValidationError):
        raise GroupNotFound(_why_not(group)) from None


def _why_not(group: UUID | str) -> str:
    if rests.named(group) is not None:
        message = _("{uuid} is everybody else of a collection: it has members, but is no group that can be changed.")
        return message.format(uuid=group)
    return f"There is no group {str(group)!r}."


def rest_row(group: UUID | str) -> GroupCollection:
    """The collection whose everybody else is named as a group is; raises GroupNotFound."""
    found = rests.named(group)
    if found is None:
        raise GroupNotFound(f"There is no group {str(group)!r}.")
    return found


def collection_row(collection: UUID | str) -> GroupCollection:
    """The row of a collection with its scope; raises CollectionNotFound."""
    try:
        return rests.existing().get(uuid=collection)
    except (GroupCollection.DoesNotExist, ValidationError):
        raise CollectionNotFound(f"There is no collection {str(collection)!r}.") from None


def act_of(acting_user: AbstractBaseUser | None, **rest: object) -> Act:
    """What ``acting_user`` does now."""
    return Act(at=timezone.now(), acting_user_id=id_of(acting_user), **rest)  # type: ignore[arg-type]


def id_of(user: AbstractBaseUser | None) -> int | None:
    """The id of a user; None of nobody."""
    return None if user is None else user.pk


def run_row(run: UUID | str) -> RefreshRun:
    """The row of a refresh; raises RunNotFound."""
    try:
        return RefreshRun.objects.get(uuid=run)
    except (RefreshRun.DoesNotExist, ValidationError):
        raise RunNotFound(f"There is no refresh {str(run)!r}.") from None
