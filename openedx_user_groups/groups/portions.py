"""Portions of a list: what becomes of some of its rows, written together with their outcomes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.utils.translation import gettext as _

from ..data import MemberOutcome
from ..exceptions import UserGroupsError
from ..ids import IsAnyOf
from ..models import ImportedPerson, MemberImport
from ..platform import people, toggles
from . import assignment, by_collection, pending
from .deciding import Act, Outcome
from .entries import Also, named_already

Rows = list[ImportedPerson]


def settle(imported: MemberImport, rows: Sequence[ImportedPerson]) -> None:
    """Deal with some rows of a list. Raises UserGroupsError where it cannot be gone on with."""
    if not toggles.is_enabled(imported.scope.data):
        raise UserGroupsError(_("Groups are switched off here."))
    act = Act(
        at=imported.touched,
        acting_user_id=imported.author_id,
        discreet=imported.discreet,
        is_check=imported.is_check,
        reason=imported.reason,
    )
    deal_with = _take_out if imported.removes else _deal_with
    for (_turn, target, name), some in sorted(_parts(rows).items(), key=lambda part: part[0][:2]):
        try:
            deal_with(target, name, some, act)
        except UserGroupsError as error:
            if imported.group_id is not None:
                raise
            # The other groups of the list take theirs.
            for row in some:
                row.outcome, row.detail = Also.NO_GROUP.value, error.message
    _mark_named_otherwise(imported, rows)
    # Anew: an update of each with values of its own would take many times as long.
    ImportedPerson.objects.filter(IsAnyOf("pk", [row.pk for row in rows])).delete()
    ImportedPerson.objects.bulk_create(rows)


def _parts(rows: Sequence[ImportedPerson]) -> dict[tuple[int, int, str], Rows]:
    """The rows for each group, for each that is to be made, and for none of a collection: these come first."""
    parts: dict[tuple[int, int, str], Rows] = defaultdict(list)
    for row in rows:
        if row.group_id is not None:
            parts[1, row.group_id, ""].append(row)
        elif row.collection_id is not None:
            parts[2 if row.group_name else 0, row.collection_id, row.group_name].append(row)
    return parts


def _named(rows: Rows) -> list[str | int]:
    return [int(row.named) if row.is_id else row.named for row in rows]


def _take_out(target: int, _name: str, rows: Rows, act: Act) -> None:
    _tell(rows, assignment.remove(target, _named(rows), act))


def _deal_with(target: int, name: str, rows: Rows, act: Act) -> None:
    named = _named(rows)
    if rows[0].group_id is not None:
        _put(target, rows, assignment.add(target, named, act), act)
    elif not name:
        _tell(rows, by_collection.take_out(target, named, act))
    elif act.is_check:
        _put(None, rows, by_collection.foresee(target, named, act, name), act)
    else:
        group_id = by_collection.make(target, name, act.acting_user_id)
        for row in rows:
            row.group_id = group_id
        _put(group_id, rows, assignment.add(group_id, named, act), act)


def _tell(rows: Rows, outcomes: Sequence[MemberOutcome]) -> None:
    for row, outcome in zip(rows, outcomes, strict=True):
        row.outcome, row.detail, row.user_id = outcome.outcome, outcome.detail, outcome.user_id


def _put(group_id: int | None, rows: Rows, outcomes: Sequence[MemberOutcome], act: Act) -> None:
    _tell(rows, outcomes)
    waiting = [row for row in rows if _may_wait(row)]
    for row in waiting:
        row.outcome = Also.WAITING.value
        row.detail = _("They join as soon as they are here with this address, and have confirmed it.")
    if group_id is not None and not act.is_check:
        pending.wait(group_id, [row.named for row in waiting], act.acting_user_id, act.at)


def _may_wait(row: ImportedPerson) -> bool:
    """Whether an address waits. Whoever may not learn of accounts elsewhere gets the same answer for all of them."""
    return row.outcome == Outcome.UNKNOWN and not row.is_id and people.is_address(row.named)


def _mark_named_otherwise(imported: MemberImport, rows: Sequence[ImportedPerson]) -> None:
    """Who is named by user name and then by address is told so; of whom nothing may be learned, not even that."""
    users = [row.user_id for row in rows if row.user_id is not None]
    before = imported.people.filter(user__in=users).exclude(outcome=Also.REPEATED)
    first = {_seat(row): row for row in before}
    for row in rows:
        earlier = row if row.user_id is None else first.setdefault(_seat(row), row)
        if earlier is not row:
            row.outcome, row.detail = Also.REPEATED.value, named_already(earlier.line)


def _seat(row: ImportedPerson) -> tuple[object, ...]:
    return row.user_id, row.group_id, row.group_id is None and (row.collection_id, row.group_name)
