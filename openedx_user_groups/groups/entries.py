"""Entries: the rows of a list of people as they stand there, and what is so of them by that alone."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import attrs
from django.utils.translation import gettext as _

from ..naming import name_key
from ..platform.people_file import Line
from .deciding import Outcome


class Also(StrEnum):
    """What can become of somebody in a file beside what becomes of people in a list."""

    WAITING = "waiting"
    REPEATED = "repeated"
    NO_GROUP = "no_group"
    TWO_GROUPS = "two_groups"
    OTHER_TRACK = "other_track"


# What is so by what stands in the file alone.
BY_THE_FILE = (Outcome.NOBODY, Also.REPEATED, Also.NO_GROUP, Also.TWO_GROUPS, Also.OTHER_TRACK)


@attrs.frozen
class Entry:
    """A row of a list; ``outcome`` of one that is settled by what stands there.

    ``collection_id`` is that of the group: somebody may be named for groups of several, and once for each. Without
    ``group_id`` it is to be in the group ``group_name`` of it, which the list makes, or without that in none of them.
    """

    line: int
    person: str | int
    group_id: int | None
    group_name: str = ""
    collection_id: int | None = None
    outcome: str = ""
    detail: str = ""


def entry_of(line: Line, group_id: int) -> Entry:
    """A line of a list that is for one group."""
    outcome = Outcome.NOBODY.value if line.fault else ""
    return Entry(line.number, line.person, group_id, outcome=outcome, detail=line.fault)


def without_repetitions(entries: Sequence[Entry]) -> list[Entry]:
    """The entries; whoever is named again is told where they were named first, and for which group if it is another."""
    first: dict[tuple[str | int, int | None], Entry] = {}
    found = []
    for entry in entries:
        earlier = entry if entry.outcome else first.setdefault((entry.person, entry.collection_id), entry)
        found.append(entry if entry is earlier else _again(entry, earlier))
    return found


def _again(entry: Entry, earlier: Entry) -> Entry:
    if (entry.group_id, _made(entry)) == (earlier.group_id, _made(earlier)):
        return attrs.evolve(entry, outcome=Also.REPEATED.value, detail=named_already(earlier.line))
    if earlier.group_name:
        detail = _("Line {line} puts them into {group} already; decide for one of them.")
    else:
        detail = _("Line {line} takes them out of the groups of this column; decide for one of them.")
    detail = detail.format(line=earlier.line, group=earlier.group_name)
    return attrs.evolve(entry, outcome=Also.TWO_GROUPS.value, detail=detail)


def _made(entry: Entry) -> str:
    """The group that the list makes for it, however it is written."""
    return name_key(entry.group_name) if entry.group_id is None and entry.group_name else ""


def named_already(line: int) -> str:
    """What is said of who is named again."""
    return _("Line {line} names them already.").format(line=line)
