"""Whoever listens to our events: what they hear, and what they know of groups when they have heard it all."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import attrs

from openedx_user_groups import signals
from openedx_user_groups.models import Membership, UserGroup

ALL = (signals.GROUP_CREATED, signals.GROUP_UPDATED, signals.GROUP_DELETED, signals.MEMBERSHIP_CHANGED)


@attrs.frozen
class Event:
    """An event as a receiver gets it; ``name`` is its type without what all of ours have in common."""

    name: str
    group: signals.UserGroupData
    membership: signals.UserGroupMembershipData | None
    metadata: Any
    from_event_bus: bool


@contextmanager
def an_audience() -> Iterator[list[Event]]:
    """Everything that is told within the block."""
    heard: list[Event] = []

    def hear(
        signal: Any, metadata: Any, from_event_bus: bool, group: Any = None, membership: Any = None, **_more: Any
    ) -> None:
        name = signal.event_type.removeprefix("org.openedx.user_groups.").removesuffix(".v1")
        heard.append(Event(name, group or membership.group, membership, metadata, from_event_bus))

    for each in ALL:
        each.connect(hear)
    try:
        yield heard
    finally:
        for each in ALL:
            each.disconnect(hear)


class Follower:
    """Keeps members and groups by nothing but events, and takes none that contradicts what it knows."""

    def __init__(self, heard: list[Event]) -> None:
        self.heard = heard
        self.members: dict[str, set[int]] = defaultdict(set)
        self.groups: dict[str, Any] = {}

    def follow(self) -> None:
        """Take in what was heard since the last time."""
        for event in self.heard:
            assert (event.name == "group.created") == (event.group.uuid not in self.groups), event
            self.groups[event.group.uuid] = _known(event.group)
            if event.membership is not None:
                members, joined, left = self.members[event.group.uuid], event.membership.joined, event.membership.left
                assert not members & set(joined), event
                assert set(left) <= members, event
                assert len(joined) + len(left) <= 1_000
                members |= set(joined)
                members -= set(left)
        self.heard.clear()

    @property
    def seats(self) -> set[tuple[str, int]]:
        """The members of all groups."""
        return {(uuid, user) for uuid, users in self.members.items() for user in users}


def _known(group: signals.UserGroupData) -> Any:
    return group.name, group.status, group.revision, sorted(group.tags), group.collection.uuid


def stored_seats() -> set[tuple[str, int]]:
    """The stored memberships."""
    rows = Membership.objects.values_list("group__uuid", "user_id")
    return {(str(uuid), user) for uuid, user in rows}


def stored_groups() -> dict[str, Any]:
    """The stored groups, the deleted ones as well."""
    rows = UserGroup.objects.select_related("collection").prefetch_related("tags")
    return {
        str(row.uuid): (
            row.name,
            row.status,
            row.revision,
            sorted(tag.tag for tag in row.tags.all()),
            str(row.collection.uuid),
        )
        for row in rows
    }
