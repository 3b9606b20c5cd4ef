"""Hints: what is probably not meant in a rule that is valid."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import attrs
from django.utils.translation import gettext as _

from ...criteria.base import OPPOSITES
from ...data import PreviewData
from ...rules.tree import Branch, Combine, Leaf, Node, from_json, nodes
from .logic import certainties, conflicts, repeated


@attrs.frozen
class Hint:
    """What is odd about a node of a rule; ``path`` is a JSON pointer."""

    path: str
    text: str


def hints(rule: Mapping[str, Any], found: PreviewData) -> list[Hint]:
    """What is odd about the rule itself, and about whom it would hold now."""
    texts = {leaf.path: leaf.text for leaf in found.leaves}
    return [*_of_everybody(found), *_of_nodes(from_json(rule), texts)]


def _of_everybody(found: PreviewData) -> Iterator[Hint]:
    if found.population and found.count == found.population:
        yield Hint("", _("It is true of everybody here now: the group would hold all of them."))
    elif found.population and not found.count:
        yield Hint("", _("It is true of nobody now."))


def _of_nodes(rule: Node, texts: Mapping[str, str]) -> Iterator[Hint]:
    for node in nodes(rule):
        if isinstance(node, Branch):
            for text in _of_branch(node, texts):
                yield Hint(node.path, text)


def _of_branch(branch: Branch, texts: Mapping[str, str]) -> Iterator[str]:
    leaves = [child for child in branch.children if isinstance(child, Leaf)]
    decided = conflicts(leaves) if branch.combine == Combine.ALL else certainties(leaves)
    for some in decided:
        yield _DECIDED[branch.combine]().format(parts=_listed(some, texts))
    for leaf in repeated(leaves):
        yield _("“{criterion}” stands here more than once; once is enough.").format(criterion=texts[leaf.path])
    if branch.combine == Combine.ANY and not decided and sum(map(_is_negative, branch.children)) > 1:
        yield _(
            "Several of these say “not” or “never”, and one that is true is enough: that can be so of nearly "
            "everybody. You may mean “none of these”, with what people must not be, or “all of these”."
        )


_DECIDED: Mapping[Combine, Callable[[], str]] = {
    Combine.ALL: lambda: _("These exclude each other, so that this is never true: {parts}."),
    Combine.ANY: lambda: _("One of these is true of everybody, so that this is always true: {parts}."),
    Combine.NONE: lambda: _("One of these is true of everybody, so that this is never true: {parts}."),
}


def _listed(leaves: Sequence[Leaf], texts: Mapping[str, str]) -> str:
    return ", ".join(_("“{criterion}”").format(criterion=texts[leaf.path]) for leaf in leaves)


def _is_negative(node: Node) -> bool:
    """Whether it is true of nearly everybody, of whoever is asked about."""
    return node.operator in OPPOSITES if isinstance(node, Leaf) else node.combine == Combine.NONE
