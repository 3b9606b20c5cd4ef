"""Drift: how stored members differ from a new evaluation. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import DatabaseError

from ..data import GroupDrift
from ..evaluation.definition import groups_of
from ..evaluation.difference import difference
from ..exceptions import CriterionError


def drift_of(collection_id: int, now: datetime) -> Iterator[GroupDrift]:
    """Of each refreshed group of a collection, who should be in it and is not, and who is and should not be."""
    groups = groups_of([collection_id])
    refreshed = [group for group in groups if group.is_refreshed]
    if not refreshed:
        return
    try:
        found = difference(groups, now)
    except (CriterionError, DatabaseError) as error:
        yield from (GroupDrift(group.uuid, group.name, (), (), str(error)) for group in refreshed)
        return
    for group in refreshed:
        joining, leaving = found.joiners[group.group_id], found.leavers[group.group_id]
        yield GroupDrift(group.uuid, group.name, tuple(sorted(joining)), tuple(sorted(leaving)))
