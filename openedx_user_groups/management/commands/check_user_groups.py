"""Tells where stored members, plugins and criteria are not what they should be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from tqdm import tqdm

from ... import api
from ...data import GroupDrift
from ...findings import Findings
from ..options import NOT_WELL, add_format, add_group, add_scope, as_json, as_table, group_named, scope_named

# How many ids are shown of those who should be in, and of those who should not.
SHOWN = 10


class Command(BaseCommand):
    """Writes nothing; refresh_user_groups brings the members into line."""

    help = (
        "Evaluate groups again and say what differs, and what is wrong with plugins and criteria. Nothing is written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the scope or the group; all active dynamic groups without."""
        which = parser.add_mutually_exclusive_group()
        add_scope(which)
        add_group(which)
        add_format(parser)

    def handle(self, *args: Any, scope: str | None, group: str | None, format: str, **options: Any) -> None:
        """Check and print; exit code 1 when something differs or is broken."""
        drifts = list(_drifts(scope, group))
        found = api.findings()
        self.stdout.write((_json if format == "json" else _text)(drifts, found))
        differs = any(one.missing or one.surplus or one.error for one in drifts)
        if differs or found.broken_plugins or found.unknown_criteria:
            raise SystemExit(NOT_WELL)


def _drifts(scope: str | None, group: str | None) -> Iterator[GroupDrift]:
    if group is not None:
        one = api.check_group(group_named(group).uuid)
        yield from [one] if one else []
        return
    groups = api.groups_to_refresh(scope=None if scope is None else scope_named(scope))
    collections = dict.fromkeys(each.collection.uuid for each in groups)
    for collection in tqdm(collections, desc="Checking", unit=" collections", disable=None, leave=False):
        yield from api.check_collection(collection)


def _json(drifts: list[GroupDrift], found: Findings) -> str:
    return as_json(
        {
            "groups": [
                {
                    "group": one.name,
                    "uuid": one.group_uuid,
                    "missing": len(one.missing),
                    "surplus": len(one.surplus),
                    "missing_ids": one.missing[:SHOWN],
                    "surplus_ids": one.surplus[:SHOWN],
                    "error": one.error,
                }
                for one in drifts
            ],
            "broken_plugins": dict(found.broken_plugins),
            "unknown_criteria": dict(found.unknown_criteria),
            "unknown_events": dict(found.unknown_events),
        }
    )


def _text(drifts: list[GroupDrift], found: Findings) -> str:
    wrong = [one for one in drifts if one.missing or one.surplus or one.error]
    rows = [
        (one.name, len(one.missing), len(one.surplus), one.error or _first(one.missing, "+") + _first(one.surplus, "-"))
        for one in wrong
    ]
    parts = [as_table(("Group", "Missing", "Surplus", "Who, or why"), rows)] if rows else []
    parts.append(f"{len(drifts) - len(wrong):,} of {len(drifts):,} groups are as their rules want them.")
    parts += [f"Cannot be loaded: {name} ({reason})" for name, reason in found.broken_plugins.items()]
    parts += [f"No package offers {name}: {_listed(groups)}" for name, groups in found.unknown_criteria.items()]
    parts += [f"{name} waits for what is not here: {_listed(events)}" for name, events in found.unknown_events.items()]
    return "\n".join(parts)


def _first(ids: tuple[int, ...], sign: str) -> str:
    more = " ..." if len(ids) > SHOWN else ""
    return " ".join(f"{sign}{pk}" for pk in ids[:SHOWN]) + more + (" " if ids else "")


def _listed(items: tuple[object, ...]) -> str:
    return ", ".join(map(str, items))
