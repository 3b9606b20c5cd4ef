"""Rules as trees of criteria: branches (all, any, none) and leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

import attrs


class Combine(StrEnum):
    """How a branch combines its children; ``none`` is true of users for whom no child is."""

    ALL = "all"
    ANY = "any"
    NONE = "none"


@attrs.frozen
class Leaf:
    """A criterion with operator and config; ``path`` is its place in the rule."""

    path: str
    criterion: str
    operator: str
    config: Mapping[str, Any] = attrs.field(hash=False)

    @property
    def key(self) -> tuple[str, str, str]:
        """The same for leaves that ask the same question."""
        return self.criterion, self.operator, json.dumps(self.config, sort_keys=True)


@attrs.frozen
class Branch:
    """A node that combines others."""

    path: str
    combine: Combine
    children: tuple[Node, ...]


Node = Leaf | Branch


def leaves(node: Node) -> Iterator[Leaf]:
    """The leaves of a rule in reading order."""
    if isinstance(node, Leaf):
        yield node
    else:
        for child in node.children:
            yield from leaves(child)


def to_json(node: Node) -> dict[str, Any]:
    """The rule as it crosses the boundary."""
    if isinstance(node, Leaf):
        return {"criterion": node.criterion, "operator": node.operator, "config": dict(node.config)}
    return {node.combine.value: [to_json(child) for child in node.children]}
