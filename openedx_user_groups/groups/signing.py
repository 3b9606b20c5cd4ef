"""Signing: it is kept who changed the members of a group by hand, for its history."""

from __future__ import annotations

from collections.abc import Iterable

from ..models import ManualChange
from .deciding import Act


def sign(group_ids: Iterable[int], act: Act) -> None:
    """Keep who did something to groups; memberships that began or ended by it bear its instant."""
    if act.acting_user_id is None:
        return
    signed = [ManualChange(group_id=pk, at=act.at, author_id=act.acting_user_id) for pk in sorted(set(group_ids))]
    # Long lists are dealt with in batches, each of which comes here.
    ManualChange.objects.bulk_create(signed, ignore_conflicts=True)
