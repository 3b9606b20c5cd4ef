"""Logic: criteria side by side that exclude each other or leave nobody out, whoever is asked.

Criteria about the same value of a person, such as the grade, are compared by trying values: those that they name, some
between and beyond these, and none at all, which is a person without data.
"""

from __future__ import annotations

import operator
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any

import attrs

from ...criteria import registry
from ...criteria.base import OPPOSITES, Criterion, Operator
from ...criteria.kinds import InstantCriterion, ListCriterion, NumberCriterion, parse_instant
from ...exceptions import UnknownCriterion
from ...rules.tree import Leaf
from ...text import fold

Value = Any


@attrs.frozen
class Asked:
    """Of which value of a person something is asked, which values are named, and for which it is true."""

    about: str
    named: Sequence[Value]
    is_true: Callable[[Value], bool]


_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    Operator.LESS: operator.lt,
    Operator.AT_MOST: operator.le,
    Operator.MORE: operator.gt,
    Operator.AT_LEAST: operator.ge,
    Operator.BEFORE: operator.lt,
    Operator.ON_OR_AFTER: operator.ge,
    Operator.WITHIN_DAYS: operator.le,
}


def conflicts(leaves: Sequence[Leaf]) -> list[tuple[Leaf, ...]]:
    """Those of which never all are true: of each value that they are about, as few as show it."""
    return list(dict.fromkeys(_decided(leaves, all, wanted=False)))


def certainties(leaves: Sequence[Leaf]) -> list[tuple[Leaf, ...]]:
    """Those of which one is true whatever the value is, in the same way."""
    return list(dict.fromkeys(_decided(leaves, any, wanted=True)))


def repeated(leaves: Sequence[Leaf]) -> list[Leaf]:
    """Those that stand there more than once, each of them once."""
    times = Counter(leaf.key for leaf in leaves)
    return list({leaf.key: leaf for leaf in leaves if times[leaf.key] > 1}.values())


def _decided(
    leaves: Sequence[Leaf], combine: Callable[[Iterator[bool]], bool], *, wanted: bool
) -> Iterator[tuple[Leaf, ...]]:
    """Of the leaves about each value the fewest that, combined, are as wanted for every value of it."""
    for group in _by_value(leaves):
        sets = (some for size in sorted({2, len(group)}) for some in combinations(group, size))
        for some in sets:
            values = _tried([value for _leaf, asked in some for value in asked.named])
            if all(combine(asked.is_true(value) for _leaf, asked in some) == wanted for value in values):
                yield tuple(leaf for leaf, _asked in some)
                break


def _by_value(leaves: Sequence[Leaf]) -> list[list[tuple[Leaf, Asked]]]:
    groups: dict[str, list[tuple[Leaf, Asked]]] = defaultdict(list)
    for leaf in leaves:
        for asked in _asked(leaf):
            groups[asked.about].append((leaf, asked))
    return [group for group in groups.values() if len(group) > 1]


def _tried(named: Sequence[Value]) -> list[Value]:
    """Values that tell apart whatever can be asked with the named ones; None is no data, or any other text."""
    values = sorted(set(named))
    if not values or not isinstance(values[0], int | float):
        return [*values, None]
    return [values[0] - 1, *values, *((low + high) / 2 for low, high in pairwise(values)), values[-1] + 1, None]


def _asked(leaf: Leaf) -> Iterator[Asked]:
    """What a leaf asks: of any criterion whether it is just so, and of those whose values are known here, of these."""
    asks = OPPOSITES.get(Operator(leaf.operator), Operator(leaf.operator))
    is_opposite = leaf.operator in OPPOSITES
    yield Asked(f"{leaf.criterion} {asks} {leaf.key[2]}", ["yes"], lambda value: (value == "yes") != is_opposite)
    try:
        kind = registry.get(leaf.criterion)
    except UnknownCriterion:
        return
    key = _key_of_value(kind, leaf)
    if key in leaf.config:
        about = {name: value for name, value in leaf.config.items() if name != key}
        yield Asked(f"{leaf.criterion} {key} {sorted(about.items())}", *_values(leaf, leaf.config[key]))


def _key_of_value(kind: type[Criterion], leaf: Leaf) -> str:
    """Where in the config a criterion about one value of a person has what it compares that with."""
    if issubclass(kind, NumberCriterion) or (issubclass(kind, ListCriterion) and not kind.several):
        return kind.config_key
    named = [key for key in ("days", "date") if key in leaf.config]
    return named[0] if named and issubclass(kind, InstantCriterion) else ""


def _values(leaf: Leaf, config: Any) -> tuple[Sequence[Value], Callable[[Value], bool]]:
    """The named values, and for which the leaf is true."""
    if leaf.operator in (Operator.IN, Operator.NOT_IN):
        listed = {fold(str(value)) for value in config}
        return list(listed), lambda value: (value in listed) == (leaf.operator == Operator.IN)
    if leaf.operator == Operator.BETWEEN:
        low, high = config
        return config, lambda value: value is not None and low <= value <= high
    limit = parse_instant(config).timestamp() if isinstance(config, str) else config
    if leaf.operator == Operator.MORE_THAN_DAYS_AGO:
        return [limit], lambda value: value is None or value > limit
    return [limit], lambda value: value is not None and _COMPARED[leaf.operator](value, limit)
