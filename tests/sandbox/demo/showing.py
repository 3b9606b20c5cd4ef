"""Defines demo groups through the product's Python API, refreshes them, and lays out what came of it."""

import textwrap
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User
from django.core.management.base import CommandError
from tqdm import tqdm

from openedx_user_groups import api
from openedx_user_groups.data import RunData, ScopeData
from tests.sandbox.demo.groups import DemoGroup, leaf

HEADINGS = ("Group", "Rule", "Population", "Matched", "Joined", "Left", "Time")
RULE_WIDTH = 40
HELD = "held"
EVERYBODY = {"any": [leaf("date_joined", "more_than_days_ago", days=0)]}


@dataclass(frozen=True, slots=True)
class Shown:
    """A demo group that is there, and whether it was made just now."""

    group: DemoGroup
    uuid: UUID
    is_new: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table; ``held`` says why the refresh waits for a decision, if it does."""

    name: str
    rule_text: str
    population: int
    matched: int
    joined: int
    left: int
    seconds: float
    held: str = ""

    def cells(self) -> list[str]:
        """Return the cells behind the rule as text."""
        counts = (self.population, self.matched, self.joined, self.left)
        return [*(f"{count:,}" for count in counts), f"{self.seconds:.2f} s"]


def define(group: DemoGroup, admin: User) -> Shown:
    """Create and activate the group unless its scope has one of that name."""
    existing = api.groups_in(group.scope).filter(name=group.name).first()
    if existing is not None:
        return Shown(group, existing.uuid, is_new=False)
    created = api.create_group(
        group.scope, name=group.name, description=group.description, rule=group.rule, acting_user=admin
    )
    if created.is_dynamic:
        api.activate_group(created.uuid, acting_user=admin)
    return Shown(group, created.uuid, is_new=True)


def refresh(shown: Shown, admin: User) -> Row:
    """Bring the members into line with the rule, or with the list of user names."""
    started, held = time.perf_counter(), ""
    if shown.group.rule is None:
        outcomes = api.add_members(shown.uuid, shown.group.usernames, acting_user=admin)
        joined, left = sum(each.outcome == "added" for each in outcomes), 0
        matched = api.get_group(shown.uuid).member_count
    else:
        run = _refresh_with_bar(shown, admin)
        matched, joined, left = run.matched, run.joined, run.left
        held = run.error if run.outcome == HELD else ""
    seconds = time.perf_counter() - started
    text = api.get_group(shown.uuid).rule_text or shown.group.description
    return Row(shown.group.name, text, population(shown.group.scope), matched, joined, left, seconds, held)


def _refresh_with_bar(shown: Shown, admin: User) -> RunData:
    with tqdm(desc=shown.group.name, unit=" people", disable=None, leave=False) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        run = api.refresh(shown.uuid, progress=progress, acting_user=admin)
    if run is None or (run.error and run.outcome != HELD):
        raise CommandError(f"{shown.group.name} was not refreshed: {run.error if run else 'it is not active'}")
    return run


def population(scope: ScopeData) -> int:
    """Return the number of people a rule of this scope can choose from."""
    return api.preview(scope, EVERYBODY).population


def table(rows: Sequence[Row]) -> str:
    """Return the rows under their headings, numbers to the right, long rules on several lines."""
    columns = zip(HEADINGS[2:], *(row.cells() for row in rows), strict=True)
    widths = [max(len(row.name) for row in rows), RULE_WIDTH, *(max(map(len, column)) for column in columns)]
    lines = [_line(HEADINGS, widths), "-" * (sum(widths) + 2 * (len(widths) - 1))]
    for row in rows:
        first, *others = textwrap.wrap(row.rule_text, RULE_WIDTH)
        lines.append(_line((row.name, first, *row.cells()), widths))
        lines += [f"{'':{widths[0]}}  {other}" for other in others]
    return "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Return the cells side by side; all behind the group and the rule are numbers."""
    pairs = list(zip(cells, widths, strict=True))
    texts = [f"{cell:{width}}" for cell, width in pairs[:2]]
    return "  ".join(texts + [f"{cell:>{width}}" for cell, width in pairs[2:]])
