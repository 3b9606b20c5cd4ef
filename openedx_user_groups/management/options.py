"""What the commands share: the options that name scopes and groups, and how results are written."""

from __future__ import annotations

import json
from argparse import ArgumentParser, _ActionsContainer
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError

from .. import api
from ..data import GroupData, ScopeData
from ..exceptions import UserGroupsError

# Exit codes: all is well, something is not, or the command could not even begin.
NOT_WELL = 1
CANNOT_BEGIN = 2


def add_format(parser: ArgumentParser) -> None:
    """The option for how the result is written."""
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how the result is written")


def add_scope(parser: _ActionsContainer, **options: Any) -> None:
    """The option that names a scope."""
    parser.add_argument("--scope", metavar="KEY", help='course key, organization or "instance"', **options)


def add_group(parser: _ActionsContainer, **options: Any) -> None:
    """The option that names a group."""
    parser.add_argument("--group", metavar="UUID", help="UUID of the group", **options)


@contextmanager
def usable_input() -> Iterator[None]:
    """Errors of what was asked end the command with exit code 2, and their message on standard error."""
    try:
        yield
    except UserGroupsError as error:
        raise CommandError(str(error), returncode=CANNOT_BEGIN) from error


def scope_named(key: str) -> ScopeData:
    """The scope behind ``--scope``."""
    with usable_input():
        return api.scope_of(key)


def group_named(uuid: str) -> GroupData:
    """The group behind ``--group``."""
    with usable_input():
        return api.get_group(uuid)


def as_json(data: Any) -> str:
    """Data as one JSON document; what JSON does not know, such as UUIDs, as text."""
    return json.dumps(data, default=str)


def as_table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Rows under their headings; numbers to the right."""
    lines = [tuple(headings), *(tuple(map(printable, row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    right = [bool(rows) and all(isinstance(row[place], int | float) for row in rows) for place in range(len(headings))]
    return "\n".join(_line(line, widths, right) for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    columns = zip(cells, widths, right, strict=True)
    return "  ".join(cell.rjust(width) if numeric else cell.ljust(width) for cell, width, numeric in columns).rstrip()


def printable(value: object) -> str:
    """A value as it can be shown on a terminal: what somebody typed may hold control characters."""
    text = "" if value is None else str(value)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
