"""Rules in words, as an instructor reads them."""

from __future__ import annotations

import logging

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from .data import ScopeData
from .evaluation import criterion_of
from .rules import Combine, Leaf, Node

log = logging.getLogger(__name__)


def sentence(rule: Node, scope: ScopeData) -> str:
    """The rule as a sentence; branches within branches stand in brackets."""
    return capfirst(_clause(rule, scope))


def _clause(node: Node, scope: ScopeData) -> str:
    if isinstance(node, Leaf):
        return leaf_sentence(node, scope)
    parts = []
    for child in node.children:
        text = _clause(child, scope)
        nested = not isinstance(child, Leaf) and child.combine != Combine.NONE and len(child.children) > 1
        parts.append(f"({text})" if nested else text)
    if node.combine == Combine.NONE:
        return _("none of ({parts})").format(parts=_("; ").join(parts))
    return (_(" and ") if node.combine == Combine.ALL else _(" or ")).join(parts)


def leaf_sentence(leaf: Leaf, scope: ScopeData) -> str:
    """One criterion in words; its name and operator where no package offers it any more."""
    try:
        return str(criterion_of(leaf, scope, timezone.now()).describe())
    except Exception:
        # A plugin that cannot say what it asks must not hide the groups that use it.
        log.warning("User groups: %s cannot be described.", leaf.criterion, exc_info=True)
        return f"{leaf.criterion} {leaf.operator}"
