"""History: who joined and left, how large a group was, and what is built on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from ..criteria.base import NOBODY, Asker
from ..data import ChangeData, RunData, SizeData, UseData
from ..evaluation import history, uses
from ..models import PastMembership
from ..refresh import undoing, watching
from .found import group_row


def changes_of(group: UUID | str, *, search: str = "", joined: bool | None = None) -> QuerySet[Any]:
    """Who joined a group and who left it, newest first; of ``search`` in the user name, of one of the two only."""
    return history.changes(group_row(group), search=search, joined=joined)


def changes_data(group: UUID | str, rows: Iterable[Any]) -> list[ChangeData]:
    """What ``changes_of`` gives, as frozen data, with what or who did it."""
    return history.told(group_row(group), rows)


def sizes_of(group: UUID | str, *, days: int) -> list[SizeData]:
    """How many members a group had on each of the last ``days``, today last; of a younger one since it was made."""
    return history.sizes(group_row(group), days, timezone.now())


def past_memberships_of_user(user_id: int) -> QuerySet[PastMembership]:
    """The groups that a user was in, with their scopes, the last one first; of deleted ones, too."""
    rows = PastMembership.objects.filter(user=user_id).select_related("group__scope")
    return rows.order_by("-left_at", "-pk")


def uses_of(group: UUID | str, *, asker: Asker = NOBODY) -> list[UseData]:
    """What is built on a group, as far as ``asker`` may see it: while there is something, it cannot be put away."""
    return uses.told_uses(group_row(group), asker)


def refresh_to_undo(group: UUID | str) -> RunData | None:
    """The refresh that ``undo_refresh`` would undo; None where there is none."""
    row = group_row(group)
    found = undoing.last(row).filter(group=row).select_related("group", "collection").first()
    return watching.run_data(found, timezone.now()) if found else None
