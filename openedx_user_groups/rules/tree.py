"""Rules as trees of criteria: branches (all, any, none) and leaves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Any

import attrs


class Combine(StrEnum):
    """How a branch combines its children; ``none`` is true of users for whom no child is."""

    ALL = "all"
    ANY = "any"
    NONE = "none"


LeafKey = tuple[str, str, str]


@attrs.frozen
class Leaf:
    """A criterion with operator and config; ``path`` is its place in the rule."""

    path: str
    criterion: str
    operator: str
    config: Mapping[str, Any] = attrs.field(hash=False)

    @cached_property
    def key(self) -> LeafKey:
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


def nodes(node: Node) -> Iterator[Node]:
    """All nodes of a rule in reading order, the root first."""
    yield node
    for child in node.children if isinstance(node, Branch) else ():
        yield from nodes(child)


def to_json(node: Node, is_told: Callable[[Leaf], bool] = lambda _leaf: True) -> dict[str, Any]:
    """The rule as it crosses the boundary; a leaf that is not told says so, and keeps its config to itself."""
    if isinstance(node, Branch):
        return {node.combine.value: [to_json(child, is_told) for child in node.children]}
    leaf = {"criterion": node.criterion, "operator": node.operator}
    return leaf | ({"config": dict(node.config)} if is_told(node) else {"config": {}, "hidden": True})


def from_json(data: Mapping[str, Any], path: str = "") -> Node:
    """A rule that has crossed the boundary and was valid then, such as that of a revision."""
    if "criterion" in data:
        return Leaf(path, data["criterion"], data["operator"], data["config"])
    [(combine, children)] = data.items()
    below = (from_json(child, f"{path}/{combine}/{place}") for place, child in enumerate(children))
    return Branch(path, Combine(combine), tuple(below))
