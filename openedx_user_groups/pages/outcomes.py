"""What became of people in a list, as it is read on a page and in a file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ..models import ImportedPerson
from ..web.accounts import usernames
from ..web.export import disarmed

COLUMNS = ("line", "person", "group", "username", "outcome", "detail")
ROWS_AT_A_TIME = 1_000


@attrs.frozen
class Kind:
    """An outcome in words: for real, and in a check; and whether it is good, or something to be looked at."""

    name: str
    done: str | Promise
    would: str | Promise
    tone: str = "warn"


_KINDS = (
    Kind("added", pgettext_lazy("outcome", "added"), pgettext_lazy("outcome", "will be added"), "good"),
    Kind("moved", pgettext_lazy("outcome", "moved"), pgettext_lazy("outcome", "will be moved"), "good"),
    Kind("removed", pgettext_lazy("outcome", "taken out"), pgettext_lazy("outcome", "will be taken out"), "good"),
    Kind("waiting", pgettext_lazy("outcome", "waits"), pgettext_lazy("outcome", "will wait"), "good"),
    Kind("already_in", _("in it already"), _("in it already"), ""),
    Kind("not_in", _("was not in it"), _("is not in it"), ""),
    Kind("repeated", _("named twice"), _("named twice"), ""),
    Kind("two_groups", _("named for two groups"), _("named for two groups")),
    Kind("other_track", _("in another track"), _("in another track")),
    Kind("no_group", _("no such group"), _("no such group")),
    Kind("not_in_population", _("does not belong here"), _("does not belong here")),
    Kind("excluded", _("kept out"), _("kept out")),
    Kind("nobody", _("names nobody"), _("names nobody"), "bad"),
    Kind("unknown", _("not found"), _("not found"), "bad"),
    Kind("ambiguous", _("several accounts fit"), _("several accounts fit"), "bad"),
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _KINDS}
# Who is to be looked for once more, and who is in the group by the list.
NOT_FOUND = ("unknown", "ambiguous")
JOINED = ("added", "moved")


@attrs.frozen
class Shown:
    """An outcome as it is shown, with how many have it."""

    name: str
    label: str | Promise
    tone: str
    number: int = 0


def shown(outcome: str, *, is_check: bool, number: int = 0) -> Shown:
    """An outcome in words; that of one whose turn has not come yet is no word."""
    kind = KINDS.get(outcome, Kind(outcome, outcome or "…", outcome or "…", ""))
    return Shown(kind.name, kind.would if is_check else kind.done, kind.tone, number)


def summary(counts: Mapping[str, int], *, is_check: bool) -> list[Shown]:
    """How many have each outcome, in the order in which they are told."""
    return [shown(name, is_check=is_check, number=counts[name]) for name in KINDS if counts.get(name)]


def table(rows: Sequence[ImportedPerson], *, is_check: bool) -> list[dict[str, Any]]:
    """Rows with who it is and what became of them."""
    names = usernames(row.user_id for row in rows)
    return [
        {"row": row, "username": names.get(row.user_id or 0, ""), "outcome": shown(row.outcome, is_check=is_check)}
        for row in rows
    ]


def as_text(rows: QuerySet[ImportedPerson]) -> str:
    """Whom a list names, to be written once more; a number would be read as a user name."""
    named = rows.filter(is_id=False).exclude(outcome__in=("repeated", "nobody")).values_list("named", flat=True)
    return "\n".join(named)


def as_csv(rows: QuerySet[ImportedPerson], name: str, *, is_check: bool) -> StreamingHttpResponse:
    """All rows as a file."""
    return StreamingHttpResponse(
        _lines(rows, is_check=is_check),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _lines(rows: QuerySet[ImportedPerson], *, is_check: bool) -> Iterator[str]:
    writer = csv.writer(_Echo())
    # The mark by which Excel knows UTF-8.
    yield "\ufeff" + writer.writerow(COLUMNS)
    for chunk in _chunks(rows):
        cells = (_cells(each) for each in table(chunk, is_check=is_check))
        yield "".join(writer.writerow([disarmed(cell) for cell in row]) for row in cells)


def _cells(each: Mapping[str, Any]) -> Iterable[str]:
    row = each["row"]
    group = row.group_name or getattr(row.group or row.collection, "name", "")
    return (str(row.line), row.named, group, each["username"], str(each["outcome"].label), row.detail)


def _chunks(rows: QuerySet[ImportedPerson]) -> Iterator[list[ImportedPerson]]:
    last = -1
    while chunk := list(rows.filter(position__gt=last)[:ROWS_AT_A_TIME]):
        yield chunk
        last = chunk[-1].position


class _Echo:
    """What csv writes to, so that it gives each row back."""

    def write(self, text: str) -> str:
        return text
