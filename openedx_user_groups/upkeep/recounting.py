"""Recounting: the stored numbers of members are put right, which count along with who joins and leaves.

Who was put in by hand sleeps and wakes with the enrollment, and no row tells of it.
"""

from __future__ import annotations

from functools import partial

from django.utils import timezone

from ..evaluation import counting
from ..evaluation.definition import groups_of
from ..models import Membership, Origin, UserGroup
from ..refresh import lease
from ..retrying import in_transaction


def recount() -> None:
    """Count the members of all groups anew in whose collections somebody may sleep."""
    rows = Membership.objects.order_by().exclude(origin=Origin.RULE)
    for collection_id in sorted(rows.values_list("collection_id", flat=True).distinct()):
        in_transaction(partial(_recount, collection_id))


def _recount(collection_id: int) -> None:
    lease.lock([collection_id])
    groups = groups_of([collection_id])
    members = counting.count_members(groups, timezone.now())
    for group in groups:
        if members[group.group_id] != group.member_count:
            UserGroup.objects.filter(pk=group.group_id).update(member_count=members[group.group_id])
