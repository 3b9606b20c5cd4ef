"""What is wrong with a rule that is being built, by the names that people know; and the part of it that is right."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
from django.utils.translation import gettext as _

from ... import api
from ...exceptions import RuleProblem
from ...rules.tree import Combine

# The beginning of a JSON pointer that leads to a criterion or block.
NODE = re.compile(rf"(/({'|'.join(Combine)})/\d+)*")


@attrs.frozen
class Fault:
    """What is wrong at ``path``, within the criterion or block at ``node`` that is called ``title``: "" of the rule."""

    path: str
    node: str
    title: str
    message: str


def faults(problems: Iterable[RuleProblem], text: str) -> tuple[Fault, ...]:
    """What is wrong with the rule that was typed as ``text``, each thing once at each node."""
    try:
        rule = json.loads(text)
    except (ValueError, RecursionError):
        rule = None
    titles = {each.name: each.title for each in api.criterion_types()}
    found = [_fault(problem, rule, titles) for problem in problems]
    return tuple({(fault.node, fault.message): fault for fault in reversed(found)}.values())[::-1]


def _fault(problem: RuleProblem, rule: Any, titles: Mapping[str, str]) -> Fault:
    node = _node_of(problem.path)
    asked = _at(rule, node)
    if not isinstance(asked, dict) or "criterion" not in asked:
        return Fault(problem.path, node, _("Block") if node else "", problem.message)
    is_unfilled = _is_in_config(problem) and _at(rule, problem.path) in (None, "", [])
    message = _("It is not filled in yet.") if is_unfilled else problem.message
    return Fault(problem.path, node, titles.get(str(asked["criterion"]), str(asked["criterion"])), message)


def _node_of(path: str) -> str:
    found = NODE.match(path)
    return found.group() if found else ""


def _at(data: Any, pointer: str) -> Any:
    """What a JSON pointer leads to; None where there is nothing."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(data, list) and key.isdecimal() and int(key) < len(data):
            data = data[int(key)]
        elif isinstance(data, dict):
            data = data.get(key)
        else:
            return None
    return data


def right_part(rule: Any, problems: Sequence[RuleProblem]) -> tuple[Any, dict[str, str]] | None:
    """A rule without criteria that are not filled in rightly and without empty blocks, and where each node was before.

    None where something else is wrong; and of a rule of which nothing is left, its first part is None.
    """
    if not all(_is_in_config(problem) or _is_of_empty_block(problem, rule) for problem in problems):
        return None
    before: dict[str, str] = {}
    left_out = {_node_of(problem.path) for problem in problems if _is_in_config(problem)}
    return _without(rule, left_out, before), before


def _is_in_config(problem: RuleProblem) -> bool:
    rest = problem.path.removeprefix(_node_of(problem.path))
    return rest == "/config" or rest.startswith("/config/")


def _is_of_empty_block(problem: RuleProblem, rule: Any) -> bool:
    rest = problem.path.removeprefix(_node_of(problem.path)).removeprefix("/")
    return rest in set(Combine) and _at(rule, problem.path) == []


def _without(node: Any, left_out: set[str], before: dict[str, str], old: str = "", new: str = "") -> Any:
    """The node without those that are left out, or None; ``before`` gets the old path of each by its new one."""
    if old in left_out:
        return None
    before[new] = old
    [combine, children] = next(iter(node.items()))
    if not isinstance(children, list):
        return node
    kept: list[Any] = []
    for place, child in enumerate(children):
        part = _without(child, left_out, before, f"{old}/{combine}/{place}", f"{new}/{combine}/{len(kept)}")
        kept += [] if part is None else [part]
    return {combine: kept} if kept else None
