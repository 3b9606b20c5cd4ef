"""All that is checked of a criterion: what it declares, what it answers, and what it does with garbage."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise

from ...data import ScopeData
from ...evaluation import matching
from ...exceptions import CriterionError, RegistrationError
from ...population.staging import staging
from ...rules.tree import Leaf
from .. import declaration, registry
from ..base import Asking, Criterion
from .answers import check_answers
from .garbage import check_garbage

LEAF_PATH = "/all/0"


def check_criterion(
    criterion_type: type[Criterion],
    *,
    scope: ScopeData,
    configs: Mapping[str, Mapping[str, Any]],
    now: datetime | None = None,
) -> None:
    """Check all that the engine relies on, with one example config for each operator, in one scope."""
    now = now or timezone.now()
    check_declaration(criterion_type)
    name = criterion_type.name
    assert scope.type in criterion_type.scopes, f"{name} does not offer scopes of type {scope.type!r}."
    assert not (reason := criterion_type.unavailable()), f"{name} cannot be checked here: {reason}"
    without = sorted(set(map(str, criterion_type.operators)) - set(map(str, configs)))
    assert not without, f"{name} needs an example config for {', '.join(without)}."
    with staging() as stage:
        asking = Asking(scope, now, stage=stage)
        for operator, config in configs.items():
            leaf = Leaf(LEAF_PATH, name, str(operator), config)
            check_config(leaf, asking)
            check_answers(leaf, asking)
            check_garbage(leaf, asking)


def check_declaration(criterion_type: type[Criterion]) -> None:
    """The class says what the registry, forms and documentation need to know of it."""
    name = criterion_type.name
    try:
        registered: type[Criterion] | None = registry.get(name)
    except CriterionError:
        registered = None
    assert registered is criterion_type, f"{criterion_type!r} is not registered: decorate it with @register(name)."
    try:
        declaration.check_declaration(name, criterion_type)
    except RegistrationError as error:
        raise AssertionError(error.message) from error
    assert _is_text(criterion_type.title), f"{name} needs a title that is not empty."
    assert isinstance(criterion_type.unavailable(), str), f"{name}: unavailable() must return a text, '' for no reason."


def check_config(leaf: Leaf, asking: Asking) -> None:
    """The example config is valid, and the criterion can be told in words."""
    what = f"{leaf.criterion} {leaf.operator}"
    criterion_type = registry.get(leaf.criterion)
    assert leaf.operator in criterion_type.operators, f"{leaf.criterion} has no operator {leaf.operator!r}."
    refused = [message for _place, message in matching.refusals_of(leaf)]
    assert not refused, f"{what}: its schema refuses the example config {leaf.config!r}: {' '.join(refused)}"
    criterion = matching.criterion_of(leaf, asking)
    problems = list(criterion.problems())
    assert not problems, f"{what}: problems() refuses the example config {leaf.config!r}: {problems}"
    assert _is_text(criterion.describe()), f"{what}: describe() must return a text that is not empty."
    named = list(criterion.names())
    are_scopes = all(isinstance(scope, ScopeData) for scope in named)
    assert are_scopes, f"{what}: names() must give scopes, not {named!r:.200}."


def _is_text(value: object) -> bool:
    return isinstance(value, str | Promise) and bool(str(value).strip())
