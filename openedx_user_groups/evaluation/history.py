"""History: who joined and left a group, by what, and how many members it had day by day. Reads only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, BooleanField, Count, F, Q, QuerySet, Value
from django.db.models.functions import Cast

from ..data import ChangeData, SizeData
from ..ids import IsAnyOf
from ..models import Exclusion, ManualChange, Membership, PastMembership, RefreshRun, UserGroup
from ..text import Contains

# The columns of a change, as ``changes`` gives them.
COLUMNS = ("at", "user", "joins", "way", "by_run")

Row = Mapping[str, Any]


def changes(group: UserGroup, *, search: str = "", joined: bool | None = None) -> QuerySet[Any]:
    """Everybody who joined or left, newest first, as far back as it is kept; with ``search`` in the user name.

    With ``joined`` only those who joined, or else who left.
    """
    named = Q(Contains("user__username", search)) if search else Q()
    now, past = Membership.objects.filter(named, group=group), PastMembership.objects.filter(named, group=group)
    # PostgreSQL takes a bare NULL for text, which then does not go with a number.
    none = Cast(Value(None), BigIntegerField())
    joins = [_as_changes(now, "joined_at", True, none), _as_changes(past, "joined_at", True, none)]
    leaves = [_as_changes(past, "left_at", False, F("run_id"))]
    first, *rest = joins if joined else leaves if joined is False else joins + leaves
    return first.union(*rest, all=True).order_by("-at", "-user") if rest else first.order_by("-at", "-user")


def _as_changes(rows: QuerySet[Any], at: str, joins: bool, run: Any) -> QuerySet[Any]:
    columns = {"at": F(at), "joins": Value(joins, output_field=BooleanField()), "way": F("origin"), "by_run": run}
    return rows.order_by().annotate(**columns).values(*COLUMNS)


def told(group: UserGroup, rows: Iterable[Row]) -> list[ChangeData]:
    """What ``changes`` gives with what is known of how it came; the number of queries does not grow with them."""
    found = list(rows)
    runs = RefreshRun.objects.filter(group=group)
    left_by = runs.in_bulk([row["by_run"] for row in found if row["by_run"] is not None])
    # What a refresh writes bears the instant at which it began.
    began = {run.started: run for run in runs.filter(started__in={row["at"] for row in found if row["joins"]})}
    kept_out = _kept_out(group, [row for row in found if not row["joins"]])
    by_hand = ManualChange.objects.filter(group=group, at__in={row["at"] for row in found})
    authors = dict(by_hand.values_list("at", "author"))
    return [
        _change(row, (began.get(row["at"]) if row["joins"] else left_by.get(row["by_run"])), kept_out, authors)
        for row in found
    ]


def _kept_out(group: UserGroup, rows: Sequence[Row]) -> dict[tuple[int, datetime], Exclusion]:
    """The exclusions by which people left, by who and when."""
    found = Exclusion.objects.filter(IsAnyOf("user_id", sorted({row["user"] for row in rows})), group=group)
    return {(each.user_id, each.created): each for each in found} if rows else {}


def _change(
    row: Row,
    run: RefreshRun | None,
    kept_out: Mapping[tuple[int, datetime], Exclusion],
    authors: Mapping[datetime, int | None],
) -> ChangeData:
    exclusion = None if row["joins"] else kept_out.get((row["user"], row["at"]))
    return ChangeData(
        at=row["at"],
        user_id=row["user"],
        joined=bool(row["joins"]),
        origin=row["way"],
        run_uuid=run.uuid if run else None,
        causes=tuple(run.causes) if run else (),
        by_id=run.requested_by_id if run else authors.get(row["at"]),
        is_kept_out=exclusion is not None,
        reason=exclusion.reason if exclusion else "",
    )


def sizes(group: UserGroup, days: int, now: datetime) -> list[SizeData]:
    """The members at the end of each of the last ``days``, today last.

    Counted backwards from now, so that it does not matter when what was longer ago is forgotten.
    """
    today = now.astimezone(UTC).date()
    first = max(today - timedelta(days=days - 1), group.created.astimezone(UTC).date())
    since = datetime(first.year, first.month, first.day, tzinfo=UTC)
    here, past = Membership.objects.filter(group=group), PastMembership.objects.filter(group=group)
    joined = _by_day(here, "joined_at", since) + _by_day(past, "joined_at", since)
    left = _by_day(past, "left_at", since)
    members, found = group.member_count, []
    for day in (today - timedelta(days=back) for back in range((today - first).days + 1)):
        found.append(SizeData(day, max(members, 0), joined[day], left[day]))
        members += left[day] - joined[day]
    return found[::-1]


def _by_day(rows: QuerySet[Any], column: str, since: datetime) -> Counter[date]:
    """How many there were on each day; what a refresh writes bears one instant, so that there are few of them."""
    found: Counter[date] = Counter()
    instants = rows.filter(**{f"{column}__gte": since}).order_by().values_list(column)
    for instant, number in instants.annotate(n=Count("pk")):
        found[instant.astimezone(UTC).date()] += number
    return found
