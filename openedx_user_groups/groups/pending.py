"""Pending members: e-mail addresses that wait for somebody to turn up with them who belongs to the group's population.

Somebody, that is an active account: whoever has not shown yet that an address is theirs gets nothing by it.
"""

from __future__ import annotations

import hashlib
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils import timezone

from ..batches import batches
from ..events import listening
from ..exceptions import UserGroupsError
from ..ids import IsAnyOf
from ..models import PendingMember, UserGroup
from ..platform import lms, people
from ..text import fold
from . import assignment
from .deciding import Act, Outcome

log = logging.getLogger(__name__)

RETIRED = "user_api.UserRetirementStatus"


def key_of(email: str) -> str:
    """What two addresses share that are the same but for the case of ASCII letters."""
    return hashlib.sha256(fold(email.strip()).encode()).hexdigest()


def wait(group_id: int, emails: Iterable[str], author_id: int | None, at: datetime) -> None:
    """Let addresses wait for a group; who waits already goes on."""
    rows = [
        PendingMember(group_id=group_id, email=email, email_key=key_of(email), author_id=author_id, created=at)
        for email in emails
    ]
    if rows:
        PendingMember.objects.bulk_create(rows, ignore_conflicts=True)
        # From now on it matters in this scope who registers and who enrolls.
        listening.changed()


def waiting_for(group_id: int) -> QuerySet[PendingMember]:
    """Who waits for a group, by address."""
    return PendingMember.objects.filter(group=group_id).order_by("email", "pk")


def forget(group_id: int, ids: Collection[int]) -> int:
    """Let some wait no longer; how many these were."""
    return PendingMember.objects.filter(group=group_id, pk__in=ids).delete()[0]


def settle(users: Iterable[int], scope_id: int | None = None) -> None:
    """Put those of some users into groups of a scope, or of all, for which their addresses wait."""
    waiting = PendingMember.objects.exclude(group__status__in=(UserGroup.Status.ARCHIVED, UserGroup.Status.DELETED))
    if scope_id is not None:
        waiting = waiting.filter(group__scope=scope_id)
    if not waiting.exists():
        return
    for some in batches(sorted(set(users))):
        active = get_user_model()._default_manager.filter(IsAnyOf("pk", some), is_active=True).exclude(email="")
        by_key = {key_of(email): pk for pk, email in active.values_list("pk", "email")}
        found: dict[int, dict[int, PendingMember]] = defaultdict(dict)
        for row in waiting.filter(email_key__in=by_key):
            found[row.group_id][by_key[row.email_key]] = row
        for group_id, rows in found.items():
            _join(group_id, rows)


def _join(group_id: int, rows: dict[int, PendingMember]) -> None:
    for author_id in {row.author_id for row in rows.values()}:
        mine = {user: row for user, row in rows.items() if row.author_id == author_id}
        try:
            outcomes = assignment.add(group_id, list(mine), Act(at=timezone.now(), acting_user_id=author_id))
        except UserGroupsError as error:
            log.info("User groups: addresses wait for group %s: %s", group_id, error)
            continue
        # Those who do not belong to it yet wait until they do.
        settled = [one.user_id for one in outcomes if one.outcome != Outcome.NOT_IN_POPULATION and one.user_id]
        PendingMember.objects.filter(pk__in=[mine[user].pk for user in settled]).delete()


def settle_all() -> None:
    """Look for everybody who waits, whatever events have said."""
    last = 0
    while rows := list(PendingMember.objects.filter(pk__gt=last).order_by("pk")[:1_000]):
        last = rows[-1].pk
        found = people.resolve(row.email for row in rows)
        settle(person.user_id for person in found if person.user_id is not None)


def erase(names: Iterable[str]) -> None:
    """Forget the addresses among the names of somebody who is being retired."""
    PendingMember.objects.filter(email_key__in=[key_of(name) for name in names]).delete()


def names_of(user_id: int) -> set[str]:
    """The user names and addresses that somebody has, and had before they were retired."""
    found = list(get_user_model()._default_manager.filter(pk=user_id).values_list("username", "email"))
    if lms.is_installed(RETIRED):
        found += lms.rows(RETIRED).filter(user_id=user_id).values_list("original_username", "original_email")
    return {name for names in found for name in names if name}
