"""Collections, everybody else of them, moves, and the places that learners choose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import attrs

from .scopes import ScopeData


@attrs.frozen
class CollectionData:
    """A set of mutually exclusive groups by priority; ``rest_uuid`` names everybody else of its population.

    ``kind`` is rules, random, self or generated, then with the ``generator``; ``parent_group_uuid`` the group that it
    subdivides.
    """

    uuid: UUID
    scope: ScopeData
    kind: str
    generator: Mapping[str, Any] | None
    parent_group_uuid: UUID | None
    name: str
    rest_uuid: UUID
    rest_name: str
    is_implicit: bool
    group_uuids: tuple[UUID, ...]


@attrs.frozen
class RestData:
    """Everybody else of a collection, named as a group is: how many belong to its population and are in no group."""

    uuid: UUID
    scope: ScopeData
    collection_uuid: UUID
    name: str
    member_count: int


@attrs.frozen
class MoveData:
    """What moving a group into a collection does, or would do, with its ``members``.

    Of those who are ``in_two`` groups then, so many are ``kept`` by the one that moves; the others stay where they are.
    """

    group_uuid: UUID
    collection_uuid: UUID
    members: int
    in_two: int
    kept: int


@attrs.frozen
class PlaceData:
    """A group that a learner may join by themselves, as they see it: ``is_mine`` when they are in it."""

    group_uuid: UUID
    name: str
    description: str
    is_open: bool
    places_left: int
    is_mine: bool
