"""Retirement: a person is erased from every table that tells what groups they are or were in, and what they did."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast

from ..models import (
    Announcement,
    Change,
    Exclusion,
    HeldUser,
    ImportedPerson,
    ManualChange,
    MemberImport,
    Membership,
    PastMembership,
    PendingMember,
    RefreshRun,
    Revision,
    StagedUser,
    UserGroup,
)
from ..refresh import consequences, lease
from ..retrying import in_transaction
from ..text import IsOneOf
from . import pending, retired_names

# The cause of a retired person having left.
RETIREMENT = "retirement"

# Rows that are about a person; each of these tables has an index that begins with the user.
ABOUT: tuple[type[Model], ...] = (PastMembership, Exclusion, HeldUser)
# The same without such an index, which nothing else would use: rows stay here for minutes only.
PASSING: tuple[type[Model], ...] = (Change, StagedUser)
# Rows that are about a group, with the person who did something to it.
SIGNED: tuple[tuple[type[Model], str], ...] = (
    (Exclusion, "author"),
    (Revision, "author"),
    (RefreshRun, "requested_by"),
    (RefreshRun, "decided_by"),
    (ManualChange, "author"),
    (MemberImport, "author"),
    (PendingMember, "author"),
    (UserGroup, "created_by"),
    (UserGroup, "modified_by"),
    (UserGroup, "agreed_by"),
)


def retire_user(user_id: int) -> None:
    """Erase a user from everything that is stored about people here, all of it or nothing.

    Others are told, by the id alone, that the user has left; called again, there is nothing left to do.
    """
    in_transaction(lambda: _erase(user_id))


def _erase(user_id: int) -> None:
    mine = Membership.objects.filter(user_id=user_id)
    lease.lock(list(mine.values_list("collection_id", flat=True)))
    groups = list(mine.values_list("group_id", flat=True))
    mine.delete()
    _forget_joining(user_id)
    consequences.follow({}, {group: [user_id] for group in groups}, [RETIREMENT])
    for model in ABOUT:
        model._default_manager.filter(user_id=user_id).delete()
    # Also what has just been noted for groups built on these: the user is in none of them any more.
    for model in PASSING:
        _delete_unlocked(model._default_manager.filter(user_id=user_id))
    for model, column in SIGNED:
        model._default_manager.filter(**{column: user_id}).update(**{column: None})
    retired_names.put_in_rules(user_id)
    names = pending.names_of(user_id)
    pending.erase(names)
    _forget_in_lists(user_id, names)


def _forget_in_lists(user_id: int, names: Collection[str]) -> None:
    """Lists of people name the person no more, by whichever name."""
    named = Q(IsOneOf("named", *sorted(names))) if names else Q()
    ImportedPerson.objects.filter(Q(user=user_id) | named).delete()


def _delete_unlocked(rows: QuerySet[Any]) -> None:
    """Delete rows that no index finds: read first, for whoever adds others meanwhile is not to be waited for."""
    rows.model._default_manager.filter(pk__in=list(rows.values_list("pk", flat=True))).delete()


def _forget_joining(user_id: int) -> None:
    """Nobody is told any more that the user has joined something; that they have left, everybody is told."""
    for row in _naming(user_id):
        stored = Announcement.objects.filter(pk=row.pk)
        others = [each for each in row.joined if each != user_id]
        if others or row.left:
            stored.update(joined=others)
        else:
            stored.delete()


def _naming(user_id: int) -> Iterable[Announcement]:
    # Digits within other numbers are found, too, and passed over.
    rows = Announcement.objects.annotate(ids=Cast("joined", TextField())).filter(ids__contains=str(user_id))
    return [row for row in rows.iterator(chunk_size=100) if user_id in row.joined]
