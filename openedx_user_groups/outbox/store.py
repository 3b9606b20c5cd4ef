"""The outbox: what has happened is noted in the transaction in which it happened, and dealt with by a drain.

A row is only ever inserted, claimed and deleted. Nothing is looked for before it is added, so that adding waits for
nobody; ids are claimed one by one and never up to the highest, for transactions commit in another order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TypeVar
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from ..models import Announcement, Change
from . import noted

RowT = TypeVar("RowT", Change, Announcement)

ROWS_AT_A_TIME = 1_000


def note(
    users: Iterable[int], source: str, *, scopes: Iterable[int | None] = (None,), group_id: int | None = None
) -> None:
    """Note that something about users may have changed, in the transaction of whoever calls.

    ``source`` is the type of the event or the label of the table; ``scopes`` are the ids of those it is about, None
    for all that the user has to do with; ``group_id`` the group whose members have changed.
    """
    now = timezone.now()
    where = list(scopes)
    Change.objects.bulk_create(
        (
            Change(created=now, user_id=user, scope_id=scope_id, source=source, group_id=group_id)
            for user in users
            for scope_id in where
        ),
        batch_size=ROWS_AT_A_TIME,
    )


def unclaimed(rows: QuerySet[RowT]) -> QuerySet[RowT]:
    """Those of some rows on which nobody works, or nobody any more.

    A claim that lasts longer than any that is made now is of a clock that has jumped.
    """
    now = timezone.now()
    ahead = Q(claimed_until__gt=now + 2 * _duration())
    return rows.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lt=now) | ahead)


def claim(rows: QuerySet[RowT], limit: int) -> list[RowT]:
    """The oldest of some rows on which nobody works, for the caller alone until the claim runs out.

    There can be fewer than there are, when another worker claims the same ones right now.
    """
    noted.forget()
    found = list(unclaimed(rows).order_by("pk")[:limit])
    if not found:
        return []
    token, until = uuid4(), timezone.now() + _duration()
    # The condition once more: what another one has claimed meanwhile is theirs.
    some = rows.model._default_manager.filter(pk__in=[row.pk for row in found])
    if unclaimed(some).update(claim=token, claimed_until=until) < len(found):
        return list(some.filter(claim=token).order_by("pk"))
    for row in found:
        row.claim, row.claimed_until = token, until
    return found


def done(rows: Sequence[RowT]) -> None:
    """Delete exactly these rows, in the transaction that has dealt with them."""
    if rows:
        type(rows[0])._default_manager.filter(pk__in=[row.pk for row in rows]).delete()


def give_back(rows: Sequence[RowT]) -> None:
    """Let others claim these rows at once."""
    if rows:
        tokens: set[UUID | None] = {row.claim for row in rows}
        mine = type(rows[0])._default_manager.filter(pk__in=[row.pk for row in rows], claim__in=tokens)
        mine.update(claim=None, claimed_until=None)


def _duration() -> timedelta:
    return timedelta(seconds=settings.OPENEDX_USER_GROUPS_CLAIM_SECONDS)
