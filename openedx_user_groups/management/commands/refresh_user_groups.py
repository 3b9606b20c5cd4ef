"""Brings the members of groups into line with their rules."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import attrs
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from ... import api
from ...data import GroupData, GroupDrift, RunData
from ...exceptions import FeatureDisabled, RefreshInProgress, UserGroupsError, WrongService
from ...models import GroupCollection, UserGroup
from ..options import NOT_WELL, add_format, add_group, add_scope, as_json, as_table, group_named, scope_named

log = logging.getLogger(__name__)

HEADINGS = ("Group", "UUID", "Outcome", "Matched", "Joined", "Left", "Lost claims", "Seconds", "Error")
FAILED = "failed"


@attrs.frozen
class Row:
    """What happened to one group, or in a dry run would.

    ``outcome`` is that of its run, or in_progress, off or not_refreshed; in a dry run differs, in_line or failed.
    """

    group: str
    uuid: str
    outcome: str
    matched: int | None = None
    joined: int = 0
    left: int = 0
    lost_claims: int | None = None
    seconds: float | None = None
    error: str = ""


class Command(BaseCommand):
    """Each collection is refreshed once, with all its groups."""

    # A plugin that cannot be loaded is an error of the checks, and keeps nobody from refreshing the other groups.
    requires_system_checks = ()
    help = "Bring the members of active dynamic groups into line with their rules."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take which groups."""
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--due", action="store_true", help="all groups that are due for it")
        which.add_argument("--all", action="store_true", help="all groups")
        add_group(which)
        add_scope(which)
        parser.add_argument("--dry-run", action="store_true", help="say who would join and leave; write nothing")
        add_format(parser)

    def handle(self, *args: Any, dry_run: bool, format: str, **options: Any) -> None:
        """Refresh and print; exit code 1 when a run has failed."""
        if options["due"] and not dry_run:
            _do_what_is_cheap()
        groups = _chosen(options)
        cause = "schedule" if options["due"] else "request"
        rows = _dry_run(groups) if dry_run else _refresh(groups, cause)
        if not dry_run:
            api.announce()
        rows = [*rows, *_left_alone(options["group"], rows)]
        table = as_table(HEADINGS, [attrs.astuple(row) for row in rows]) if rows else "No group is to be refreshed."
        self.stdout.write(as_json([attrs.asdict(row) for row in rows]) if format == "json" else table)
        if any(row.outcome == FAILED for row in rows):
            raise SystemExit(NOT_WELL)


def _chosen(options: dict[str, Any]) -> list[UserGroup]:
    """The groups that are asked for, with the other groups of their collections."""
    if options["group"] is not None:
        group = group_named(options["group"])
        groups = api.groups_to_refresh(scope=group.scope)
        return [each for each in groups if each.collection.uuid == group.collection_uuid]
    scope = None if options["scope"] is None else scope_named(options["scope"])
    groups = api.groups_to_refresh(scope=scope)
    if not options["due"]:
        return groups
    due = {each.collection_id for each in api.groups_to_refresh(due_only=True)}
    return [each for each in groups if each.collection_id in due]


def _do_what_is_cheap() -> None:
    try:
        api.do_all_but_refreshes()
    except WrongService as error:
        raise CommandError(str(error)) from None


def _by_collection(groups: Sequence[UserGroup]) -> dict[UUID, list[UserGroup]]:
    found: dict[UUID, list[UserGroup]] = {}
    for group in groups:
        found.setdefault(group.collection.uuid, []).append(group)
    return found


def _left_alone(asked: str | None, rows: Sequence[Row]) -> Iterator[Row]:
    """The group that was asked for by its UUID, if it is not one that is refreshed."""
    group = None if asked is None else group_named(asked)
    if group is not None and str(group.uuid) not in {row.uuid for row in rows}:
        yield Row(group.name, str(group.uuid), "not_refreshed", error=_why_not(group))


def _why_not(group: GroupData) -> str:
    if group.status != UserGroup.Status.ACTIVE:
        return f"It is {group.status}."
    if api.get_collection(group.collection_uuid).kind == GroupCollection.Kind.RANDOM:
        return "Chance decides who is in it: newcomers are drawn as they come, and once an hour."
    return "It is static: it has no rule." if not group.is_dynamic else "It is being moved to another collection."


def _refresh(groups: Sequence[UserGroup], cause: str) -> list[Row]:
    rows: list[Row] = []
    with tqdm(_by_collection(groups).items(), desc="Refreshing", unit=" collections", disable=None, leave=False) as bar:

        def progress(done: int, total: int) -> None:
            bar.set_postfix_str(f"{done:,} of {total:,} people")

        for collection, members in bar:
            try:
                runs = {
                    run.group_uuid: run for run in api.refresh_collection(collection, cause=cause, progress=progress)
                }
            except Exception as error:
                rows += _stopped(members, error)
            else:
                rows += [_ran(group, runs[group.uuid]) for group in members if group.uuid in runs]
    return rows


def _stopped(groups: Sequence[UserGroup], error: Exception) -> list[Row]:
    """The rows of a collection without runs; whatever it was, the others go on."""
    if not isinstance(error, UserGroupsError):
        log.error("User groups: a refresh failed.", exc_info=error)
        return [Row(group.name, str(group.uuid), FAILED, error=repr(error)) for group in groups]
    outcomes: dict[type[Exception], str] = {RefreshInProgress: "in_progress", FeatureDisabled: "off"}
    outcome = outcomes.get(type(error), "not_refreshed")
    return [Row(group.name, str(group.uuid), outcome, error=str(error)) for group in groups]


def _ran(group: UserGroup, run: RunData) -> Row:
    return Row(
        group=group.name,
        uuid=str(group.uuid),
        outcome=run.outcome,
        matched=run.matched,
        joined=run.joined,
        left=run.left,
        lost_claims=run.lost_claims,
        seconds=round((run.finished - run.started).total_seconds(), 2) if run.started and run.finished else None,
        error=run.error,
    )


def _dry_run(groups: Sequence[UserGroup]) -> list[Row]:
    rows: list[Row] = []
    collections = _by_collection(groups)
    for collection, members in tqdm(
        collections.items(), desc="Evaluating", unit=" collections", disable=None, leave=False
    ):
        try:
            api.check_may_refresh(members[0].scope.data)
            rows += map(_would, api.check_collection(collection))
        except UserGroupsError as error:
            rows += _stopped(members, error)
    return rows


def _would(drift: GroupDrift) -> Row:
    differs = bool(drift.missing or drift.surplus)
    return Row(
        group=drift.name,
        uuid=str(drift.group_uuid),
        outcome=FAILED if drift.error else "differs" if differs else "in_line",
        joined=len(drift.missing),
        left=len(drift.surplus),
        error=drift.error,
    )
