"""Frozen data that crosses the boundary of the package: what the Python API takes and returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
from opaque_keys.edx.keys import CourseKey

COURSE = "course"
ORGANIZATION = "organization"
INSTANCE = "instance"


@attrs.frozen
class ScopeData:
    """Where a group lives: ``type`` is course, organization or instance; ``key`` its course key, short name or ""."""

    type: str
    key: str = ""

    @property
    def course_key(self) -> CourseKey:
        """The key of a course scope; only course scopes have one."""
        return CourseKey.from_string(self.key)

    def __str__(self) -> str:
        return self.key or self.type


@attrs.frozen
class GroupData:
    """A group as outsiders see it; ``rule`` is its JSON or None when it is static, ``rule_text`` the same in words."""

    uuid: UUID
    scope: ScopeData
    collection_uuid: UUID
    name: str
    description: str
    tags: tuple[str, ...]
    status: str
    rule: Mapping[str, Any] | None
    rule_text: str
    revision: int
    member_count: int
    health: str
    health_reason: str
    last_refreshed: datetime | None
    created_by_id: int | None
    created_via: str
    created: datetime
    modified_by_id: int | None
    modified: datetime

    @property
    def is_dynamic(self) -> bool:
        """Whether a rule decides who is in it."""
        return self.rule is not None


@attrs.frozen
class CollectionData:
    """A set of mutually exclusive groups; ``rest_uuid`` names everybody else of its population."""

    uuid: UUID
    scope: ScopeData
    name: str
    rest_uuid: UUID
    rest_name: str
    is_implicit: bool
    group_uuids: tuple[UUID, ...]


@attrs.frozen
class LeafCount:
    """How one leaf of a rule divides the population: ``matched`` people, and ``unknown`` ones it has no data about."""

    path: str
    text: str
    matched: int
    unknown: int


@attrs.frozen
class PreviewData:
    """Whom a rule would hold now: counts, and the sorted ids where they were asked for."""

    population: int
    count: int
    leaves: tuple[LeafCount, ...]
    user_ids: Sequence[int] | None = None


@attrs.frozen
class RunData:
    """What one refresh did to one group; ``outcome`` is done, nothing, held, failed or superseded."""

    group_uuid: UUID
    outcome: str
    matched: int
    joined: int
    left: int
    lost_claims: int
    error: str
    started: datetime
    finished: datetime | None


@attrs.frozen
class MemberOutcome:
    """What became of one person in a list: ``outcome`` is one of assignment.Outcome, ``detail`` a sentence about it."""

    person: str | int
    outcome: str
    user_id: int | None = None
    detail: str = ""


@attrs.frozen
class CriterionTypeData:
    """A criterion type for forms and documentation: its operators with the JSON Schema of each one's config."""

    name: str
    title: str
    description: str
    scopes: tuple[str, ...]
    operators: Mapping[str, Mapping[str, Any]]
    unavailable: str


@attrs.frozen
class GroupDrift:
    """How the stored members of a group differ from a new evaluation: ids that should join, ids that should leave."""

    group_uuid: UUID
    name: str
    missing: tuple[int, ...]
    surplus: tuple[int, ...]
    error: str = ""
