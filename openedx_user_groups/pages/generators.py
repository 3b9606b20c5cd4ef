"""Of which criteria the groups of a collection can be made, and how people write ranges of numbers."""

from __future__ import annotations

from collections.abc import Iterable

import attrs
from django.utils.translation import gettext as _

from ..collections import choices
from ..criteria import registry
from ..criteria.base import Asker
from ..data import ScopeData
from ..exceptions import InvalidGroup
from ..web.fields import LARGEST


@attrs.frozen
class Generator:
    """A criterion that a collection can have groups of; ``by_ranges`` when one says of which numbers."""

    name: str
    title: str
    by_ranges: bool


def generators(scope: ScopeData, asker: Asker) -> list[Generator]:
    """Those that somebody can use in a scope: what has choices first, then what asks about a number."""
    found = [
        Generator(kind.name, str(kind.title), not choices.has_choices(kind))
        for kind in registry.all_types()
        if choices.has_choices(kind) or choices.takes_ranges(kind)
        if _is_usable(kind, scope, asker)
    ]
    return sorted(found, key=lambda each: (each.by_ranges, each.title))


def _is_usable(kind: choices.Kind, scope: ScopeData, asker: Asker) -> bool:
    try:
        choices.kind_for(scope, kind.name, asker)
    except InvalidGroup:
        return False
    return True


def title_of(criterion: str) -> str:
    """What a criterion is called; its name where no installed package offers it."""
    known = {kind.name: kind for kind in registry.all_types()}
    return str(known[criterion].title) if criterion in known else criterion


def read_ranges(text: str) -> list[list[float]]:
    """Ranges as people write them: one a line, as "0 to 50", "0 - 50" or "0 50". Raises InvalidGroup."""
    lines = [line for line in text.splitlines() if line.strip()]
    return [_range(line) for line in lines]


def _range(line: str) -> list[float]:
    parts = line.replace("%", " ").replace("\u2013", " - ").split()
    numbers = [part for part in _apart(parts) if part not in ("-", "to", "..", _("to"))]
    problem = _("“{line}” is no range; write two numbers, as in 0 - 50.").format(line=line)
    try:
        low, high = (float(number.replace(",", ".")) for number in numbers)
    except ValueError:
        raise InvalidGroup("ranges", problem) from None
    # Neither infinity nor what is no number, which Python reads as well.
    if not (abs(low) <= LARGEST and abs(high) <= LARGEST):
        raise InvalidGroup("ranges", problem)
    return [low, high]


def _apart(parts: Iterable[str]) -> Iterable[str]:
    """Also where there is no blank: 0-50."""
    for part in parts:
        low, dash, high = part[1:].partition("-")
        yield from (part[:1] + low, high) if dash and high else (part,)
