"""Groups, their drafts, their revisions, and what becomes of people who are added and removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs

from .scopes import ScopeData


@attrs.frozen
class GroupData:
    """A group as outsiders see it; ``rule`` is its JSON or None when it is static, ``rule_text`` the same in words.

    ``draft_revision`` is a revision that waits to be activated, or None, with ``draft_rule`` and ``draft_rule_text``;
    ``would_hold`` how many members the group would have by what waits, where that is known. ``refresh_every`` is in
    seconds, ``removal_limit`` in percent; None stands for the setting, or what the criteria ask for. ``is_stale``
    says that its last successful refresh is longer ago than its criteria allow; None where nothing is refreshed.
    ``kind`` is who decides which group of its collection somebody is in: rules, random, self or generated.
    """

    uuid: UUID
    scope: ScopeData
    collection_uuid: UUID
    name: str
    description: str
    tags: tuple[str, ...]
    status: str
    status_reason: str
    rule: Mapping[str, Any] | None
    rule_text: str
    revision: int
    draft_revision: int | None
    draft_rule: Mapping[str, Any] | None
    draft_rule_text: str
    would_hold: int | None
    update_mode: str
    method: str
    refresh_every: int | None
    removal_limit: int | None
    size_limit: int | None
    member_count: int
    health: str
    health_reason: str
    last_refreshed: datetime | None
    next_due: datetime | None
    is_stale: bool | None
    created_by_id: int | None
    created_via: str
    created: datetime
    modified_by_id: int | None
    modified: datetime
    kind: str

    @property
    def is_dynamic(self) -> bool:
        """Whether a rule decides who is in it."""
        return self.rule is not None


@attrs.frozen
class DraftEffect:
    """How many would join and leave a group, and how many members it would have then.

    ``unlikely`` is a sentence where so many would leave that something may be wrong; see ``activate_group``.
    """

    group_uuid: UUID
    joining: int
    leaving: int
    would_hold: int
    unlikely: str = ""


@attrs.frozen
class DraftData:
    """What activating the draft of a group would do now; ``others`` are the groups of its collection that it changes.

    ``revision`` is the number that activates it; ``people`` are the ids of who joins and of who leaves, sorted, where
    they were asked for.
    """

    group_uuid: UUID
    revision: int
    joining: int
    leaving: int
    would_hold: int
    others: tuple[DraftEffect, ...]
    unlikely: str = ""
    people: tuple[Sequence[int], Sequence[int]] = ((), ())

    @property
    def leaving_of(self) -> dict[UUID, int]:
        """How many members would leave, of each group that would lose any."""
        lost = {self.group_uuid: self.leaving} | {other.group_uuid: other.leaving for other in self.others}
        return {group: number for group, number in lost.items() if number}


@attrs.frozen
class RevisionData:
    """A numbered snapshot of a group's name, description, tags and rule; ``author`` is a user name."""

    number: int
    state: str
    definition: Mapping[str, Any]
    author: str | None
    created: datetime


@attrs.frozen
class MemberOutcome:
    """What became of one person in a list: ``outcome`` is one of deciding.Outcome, ``detail`` a sentence about it."""

    person: str | int
    outcome: str
    user_id: int | None = None
    detail: str = ""
