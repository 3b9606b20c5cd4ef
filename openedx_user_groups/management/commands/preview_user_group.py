"""Tells whom a rule would hold."""

from __future__ import annotations

import sys
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from ... import api
from ...data import PreviewData
from ..options import CANNOT_BEGIN, add_format, add_scope, as_json, as_table, usable_input


class Command(BaseCommand):
    """Nothing is stored."""

    # A plugin that cannot be loaded is an error of the checks, and keeps nobody from refreshing the other groups.
    requires_system_checks = ()
    help = "Say how many people, and on request which, a rule would hold now. Nothing is stored."
    stealth_options = ("stdin",)

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the scope and the rule."""
        add_scope(parser, required=True)
        parser.add_argument("--rule", metavar="JSON", required=True, help='the rule; "-" reads standard input')
        parser.add_argument("--ids", action="store_true", help="list the ids of the users, too")
        add_format(parser)

    def handle(self, *args: Any, scope: str, rule: str, ids: bool, format: str, **options: Any) -> None:
        """Evaluate and print."""
        text = self._read(options.get("stdin") or sys.stdin) if rule == "-" else rule
        try:
            with usable_input():
                found = api.preview(api.scope_of(scope), api.load_rule(text), user_ids=ids)
        except DatabaseError as error:
            raise CommandError(f"The database refused the rule: {error}", returncode=CANNOT_BEGIN) from error
        self.stdout.write(_json(found) if format == "json" else _text(found))

    def _read(self, stdin: TextIO) -> str:
        try:
            return stdin.read()
        except UnicodeDecodeError as error:
            raise CommandError(f"The rule is not UTF-8: {error}", returncode=CANNOT_BEGIN) from error


def _json(found: PreviewData) -> str:
    counts: dict[str, Any] = {"population": found.population, "count": found.count}
    return as_json(counts if found.user_ids is None else counts | {"user_ids": list(found.user_ids)})


def _text(found: PreviewData) -> str:
    leaves = [(leaf.matched, leaf.unknown, leaf.path, leaf.text) for leaf in found.leaves]
    parts = [
        f"{found.count:,} of {found.population:,} people match.",
        as_table(("Matched", "Unknown", "Path", "Criterion"), leaves),
    ]
    if found.user_ids is not None:
        parts.append("\n".join(map(str, found.user_ids)))
    return "\n\n".join(part for part in parts if part)
