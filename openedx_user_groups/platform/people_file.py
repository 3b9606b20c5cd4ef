"""Files of people: a text with one person a line, or CSV with a column username, email or id."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs
from django.utils.translation import gettext as _

from .encodings import UnreadableFile, decoded
from .people import is_address

__all__ = ["MAX_ROWS", "Line", "Table", "UnreadableFile", "lines", "named_in", "pasted", "table"]

HEADERS = ("username", "email", "id")
# How else the platform's own reports and other programs call them.
ALSO: Mapping[str, str] = {
    "emailaddress": "email",
    "mail": "email",
    "user": "username",
    "userid": "id",
    "usernameoremail": "username",
}
DELIMITERS = (",", ";", "\t")
MAX_ROWS = 10_000
MAX_COLUMNS = 200
# Excel's own way to say what stands between the cells.
SEPARATOR = re.compile(r"sep=(.)\s*(?:\r\n|\r|\n)", re.IGNORECASE)
# In pasted text: between people in whatever script; what may stand in an address as well, where it stands by itself;
# and around an address as mail programs write it.
BETWEEN = re.compile("[,;\u060c\u061b\u3001\uff0c\uff1b\uff5c\uff0f\n\r]+" r"|(?<![^\s>])[|/]+|[|/]+(?![^\s<])")
WITHIN = re.compile(r"[|/]+")
IN_BRACKETS = re.compile(r"<([^<>\s]+@[^<>\s]+)>")
AROUND = "\"'<>()[]"


@attrs.frozen
class Line:
    """A person on a line of a file: a number is an id. ``fault`` says why a line names nobody."""

    number: int
    person: str | int
    fault: str = ""


@attrs.frozen
class Table:
    """The rows of a file by the number of their line, and what the columns are called; no names without a header."""

    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    def place(self, *names: str) -> int | None:
        """Where the first of some columns is that is there."""
        return next((self.columns.index(name) for name in names if name in self.columns), None)

    def cell(self, row: Sequence[str], place: int | None) -> str:
        """What stands there in a row; nothing past its end."""
        return row[place] if place is not None and place < len(row) else ""


def lines(content: bytes) -> list[Line]:
    """The people named in a file, in its order; raises UnreadableFile that names the line.

    A first line with ``username``, ``email`` or ``id`` is a header; without one there is but one column.
    Empty lines are passed over.
    """
    found = table(content)
    if (
        not found.columns
        and len({place for _line, cells in found.rows for place, cell in enumerate(cells) if cell}) > 1
    ):
        told = _(
            "Line {line}: it names no column username, email or id; write these names above the columns, or leave one "
            "column, with a person on each line."
        )
        raise UnreadableFile(told.format(line=found.rows[0][0]))
    return [person_of(found, number, cells) for number, cells in found.rows]


def pasted(text: str) -> list[Line]:
    """The people named in a text, with commas, semicolons, bars, slashes, blanks or ends of lines between them."""
    rows = enumerate(text.splitlines(), start=1)
    return [Line(number, name) for number, row in rows for name in named_in(row)]


def named_in(text: str) -> list[str]:
    """The same without their lines."""
    found: list[str] = []
    for part in BETWEEN.split(text):
        words = IN_BRACKETS.findall(part) or [word.strip(AROUND) for word in part.split()]
        for word in words:
            found += [word] if is_address(word) else [name.strip(AROUND) for name in WITHIN.split(word)]
    return [name for name in found if name]


def table(content: bytes) -> Table:
    """The rows of a file; raises UnreadableFile."""
    rows = list(_rows(decoded(content)))
    named = [_column(cell) for cell in rows[0][1]] if rows else []
    if not set(HEADERS).intersection(named):
        return Table((), tuple(rows))
    check_once(named, HEADERS, rows[0][0])
    # Any other column is called as it stands there.
    titles = tuple(name if name in HEADERS else cell for name, cell in zip(named, rows[0][1], strict=True))
    return Table(titles, tuple(rows[1:]))


def check_once(named: Sequence[str], names: Iterable[str], line: int = 1) -> None:
    """Raises UnreadableFile where one of some columns is there twice."""
    doubled = next((name for name in names if named.count(name) > 1), None)
    if doubled is not None:
        told = _("Line {line}: the column {name} is there twice; delete or rename one of them.")
        raise UnreadableFile(told.format(line=line, name=doubled))


def person_of(found: Table, number: int, cells: Sequence[str]) -> Line:
    """Whom a row is about: the first of its columns for that which has something in it."""
    if not found.columns:
        return Line(number, cells[0], "" if cells[0] else _("It has nothing in the first column."))
    present = [name for name in HEADERS if name in found.columns]
    for name in present:
        if cell := found.cell(cells, found.place(name)):
            return _by_id(number, cell) if name == "id" else Line(number, cell)
    return Line(number, "", _("It has nothing in the column {name}.").format(name=", ".join(present)))


def _by_id(line: int, cell: str) -> Line:
    if not (cell.isascii() and cell.isdigit()):
        return Line(line, cell, _("It is not an id: these are whole numbers."))
    return Line(line, int(cell[:20]))


def _column(cell: str) -> str:
    """What a column is called, however it is written: E-mail, User name, user_id."""
    word = re.sub(r"[^a-z]", "", cell.lower())
    return ALSO.get(word, word)


def _rows(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    said = SEPARATOR.match(text)
    first = text.lstrip().partition("\n")[0]
    delimiter = said[1] if said else max(DELIMITERS, key=first.count)
    skipped = 1 if said else 0
    reader = csv.reader(io.StringIO(text[said.end() :] if said else text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            cells = tuple(cell.strip() for cell in row)
            if len(cells) > MAX_COLUMNS:
                told = _("Line {line}: it has {count} columns; write each person on a line of their own.")
                raise UnreadableFile(told.format(line=reader.line_num + skipped, count=len(cells)))
            if any(cells):
                yield reader.line_num + skipped, cells
    except csv.Error as error:
        raise UnreadableFile(_broken(error, reader.line_num + skipped)) from None


def _broken(error: csv.Error, line: int) -> str:
    if "field limit" in str(error):
        told = _("Line {line}: it is too long for a person; write each person on a line of their own.")
    else:
        told = _("Line {line}: a quotation mark is in the wrong place; take it away, or put two within quoted text.")
    return told.format(line=max(line, 1))
