"""What a criterion does with configs that nobody should write: refuse them, or answer all the same."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from ... import deadline
from ...exceptions import InvalidRule
from ...groups import rule_reader
from ...rules.tree import Leaf
from .. import registry, schemas
from ..base import Asking, Operator
from .answers import ids_where, predicate_of

# What people and programs write where something else belongs; each takes the place of every part of a config.
GARBAGE: tuple[Any, ...] = (
    None,
    True,
    -1,
    0.5,
    10**400,
    math.nan,
    math.inf,
    "",
    "%_'\"\\",
    "\0",
    "\ud800",
    "🎓" * 10_000,
    # Regular expressions that try too many ways take for ever to find that these do not match.
    "a" * 60 + "!",
    "0" * 60 + "!",
    " " * 60 + "!",
    [],
    [None],
    [[]],
    ["", {}],
    {},
    {"": []},
)


def check_garbage(leaf: Leaf, asking: Asking) -> None:
    """Any config is either refused with problems, or one that the criterion can answer."""
    for config in _spoilt(leaf.config):
        rule = {"all": [{"criterion": leaf.criterion, "operator": leaf.operator, "config": config}]}
        what = f"{leaf.criterion} {leaf.operator} with the config {config!r:.200}"
        try:
            _ask_for_problems(leaf, config, asking)
            rule_reader.parse(rule, asking.scope)
        except InvalidRule:
            continue
        except Exception as error:
            raise AssertionError(f"{what}: it must be refused with problems, not {error!r:.500}.") from error
        ids_where(predicate_of(attrs.evolve(leaf, config=config), asking), what)


def _ask_for_problems(leaf: Leaf, config: Any, asking: Asking) -> None:
    """Call problems() as it is: whoever reads a rule would make a problem of its errors."""
    criterion = registry.get(leaf.criterion)
    with deadline.within(deadline.PROMPT):
        if not any(schemas.problems(criterion.validator(Operator(leaf.operator)), config)):
            list(criterion(leaf.operator, config, asking).problems())


def _spoilt(config: Mapping[str, Any]) -> Iterator[Any]:
    yield from GARBAGE
    for key in config:
        yield {name: value for name, value in config.items() if name != key}
        yield from ({**config, key: value} for value in GARBAGE)
        if isinstance(config[key], list):
            yield from ({**config, key: [value]} for value in GARBAGE)
