"""Refreshes, and how stored members differ from a new evaluation."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import attrs


@attrs.frozen
class RunData:
    """One refresh of one group.

    ``outcome`` is done, nothing, held, failed or superseded, and "" before the end; ``status`` is the same, or waiting
    or running. ``decision`` is what became of one that was held (approved, discarded or overtaken) or undone, or "".
    ``done`` of ``total`` users are settled: those who join, leave or move; None before that is known.
    """

    uuid: UUID
    group_uuid: UUID
    status: str
    outcome: str
    causes: tuple[str, ...]
    requested_by_id: int | None
    revision: int
    total: int | None
    done: int
    matched: int
    joined: int
    left: int
    lost_claims: int
    error: str
    requested: datetime
    started: datetime | None
    finished: datetime | None
    decision: str = ""
    decided_by_id: int | None = None
    decided_at: datetime | None = None


@attrs.frozen
class GroupDrift:
    """How the stored members of a group differ from a new evaluation: ids that should join, ids that should leave."""

    group_uuid: UUID
    name: str
    missing: tuple[int, ...]
    surplus: tuple[int, ...]
    error: str = ""
