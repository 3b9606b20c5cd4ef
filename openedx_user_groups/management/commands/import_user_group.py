"""Puts the people of a file into a group."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any, TextIO

import attrs
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ... import api
from ...data import MemberOutcome
from ..options import CANNOT_BEGIN, NOT_WELL, add_format, add_group, as_json, as_table, group_named, usable_input

# The outcomes after which somebody is in the group.
IN = frozenset({"added", "already_in", "moved"})


class Command(BaseCommand):
    """An outcome for everybody; those who can be put into the group are, whatever becomes of the others."""

    # A plugin that cannot be loaded is an error of the checks, and keeps nobody from refreshing the other groups.
    requires_system_checks = ()
    help = "Put the people of a text or CSV file (columns username, email or id) into a group."
    stealth_options = ("stdin",)

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the group and the file."""
        add_group(parser, required=True)
        parser.add_argument("file", metavar="FILE", help='one person a line, or CSV; "-" reads standard input')
        add_format(parser)

    def handle(self, *args: Any, group: str, file: str, format: str, **options: Any) -> None:
        """Import and print; exit code 1 when somebody is not in the group."""
        target = group_named(group)
        content = self._read(file, options.get("stdin") or sys.stdin)
        with usable_input():
            outcomes = api.import_members(target.uuid, content)
        summary = dict(Counter(one.outcome for one in outcomes).most_common())
        self.stdout.write((_json if format == "json" else _text)(str(target.uuid), outcomes, summary))
        if not IN.issuperset(summary):
            raise SystemExit(NOT_WELL)

    def _read(self, file: str, stdin: TextIO) -> bytes:
        try:
            return stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        except (OSError, ValueError) as error:
            raise CommandError(f"The file cannot be read: {error}", returncode=CANNOT_BEGIN) from error


def _json(group: str, outcomes: list[MemberOutcome], summary: dict[str, int]) -> str:
    return as_json({"group": group, "summary": summary, "people": [attrs.asdict(one) for one in outcomes]})


def _text(group: str, outcomes: list[MemberOutcome], summary: dict[str, int]) -> str:
    people = as_table(("Person", "Outcome", "Detail"), [(one.person, one.outcome, one.detail) for one in outcomes])
    counted = ", ".join(f"{count:,} {outcome}" for outcome, count in summary.items())
    return f"{people}\n\n{counted or 'The file names nobody.'}"
