"""Truth with gaps: a rule whose leaves may be yes, no or unknown (None), combined by Kleene's logic."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .tree import Combine, Leaf, Node

Truth = bool | None


def truths(node: Node, truth: Callable[[Leaf], Truth]) -> dict[str, Truth]:
    """What every node of a rule is, by its path, given each leaf.

    A branch is unknown only where those of its children that are known do not decide it.
    """
    if isinstance(node, Leaf):
        return {node.path: truth(node)}
    found: dict[str, Truth] = {}
    for child in node.children:
        found |= truths(child, truth)
    found[node.path] = _combined(node.combine, [found[child.path] for child in node.children])
    return found


def _combined(combine: Combine, children: Iterable[Truth]) -> Truth:
    if combine == Combine.ALL:
        return _every(children)
    some = _negated(_every(map(_negated, children)))
    return some if combine == Combine.ANY else _negated(some)


def _every(children: Iterable[Truth]) -> Truth:
    known = list(children)
    return False if False in known else None if None in known else True


def _negated(truth: Truth) -> Truth:
    return None if truth is None else not truth
