"""Reading rules: from JSON to a tree that is valid in its scope, or everything that is wrong with it, with paths."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _

from ..criteria import registry
from ..criteria.base import NOBODY, Asker, Asking, Criterion, Operator
from ..data import ScopeData
from ..evaluation.matching import problems_of, refusals_of
from ..exceptions import CriterionError, InvalidRule, RuleProblem
from ..naming import is_storable
from ..rules.tree import Branch, Combine, Leaf, Node

MAX_DEPTH = 5
MAX_LEAVES = 50
MAX_BYTES = 64 * 1024
LEAF_KEYS = ("criterion", "operator", "config")

FoundT = TypeVar("FoundT")


def load(text: str) -> Any:
    """JSON text of a rule as data; raises InvalidRule. Numbers that JSON does not know are refused."""
    try:
        return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_refuse_repeated)
    except (ValueError, RecursionError) as error:
        raise InvalidRule([RuleProblem("", _("It is not JSON: {error}").format(error=error))]) from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")


def _refuse_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        raise ValueError("an object has the same key twice")
    return data


def parse(rule: object, scope: ScopeData, asker: Asker = NOBODY) -> Branch:
    """The rule as a tree that is valid in ``scope``, and that ``asker`` may use.

    Raises InvalidRule with everything that is wrong with it.
    """
    reader = _Reader(Asking(scope, timezone.now(), asker=asker))
    data = reader.plain(rule)
    root = None if reader.problems else reader.node(data, "", 1)
    if reader.problems or not isinstance(root, Branch):
        raise InvalidRule(reader.problems)
    return root


class _Reader:
    """Reads one rule and collects its problems."""

    def __init__(self, asking: Asking) -> None:
        self.asking = asking
        self.scope = asking.scope
        self.problems: list[RuleProblem] = []
        self.leaves = 0

    def problem(self, path: str, message: str) -> None:
        self.problems.append(RuleProblem(path, message))

    def plain(self, rule: object) -> Any:
        """The rule as JSON would hand it over, when it is JSON at all and not too large."""
        try:
            # Lone surrogates pass here; they are found later, with their path.
            text = json.dumps(rule, allow_nan=False, ensure_ascii=False)
        except (TypeError, ValueError, RecursionError):
            self.problem("", _("It must be JSON: objects, lists, texts, finite numbers, true, false and null."))
            return None
        size = len(text.encode(errors="surrogatepass"))
        if size > MAX_BYTES:
            self.problem("", _("It has {size} bytes; at most {limit} are allowed.").format(size=size, limit=MAX_BYTES))
        return json.loads(text)

    def node(self, data: object, path: str, depth: int) -> Node | None:
        if not isinstance(data, dict):
            self.problem(
                path, _('It must be an object: {"all": [...]}, {"any": [...]}, {"none": [...]} or a criterion.')
            )
        elif depth > MAX_DEPTH:
            self.problem(path, _("It is too deep: a rule has at most {limit} levels.").format(limit=MAX_DEPTH))
        elif not set(data).isdisjoint(LEAF_KEYS):
            if depth > 1:
                return self.leaf(data, path)
            self.problem(path, _('The outermost node must be {"all": [...]}, {"any": [...]} or {"none": [...]}.'))
        elif len(data) != 1 or next(iter(data)) not in set(Combine):
            self.problem(path, _('Exactly one of "all", "any", "none" is allowed, or "criterion" with its operator.'))
        else:
            return self.branch(data, path, depth)
        return None

    def branch(self, data: dict[str, Any], path: str, depth: int) -> Node | None:
        combine, children = next(iter(data.items()))
        here = f"{path}/{combine}"
        if not isinstance(children, list):
            self.problem(here, _("It must be a list of criteria and of further branches."))
            return None
        if not children:
            self.problem(here, _("It is empty: an empty branch would match nobody. Add a criterion or remove it."))
        read = [self.node(child, f"{here}/{place}", depth + 1) for place, child in enumerate(children)]
        return Branch(path, Combine(combine), tuple(child for child in read if child is not None))

    def leaf(self, data: dict[str, Any], path: str) -> Leaf | None:
        self.leaves += 1
        if self.leaves == MAX_LEAVES + 1:
            self.problem(path, _("There are too many criteria: at most {limit}.").format(limit=MAX_LEAVES))
        if self.leaves > MAX_LEAVES:
            return None
        before = len(self.problems)
        for key in sorted(set(map(str, data)) - set(LEAF_KEYS)):
            self.problem(f"{path}/{_escaped(key)}", _("It is not known here. Allowed: criterion, operator, config."))
        criterion = self.criterion(data.get("criterion"), path)
        operator = self.operator(data.get("operator"), criterion, path) if criterion else None
        if criterion and operator:
            self.config(criterion, operator, data.get("config", {}), f"{path}/config")
        if len(self.problems) > before or criterion is None or operator is None:
            return None
        return Leaf(path, criterion.name, operator.value, data.get("config", {}))

    def criterion(self, name: object, path: str) -> type[Criterion] | None:
        path = f"{path}/criterion"
        try:
            criterion = registry.get(name)  # type: ignore[arg-type]
        except CriterionError as error:
            known = ", ".join(c.name for c in registry.all_types() if self.scope.type in c.scopes)
            self.problem(path, f"{error.message} " + _("Allowed: {names}.").format(names=known))
            return None
        if self.scope.type not in criterion.scopes:
            message = _("{name} cannot be used in a scope of type {type}. Allowed: {scopes}.")
            scopes = ", ".join(criterion.scopes)
            self.problem(path, message.format(name=criterion.name, type=self.scope.type, scopes=scopes))
            return None
        if reason := registry.why_unavailable(criterion):
            self.problem(path, reason)
            return None
        if criterion.permission and not self.asking.asker.has(criterion.permission, self.scope):
            self.problem(path, _("You need the permission {name} to use it.").format(name=criterion.permission))
            return None
        return criterion

    def operator(self, operator: object, criterion: type[Criterion], path: str) -> Operator | None:
        allowed = [str(name) for name in criterion.operators]
        if isinstance(operator, str) and operator in allowed:
            return Operator(operator)
        self.problem(
            f"{path}/operator",
            _("{operator!r} is not an operator of {criterion}. Allowed: {names}.").format(
                operator=str(operator)[:100], criterion=criterion.name, names=", ".join(allowed)
            ),
        )
        return None

    def config(self, criterion: type[Criterion], operator: Operator, config: object, path: str) -> None:
        before = len(self.problems)
        leaf = Leaf(path, criterion.name, operator.value, config)  # type: ignore[arg-type]
        for place, message in self.asked(leaf, lambda: refusals_of(leaf)):
            self.problem("".join([path, *(f"/{_escaped(str(part))}" for part in place)]), message)
        for pointer, text in _texts(config):
            if not is_storable(text):
                self.problem(path + pointer, _("It has characters that cannot be stored: NUL or a lone surrogate."))
        if len(self.problems) == before and isinstance(config, dict):
            for key, message in self.asked(leaf, lambda: problems_of(leaf, self.asking)):
                self.problem(f"{path}/{_escaped(key)}", message)

    def asked(self, leaf: Leaf, question: Callable[[], list[FoundT]]) -> list[FoundT]:
        """What the code of a criterion finds; that it cannot be asked is a problem of the rule, too."""
        try:
            return question()
        except CriterionError as error:
            if isinstance(error.__cause__, DatabaseError):
                # Not the author's fault, and not to be read as one.
                raise error.__cause__ from None
            self.problem(leaf.path, _("It cannot be checked: {reason}").format(reason=error.message))
            return []


def _texts(data: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text within JSON data, with its path; keys count too."""
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, list):
        for place, item in enumerate(data):
            yield from _texts(item, f"{path}/{place}")
    elif isinstance(data, dict):
        for key, item in data.items():
            yield path, str(key)
            yield from _texts(item, f"{path}/{_escaped(str(key))}")


def _escaped(key: str) -> str:
    """A part of a JSON pointer (RFC 6901); what cannot be printed is shown as its code."""
    return key.replace("~", "~0").replace("/", "~1").encode(errors="backslashreplace").decode()
