"""Lists of people that are put into groups."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import attrs

from .scopes import ScopeData


@attrs.frozen
class ImportData:
    """A list of people and how far it is: ``done`` of its ``rows``, with the number of each outcome.

    ``group_uuid`` is None where each row names its own group. A check (``is_check``) changes nothing. ``error`` says
    why it ended before its last row. ``removes`` says that it takes people out.
    """

    uuid: UUID
    scope: ScopeData
    group_uuid: UUID | None
    author_id: int | None
    is_check: bool
    rows: int
    done: int
    counts: Mapping[str, int]
    created: datetime
    finished: datetime | None
    error: str
    removes: bool = False
