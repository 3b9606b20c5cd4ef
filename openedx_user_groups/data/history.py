"""What has become of groups: who joined and left, their size day by day, and what is built on them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import attrs


@attrs.frozen
class ChangeData:
    """Somebody joined a group (``joined``) or left it.

    ``run_uuid`` is the refresh that did it, with its ``causes``, and ``by_id`` who asked for that or did it by hand;
    None where nobody is known. Who left and ``is_kept_out`` since is so for a ``reason``.
    """

    at: datetime
    user_id: int
    joined: bool
    origin: str
    run_uuid: UUID | None = None
    causes: tuple[str, ...] = ()
    by_id: int | None = None
    is_kept_out: bool = False
    reason: str = ""


@attrs.frozen
class SizeData:
    """How many members a group had at the end of a day (UTC), and how many joined and left on it."""

    day: date
    members: int
    joined: int
    left: int


@attrs.frozen
class UseData:
    """Something that is built on a group, in words; ``group_uuid`` where it is a group that one may see."""

    text: str
    group_uuid: UUID | None = None
