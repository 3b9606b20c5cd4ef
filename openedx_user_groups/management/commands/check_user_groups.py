"""Tells where members, groups, the schedule, plugins and criteria are not what they should be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import attrs
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from tqdm import tqdm

from ... import api
from ...api.findings import Findings
from ...data import GroupDrift
from ...refresh.conditions import Backlog, Unwell
from ..options import NOT_WELL, add_format, add_group, add_scope, as_json, as_table, group_named, scope_named

# How many ids are shown of those who should be in, and of those who should not.
SHOWN = 10


@attrs.frozen
class Report:
    """Everything that was found."""

    drifts: list[GroupDrift]
    unwell: list[Unwell]
    backlog: Backlog | None
    findings: Findings

    @property
    def is_well(self) -> bool:
        """Whether nobody has to do anything."""
        if any(one.missing or one.surplus or one.error for one in self.drifts):
            return False
        found = self.findings
        return not (self.unwell or self.backlog or found.broken_plugins or found.unknown_criteria)


class Command(BaseCommand):
    """Writes nothing; refresh_user_groups brings the members into line."""

    # A plugin that cannot be loaded is an error of the checks, and keeps nobody from refreshing the other groups.
    requires_system_checks = ()
    help = (
        "Evaluate groups again and say what differs, which groups are broken, held, stale or overdue, and what is "
        "wrong with plugins and criteria. Nothing is written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the scope or the group; all active dynamic groups without."""
        which = parser.add_mutually_exclusive_group()
        add_scope(which)
        add_group(which)
        add_format(parser)

    def handle(self, *args: Any, scope: str | None, group: str | None, format: str, **options: Any) -> None:
        """Check and print; exit code 1 when something differs, is not well or is broken."""
        report = Report(list(_drifts(scope, group)), _unwell(scope, group), api.backlog(), api.findings())
        self.stdout.write((_json if format == "json" else _text)(report))
        if not report.is_well:
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


def _unwell(scope: str | None, group: str | None) -> list[Unwell]:
    if group is not None:
        one = group_named(group)
        return [each for each in api.unwell_groups(scope=one.scope) if each.uuid == one.uuid]
    return api.unwell_groups(scope=None if scope is None else scope_named(scope))


def _json(report: Report) -> str:
    found = report.findings
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
                for one in report.drifts
            ],
            "unwell": [
                {
                    "group": one.name,
                    "uuid": one.uuid,
                    "conditions": one.conditions,
                    "reason": one.reason,
                    "last_refreshed": one.last_refreshed,
                    "overdue_hours": None if one.overdue is None else hours_since(one.overdue),
                }
                for one in report.unwell
            ],
            "waiting_changes": 0 if report.backlog is None else report.backlog.number,
            "broken_plugins": dict(found.broken_plugins),
            "unknown_criteria": dict(found.unknown_criteria),
            "unknown_events": dict(found.unknown_events),
        }
    )


def _text(report: Report) -> str:
    drifts, found = report.drifts, report.findings
    wrong = [one for one in drifts if one.missing or one.surplus or one.error]
    rows = [
        (one.name, len(one.missing), len(one.surplus), one.error or _first(one.missing, "+") + _first(one.surplus, "-"))
        for one in wrong
    ]
    parts = [as_table(("Group", "Missing", "Surplus", "Who, or why"), rows)] if rows else []
    parts.append(f"{len(drifts) - len(wrong):,} of {len(drifts):,} groups are as their rules want them.")
    parts += _conditions(report)
    parts += [f"Cannot be loaded: {name} ({reason})" for name, reason in found.broken_plugins.items()]
    parts += [f"No package offers {name}: {_listed(groups)}" for name, groups in found.unknown_criteria.items()]
    parts += [f"{name} waits for what is not here: {_listed(events)}" for name, events in found.unknown_events.items()]
    return "\n".join(parts)


def _conditions(report: Report) -> Iterator[str]:
    if report.unwell:
        rows = [(one.name, ", ".join(one.conditions), _ago(one.last_refreshed), one.reason) for one in report.unwell]
        yield as_table(("Group", "Is", "Last refreshed", "Why"), rows)
    if overdue := [one.overdue for one in report.unwell if one.overdue is not None]:
        yield (
            f"{len(overdue):,} groups should have been refreshed, the first {_ago(min(overdue))}. Are Celery beat and "
            'a worker running, or a cron job with "refresh_user_groups --due"?'
        )
    if report.backlog is not None:
        since = _ago(report.backlog.since)
        yield f"{report.backlog.number:,} changes of users wait, the first since {since}. Is a worker running?"


def _ago(instant: datetime | None) -> str:
    return "never" if instant is None else f"{hours_since(instant):,} hours ago"


def hours_since(instant: datetime) -> int:
    """The whole hours since then."""
    return int((timezone.now() - instant).total_seconds() // 3600)


def _first(ids: tuple[int, ...], sign: str) -> str:
    more = " ..." if len(ids) > SHOWN else ""
    return " ".join(f"{sign}{pk}" for pk in ids[:SHOWN]) + more + (" " if ids else "")


def _listed(items: tuple[object, ...]) -> str:
    return ", ".join(map(str, items))
