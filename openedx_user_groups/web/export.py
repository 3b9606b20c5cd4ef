"""The members of a group as CSV, a chunk at a time: as much memory for a million of them as for a thousand."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from rest_framework.renderers import BaseRenderer

from ..models import Membership
from .accounts import accounts

COLUMNS = ("username", "email", "name", "origin", "joined_at")
ROWS_AT_A_TIME = 1_000
# What makes a spreadsheet take the text of a cell for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class CSV(BaseRenderer):
    """Text in CSV; the view streams it, and errors are JSON."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> Any:
        """What is streamed is rendered already."""
        raise NotImplementedError


def response(members: QuerySet[Any], name: str) -> StreamingHttpResponse:
    """All ``members``, memberships or users, as a file of that name."""
    return StreamingHttpResponse(
        lines(members),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def lines(members: QuerySet[Any]) -> Iterator[str]:
    """The rows of the file, the header first, several in each text."""
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    for chunk in _chunks(members):
        people = accounts(row.user_id for row in chunk)
        texts = []
        for row in chunk:
            # An account may have gone while the file was written.
            if person := people.get(row.user_id):
                joined = row.joined_at.isoformat() if row.origin else ""
                cells = (person.username, person.email, person.name, row.origin, joined)
                texts.append(writer.writerow([disarmed(cell) for cell in cells]))
        yield "".join(texts)


def as_memberships(rows: Iterable[Any]) -> list[Membership]:
    """Memberships as they are; users as such that are nowhere stored, without an origin: they are everybody else."""
    return [row if isinstance(row, Membership) else Membership(user=row, origin="") for row in rows]


def _chunks(members: QuerySet[Any]) -> Iterator[Sequence[Membership]]:
    """By user id, each chunk going on where the last one ended: a cursor would hold all rows in the client's memory."""
    user = "user_id" if members.model is Membership else "pk"
    rows = members.select_related(None).order_by(user)
    last = 0
    while chunk := as_memberships(rows.filter(**{f"{user}__gt": last})[:ROWS_AT_A_TIME]):
        yield chunk
        last = chunk[-1].user_id


def disarmed(cell: str) -> str:
    """``cell`` as text for a spreadsheet, too."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


class _Echo:
    """What csv writes to, so that it gives each row back."""

    def write(self, text: str) -> str:
        return text
