"""Differences between two definitions of a group, as people read them; of rules line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

import attrs
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..criteria.base import Asker, Asking
from ..data import ScopeData
from ..evaluation.matching import look_up
from ..evaluation.wording import branch_titles, leaf_sentence
from ..models import UserGroup
from ..rules.tree import Leaf, Node, from_json, leaves
from .wording import duration_in_words

SAME, ADDED, REMOVED = "same", "added", "removed"

LABELS: dict[str, str | Promise] = {
    "name": gettext_lazy("Name"),
    "description": gettext_lazy("Description"),
    "tags": gettext_lazy("Tags"),
    "update_mode": gettext_lazy("What refreshes do"),
    "method": gettext_lazy("What begins refreshes"),
    "refresh_every": gettext_lazy("Refreshed every"),
    "removal_limit": gettext_lazy("Held when more leave than (percent)"),
    "size_limit": gettext_lazy("Places"),
}


@attrs.frozen
class Change:
    """A part of the definition that is not the same, before and after."""

    label: str
    before: str
    after: str


@attrs.frozen
class Line:
    """A line of a rule: ``kind`` is same, added or removed."""

    kind: str
    depth: int
    text: str


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What is not the same in two definitions, beside the rule."""
    texts = {name: (_text(name, before.get(name)), _text(name, after.get(name))) for name in LABELS}
    return [Change(str(LABELS[name]), *pair) for name, pair in texts.items() if pair[0] != pair[1]]


def _text(name: str, value: Any) -> str:
    if name == "tags":
        return ", ".join(value or ())
    if name == "update_mode" and value in UserGroup.UpdateMode.values:
        return str(UserGroup.UpdateMode(value).label)
    if name == "method" and value in UserGroup.Method.values:
        return str(UserGroup.Method(value).label)
    if name == "refresh_every" and value is not None:
        return duration_in_words(value)
    return "" if value is None else str(value)


def rule_lines(before: Any, after: Any, scope: ScopeData, asker: Asker) -> list[Line]:
    """Both rules, JSON or None, in one: what is in the first only is removed, what is in the second only added."""
    asking = Asking(scope, timezone.now(), asker=asker)
    rules = [from_json(rule) if rule else None for rule in (before, after)]
    look_up((leaf, asking) for rule in rules if rule for leaf in leaves(rule))
    old, new = (list(_lines(rule, asking)) if rule else [(0, _("by hand"))] for rule in rules)
    return list(_compared(old, new))


def _lines(node: Node, asking: Asking, depth: int = 0) -> Iterator[tuple[int, str]]:
    if isinstance(node, Leaf):
        yield depth, leaf_sentence(node, asking)
        return
    yield depth, branch_titles()[node.combine]
    for child in node.children:
        yield from _lines(child, asking, depth + 1)


def _compared(old: Sequence[tuple[int, str]], new: Sequence[tuple[int, str]]) -> Iterator[Line]:
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from (Line(SAME, *line) for line in old[old_from:old_to])
            continue
        yield from (Line(REMOVED, *line) for line in old[old_from:old_to])
        yield from (Line(ADDED, *line) for line in new[new_from:new_to])
