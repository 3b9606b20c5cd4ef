"""Retirement: a person is erased from every table that tells what groups they are or were in."""

from __future__ import annotations

from collections import Counter

from . import lease
from .models import Exclusion, Membership, PastMembership, Revision, UserGroup
from .placement import count
from .retrying import in_transaction


def retire_user(user_id: int) -> None:
    """Erase a user from memberships, past memberships and exclusions, and as the author of anything."""

    def act() -> None:
        mine = Membership.objects.filter(user_id=user_id)
        lease.lock(list(mine.values_list("collection_id", flat=True)))
        groups = list(mine.values_list("group_id", flat=True))
        mine.delete()
        count(Counter(), Counter(groups))
        PastMembership.objects.filter(user_id=user_id).delete()
        Exclusion.objects.filter(user_id=user_id).delete()
        Exclusion.objects.filter(author_id=user_id).update(author=None)
        Revision.objects.filter(author_id=user_id).update(author=None)
        UserGroup.objects.filter(created_by_id=user_id).update(created_by=None)
        UserGroup.objects.filter(modified_by_id=user_id).update(modified_by=None)

    in_transaction(act)
