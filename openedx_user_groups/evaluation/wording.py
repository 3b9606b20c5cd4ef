"""Rules in words, as an instructor reads them."""

from __future__ import annotations

import logging

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ..criteria.base import Asking
from ..rules.tree import Combine, Leaf, Node
from .matching import criterion_of, description_of, is_told

log = logging.getLogger(__name__)


def sentence(rule: Node, asking: Asking) -> str:
    """The rule as a sentence; branches within branches stand in brackets."""
    return capfirst(_clause(rule, asking))


def _clause(node: Node, asking: Asking) -> str:
    if isinstance(node, Leaf):
        return leaf_sentence(node, asking)
    parts = []
    for child in node.children:
        text = _clause(child, asking)
        nested = not isinstance(child, Leaf) and child.combine != Combine.NONE and len(child.children) > 1
        parts.append(f"({text})" if nested else text)
    if node.combine == Combine.NONE:
        return _("none of ({parts})").format(parts=_("; ").join(parts))
    return (_(" and ") if node.combine == Combine.ALL else _(" or ")).join(parts)


def branch_titles() -> dict[Combine, str]:
    """How each kind of branch combines what follows, in words."""
    return {Combine.ALL: _("all of these"), Combine.ANY: _("any of these"), Combine.NONE: _("none of these")}


def leaf_sentence(leaf: Leaf, asking: Asking) -> str:
    """One criterion in words; its name and operator where no package offers it any more."""
    try:
        if is_told(leaf, asking):
            return description_of(leaf, asking)
        title = criterion_of(leaf, asking).title
        return _("{criterion}: something that you may not see").format(criterion=title)
    except Exception:
        # A plugin that cannot say what it asks must not hide the groups that use it.
        log.warning("User groups: %s cannot be described.", leaf.criterion, exc_info=True)
        return f"{leaf.criterion} {leaf.operator}"
