"""Files of people: a text with one person a line, or CSV with a column username, email or id."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from .exceptions import UserGroupsError

HEADERS = ("username", "email", "id")
DELIMITERS = (",", ";", "\t")


class UnreadableFile(UserGroupsError):
    """The file is no text in UTF-8 with one person a line."""


def read(content: bytes) -> list[str | int]:
    """The people named in a file, in its order; raises UnreadableFile that names the line.

    A first line with ``username``, ``email`` or ``id`` is a header; without one every line's first column counts.
    Empty lines are passed over.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UnreadableFile(_("Line {line}: it is not UTF-8; save the file as UTF-8.").format(line=line)) from None
    rows = list(_rows(text))
    return [_person(row, number, column) for number, row, column in _people(rows)]


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.lstrip().partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise UnreadableFile(_("Line {line}: {error}.").format(line=reader.line_num, error=error)) from None


def _people(rows: Sequence[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str], tuple[str, int]]]:
    header = [cell.lower() for cell in rows[0][1]] if rows else []
    column = next(((name, header.index(name)) for name in HEADERS if name in header), None)
    for number, cells in rows[1:] if column else rows:
        yield number, cells, column or ("", 0)


def _person(cells: list[str], line: int, column: tuple[str, int]) -> str | int:
    name, place = column
    if place >= len(cells) or not cells[place]:
        raise UnreadableFile(_("Line {line}: it has nothing in the column {name}.").format(line=line, name=name))
    if name != "id":
        return cells[place]
    if not (cells[place].isascii() and cells[place].isdigit()):
        raise UnreadableFile(_("Line {line}: {cell!r} is not an id.").format(line=line, cell=cells[place]))
    return int(cells[place][:20])
