"""The life of groups: made, edited, activated, paused, archived, deleted. Every edit is a revision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from . import lease, write
from .content import MAX_NAME, Content, checked
from .data import ScopeData
from .definition import rows_of, rules_of
from .exceptions import CollectionNotFound, DuplicateName, StaleRevision, WrongStatus
from .models import GroupCollection, GroupCriterion, GroupTag, Membership, Origin, Revision, Scope, UserGroup
from .naming import clean_name, name_key
from .retrying import in_transaction
from .write import Row

BATCH = 5_000

Status = UserGroup.Status
# The statuses that each may be changed to.
TRANSITIONS: Mapping[str, frozenset[str]] = {
    Status.DRAFT: frozenset({Status.ACTIVE, Status.ARCHIVED}),
    Status.ACTIVE: frozenset({Status.PAUSED, Status.ARCHIVED}),
    Status.PAUSED: frozenset({Status.ACTIVE, Status.ARCHIVED}),
    Status.ARCHIVED: frozenset({Status.ACTIVE, Status.PAUSED}),
    Status.DELETED: frozenset(),
}


def create(
    scope: ScopeData, content: Content, *, collection: GroupCollection | None, via: str, acting_user_id: int | None
) -> UserGroup:
    """A new group: active when it is static, a draft when its rule has still to be looked at."""

    def act() -> UserGroup:
        row, _made = Scope.objects.get_or_create(type=scope.type, key=scope.key)
        home = collection or GroupCollection.objects.create(scope=row, is_implicit=True)
        lease.lock([home.pk])
        if home.scope_id != row.pk:
            raise CollectionNotFound(_("The collection belongs to another scope."))
        group = UserGroup(
            scope=row,
            collection=home,
            priority=_next_priority(home),
            status=Status.DRAFT if content.rule else Status.ACTIVE,
            created_by_id=acting_user_id,
            created_via=via,
            revision=0,
        )
        _write(group, content, acting_user_id)
        return group

    return in_transaction(act)


def _next_priority(collection: GroupCollection) -> int:
    highest = UserGroup.objects.filter(collection=collection).aggregate(n=Max("priority"))["n"]
    return 0 if highest is None else highest + 1


def edit(group_id: int, revision: int, changes: Mapping[str, Any], acting_user_id: int | None) -> UserGroup:
    """Replace parts of a group's content; raises StaleRevision unless ``revision`` is the newest one."""

    def act() -> UserGroup:
        group = locked(group_id)
        if group.revision != revision:
            raise StaleRevision()
        if group.status in (Status.ARCHIVED, Status.DELETED):
            raise WrongStatus(_("The group is {status}: it cannot be edited.").format(status=group.status))
        _write(group, checked(group.scope.data, changes, content_of(group)), acting_user_id)
        return group

    return in_transaction(act)


def content_of(group: UserGroup) -> Content:
    """What is in force for a group."""
    tags = tuple(group.tags.order_by("pk").values_list("tag", flat=True)) if group.pk else ()
    return Content(group.name, group.description, tags, rules_of([group]).get(group.pk))


def locked(group_id: int) -> UserGroup:
    """The group, after locking its collection until the transaction ends."""
    collection_id = UserGroup.objects.values_list("collection_id", flat=True).get(pk=group_id)
    lease.lock([collection_id])
    return UserGroup.objects.select_related("scope", "collection").get(pk=group_id)


def _write(group: UserGroup, content: Content, acting_user_id: int | None) -> None:
    """Write the content and its revision; the whole tree of the rule is replaced."""
    group.name, group.name_key = content.name, name_key(content.name)
    group.description = content.description
    group.revision += 1
    group.modified, group.modified_by_id = timezone.now(), acting_user_id
    # Of a stored group nothing else: a refresh that fails right now says so without waiting for the lock.
    fields = ["name", "name_key", "description", "revision", "modified", "modified_by"] if group.pk else None
    try:
        with transaction.atomic():
            group.save(update_fields=fields)
    except IntegrityError:
        raise DuplicateName(
            "name", _("A group of {scope} is already called {name!r}.").format(scope=group.scope, name=content.name)
        ) from None
    GroupTag.objects.filter(group=group).delete()
    GroupTag.objects.bulk_create(GroupTag(group=group, tag=tag, tag_key=name_key(tag)) for tag in content.tags)
    GroupCriterion.objects.filter(group=group).delete()
    GroupCriterion.objects.bulk_create(rows_of(content.rule, group) if content.rule else [])
    if content.rule is None:
        # Nothing but hands will take them out again, so they count as put in by hand.
        Membership.objects.filter(group=group, origin=Origin.RULE).update(origin=Origin.MANUAL)
    Revision.objects.create(
        group=group,
        number=group.revision,
        definition=content.snapshot(),
        author_id=acting_user_id,
        created=group.modified,
    )


def change_status(group_id: int, status: str, acting_user_id: int | None) -> UserGroup:
    """Activate, pause or archive a group; its members stay. Raises WrongStatus."""

    def act() -> UserGroup:
        group = locked(group_id)
        if group.status != status:
            if status not in TRANSITIONS[group.status]:
                message = _("A group that is {old} cannot become {new}.")
                raise WrongStatus(message.format(old=group.status, new=status))
            group.status = status
            group.modified, group.modified_by_id = timezone.now(), acting_user_id
            group.save(update_fields=["status", "modified", "modified_by"])
        return group

    return in_transaction(act)


def delete(group_id: int, acting_user_id: int | None) -> None:
    """End a group: from now on it holds nobody; its memberships become history in batches.

    The tombstone stays. Called again, it goes on where it was stopped.
    """

    def bury() -> UserGroup:
        group = locked(group_id)
        group.status, group.name_key, group.member_count = Status.DELETED, None, 0
        group.modified, group.modified_by_id = timezone.now(), acting_user_id
        group.save(update_fields=["status", "name_key", "member_count", "modified", "modified_by"])
        return group

    group = in_transaction(bury)
    while in_transaction(lambda: _end_some(group)):
        pass


def _end_some(group: UserGroup) -> int:
    lease.lock([group.collection_id])
    columns = [field.name for field in attrs.fields(Row)]
    some = Membership.objects.filter(group=group).order_by("user_id").values_list(*columns)[:BATCH]
    rows = [Row(*values) for values in some]
    write.end(rows, timezone.now())
    return len(rows)


def create_collection(scope: ScopeData, name: str, rest_name: str) -> GroupCollection:
    """A named set of exclusive groups, still empty; raises InvalidGroup or DuplicateName."""
    name = clean_name("name", name, MAX_NAME)
    rest_name = clean_name("rest_name", rest_name, MAX_NAME) if rest_name else ""
    row, _made = Scope.objects.get_or_create(type=scope.type, key=scope.key)
    try:
        with transaction.atomic():
            return GroupCollection.objects.create(scope=row, name=name, name_key=name_key(name), rest_name=rest_name)
    except IntegrityError:
        raise DuplicateName(
            "name", _("A collection of {scope} is already called {name!r}.").format(scope=scope, name=name)
        ) from None
