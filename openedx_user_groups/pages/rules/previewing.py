"""Previews as pages show them: the rule as a sentence, whom it would hold, and what is wrong with it where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import attrs
from django.utils.translation import gettext as _

from ... import api
from ...data import LeafCount, PreviewData, ScopeData
from ...exceptions import CriterionError, InvalidRule
from ...permissions import Person
from ...web.accounts import Account, accounts
from .faults import Fault, faults, right_part
from .hints import Hint, hints

PEOPLE_PER_PAGE = 10


@attrs.frozen
class Part:
    """What one criterion makes of the population; percentages are of it, for bars."""

    leaf: LeafCount
    population: int

    @property
    def unknown_among_matched(self) -> bool:
        """Whether some of those it is true of may be people without data, and so the two overlap."""
        return self.leaf.matched + self.leaf.unknown > self.population

    @property
    def share(self) -> float:
        """Of how many percent it is true."""
        return percent(self.leaf.matched, self.population)

    @property
    def is_always(self) -> bool:
        """Whether it tells nobody from anybody."""
        return bool(self.population) and self.leaf.matched == self.population

    @property
    def is_never(self) -> bool:
        """Whether it is true of nobody."""
        return bool(self.population) and not self.leaf.matched


@attrs.frozen
class Preview:
    """What is shown of a rule; ``problems`` or ``error`` are in the place of counts where there are none.

    ``left_out`` is what is wrong with criteria that are not counted, the rest of the rule being so.
    """

    text: str = ""
    is_empty: bool = False
    problems: tuple[Fault, ...] = ()
    left_out: tuple[Fault, ...] = ()
    error: str = ""
    error_path: str = ""
    found: PreviewData | None = None
    parts: tuple[Part, ...] = ()
    steps: tuple[tuple[str, int, float], ...] = ()
    hints: tuple[Hint, ...] = ()
    people: tuple[Account, ...] = ()
    page: int = 1

    @property
    def share(self) -> float:
        """How many percent of the population the group would hold."""
        return percent(self.found.count, self.found.population) if self.found else 0

    @property
    def has_unknown(self) -> bool:
        """Whether there are people about whom some criterion has no data."""
        return any(part.leaf.unknown for part in self.parts)

    @property
    def previous_page(self) -> int:
        """The page before, or 0."""
        return self.page - 1

    @property
    def next_page(self) -> int:
        """The page after, or 0 where there is none."""
        return self.page + 1 if self.found and self.found.count > self.page * PEOPLE_PER_PAGE else 0


def percent(part: int, whole: int) -> float:
    """The part of the whole in percent."""
    return round(100 * part / whole, 1) if whole else 0


@attrs.frozen
class Asked:
    """Who tries a rule out, where, for a new group or for ``group``, and which page of the people they want."""

    person: Person
    scope: ScopeData
    group: UUID | None
    page: int


def preview(person: Person, scope: ScopeData, text: str, page: int = 1, group: UUID | None = None) -> Preview:
    """The preview of a rule as it was typed; of what is not filled in rightly yet only that it is not counted."""
    try:
        rule = api.load_rule(text)
    except InvalidRule as error:
        return Preview(problems=faults(error.problems, text))
    if _is_empty(rule):
        return Preview(is_empty=True)
    asked = Asked(person, scope, group, page)
    try:
        return _counted(asked, rule)
    except InvalidRule as error:
        told, part = faults(error.problems, text), right_part(rule, error.problems)
    if part is None:
        return Preview(problems=told)
    left, before = part
    found = Preview(is_empty=True) if left is None else _counted(asked, left, before)
    return attrs.evolve(found, left_out=told)


def _counted(asked: Asked, rule: Any, before: Mapping[str, str] | None = None) -> Preview:
    """Whom the rule would hold; ``before`` says where its nodes are in the rule that was typed. Raises InvalidRule."""
    person, scope, start = asked.person, asked.scope, (asked.page - 1) * PEOPLE_PER_PAGE
    wanted = slice(start, start + PEOPLE_PER_PAGE)
    before = before or {}
    try:
        sentence = api.rule_text(scope, rule, asker=person)
        found = api.preview(scope, rule, group=asked.group, user_ids=wanted, steps=True, asker=person)
    except CriterionError as error:
        message = _("It cannot be counted now: {reason}").format(reason=error.message)
        return Preview(error=message, error_path=before.get(error.path, error.path))
    known = accounts(found.user_ids or ())
    leaves = [attrs.evolve(leaf, path=before.get(leaf.path, leaf.path)) for leaf in found.leaves]
    return Preview(
        text=sentence,
        found=found,
        parts=tuple(Part(leaf, found.population) for leaf in leaves),
        steps=_steps(scope, rule, found, person),
        hints=tuple(hints(rule, found)),
        people=tuple(known[pk] for pk in found.user_ids or () if pk in known),
        page=asked.page,
    )


def _is_empty(rule: Any) -> bool:
    """Whether nothing has been put into it yet."""
    return isinstance(rule, dict) and len(rule) == 1 and rule.get(next(iter(rule))) == []


def _steps(scope: ScopeData, rule: Any, found: PreviewData, person: Person) -> tuple[tuple[str, int, float], ...]:
    """Each part of the rule as a sentence, with how many are left after it."""
    if not found.steps:
        return ()
    texts = [
        api.rule_text(scope, {"all": [part]} if "criterion" in part else part, asker=person) for part in rule["all"]
    ]
    return tuple((text, left, percent(left, found.population)) for text, left in zip(texts, found.steps, strict=True))
