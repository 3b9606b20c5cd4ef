"""The contract that every criterion must pass, for the test suites of plugins; any test runner will do.

Fill the test database with people of every kind that the criterion tells apart, people without data included,
and call ``check_criterion()``. What breaks the contract is an AssertionError that says what to change.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from .. import evaluation, rule_reader
from ..combine import normal
from ..data import COURSE, INSTANCE, ORGANIZATION, ScopeData
from ..exceptions import CriterionError, InvalidRule
from ..ids import IsAnyOf
from ..rules import Leaf
from . import registry, schemas
from .base import OPPOSITES, Criterion, Operator

EVERYBODY = Q(pk__isnull=False)
LEAF_PATH = "/all/0"

# What people and programs write where something else belongs; each takes the place of every part of a config.
GARBAGE: tuple[Any, ...] = (
    None,
    True,
    -1,
    0.5,
    10**400,
    math.nan,
    math.inf,
    "",
    "%_'\"\\",
    "\0",
    "\ud800",
    "🎓" * 10_000,
    [],
    [None],
    [[]],
    ["", {}],
    {},
    {"": []},
)


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
    for operator, config in configs.items():
        leaf = Leaf(LEAF_PATH, name, str(operator), config)
        check_config(leaf, scope, now)
        check_answers(leaf, scope, now)
        check_garbage(leaf, scope, now)


def check_declaration(criterion_type: type[Criterion]) -> None:
    """The class says what the registry, forms and documentation need to know of it."""
    name = criterion_type.name
    try:
        registered: type[Criterion] | None = registry.get(name)
    except CriterionError:
        registered = None
    assert registered is criterion_type, f"{criterion_type!r} is not registered: decorate it with @register(name)."
    assert _is_text(criterion_type.title), f"{name} needs a title that is not empty."
    unknown = set(criterion_type.scopes) - {COURSE, ORGANIZATION, INSTANCE}
    assert criterion_type.scopes, f"{name} needs at least one scope."
    assert not unknown, f"{name} names scopes that there are not: {sorted(unknown)}."
    assert criterion_type.operators, f"{name} needs at least one operator."
    for operator, schema in criterion_type.operators.items():
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            raise AssertionError(f"{name} {operator}: its JSON Schema is not valid: {error.message}") from error
    assert isinstance(criterion_type.unavailable(), str), f"{name}: unavailable() must return a text, '' for no reason."


def check_config(leaf: Leaf, scope: ScopeData, now: datetime) -> None:
    """The example config is valid, and the criterion can be told in words."""
    what = f"{leaf.criterion} {leaf.operator}"
    criterion_type = registry.get(leaf.criterion)
    assert leaf.operator in criterion_type.operators, f"{leaf.criterion} has no operator {leaf.operator!r}."
    refused = [message for _place, message in schemas.problems(criterion_type.validator(_operator(leaf)), leaf.config)]
    assert not refused, f"{what}: its schema refuses the example config {leaf.config!r}: {' '.join(refused)}"
    criterion = evaluation.criterion_of(leaf, scope, now)
    problems = list(criterion.problems())
    assert not problems, f"{what}: problems() refuses the example config {leaf.config!r}: {problems}"
    assert _is_text(criterion.describe()), f"{what}: describe() must return a text that is not empty."


def check_answers(leaf: Leaf, scope: ScopeData, now: datetime) -> None:
    """The predicate divides all users in two, in whichever way the engine asks, and treats missing data as told."""
    what = f"{leaf.criterion} {leaf.operator}"
    condition = _predicate(leaf, scope, now)
    everybody = _ids(EVERYBODY, what)
    assert everybody, f"{what}: there are no users; make some of every kind before the criterion is checked."
    matched = _ids(condition, what)
    _check_forms(what, condition, matched, everybody)
    for users in (sorted(everybody), sorted(everybody)[::2]):
        asked = Q(IsAnyOf("pk", users)) & normal(_predicate(leaf, scope, now, users), per_user=True)
        _same(what, f"asked about {len(users)} users", _ids(asked, what), matched & set(users))
    _check_opposite(leaf, scope, now, matched, everybody)
    _check_unknown(leaf, scope, now, matched)


def _check_forms(what: str, condition: Q, matched: set[int], everybody: set[int]) -> None:
    forms = {
        "as a subquery": (normal(condition), matched),
        "for single users": (normal(condition, per_user=True), matched),
        "negated with ~": (~condition, everybody - matched),
        "negated as a subquery": (normal(condition, negated=True), everybody - matched),
        "negated for single users": (normal(condition, negated=True, per_user=True), everybody - matched),
    }
    for form, (asked, expected) in forms.items():
        _same(what, form, _ids(asked, what), expected)


def _check_opposite(leaf: Leaf, scope: ScopeData, now: datetime, matched: set[int], everybody: set[int]) -> None:
    opposite = OPPOSITES.get(_operator(leaf))
    criterion_type = registry.get(leaf.criterion)
    if opposite is None or opposite not in criterion_type.operators:
        return
    if not criterion_type.validator(opposite).is_valid(leaf.config):
        return
    other = Leaf(leaf.path, leaf.criterion, opposite, leaf.config)
    found = _ids(_predicate(other, scope, now), f"{leaf.criterion} {opposite}")
    what = f"{leaf.criterion} {leaf.operator}"
    both, neither = sorted(found & matched), sorted(everybody - found - matched)
    assert not both, f"{what} and {opposite} are both true of the users {both[:10]}; they must divide all users."
    assert not neither, f"{what} and {opposite} are both false of the users {neither[:10]}; they must divide all users."


def _check_unknown(leaf: Leaf, scope: ScopeData, now: datetime, matched: set[int]) -> None:
    what = f"{leaf.criterion} {leaf.operator}"
    unknown = evaluation.criterion_of(leaf, scope, now).unknown()
    if unknown is None:
        return
    assert isinstance(unknown, Q), f"{what}: unknown() must return a Q that is not empty, or None."
    assert unknown, f"{what}: unknown() must return a Q that is not empty, or None."
    without_data = _ids(normal(unknown), f"{what}: unknown()")
    if _operator(leaf).counts_no_data:
        wrong = sorted(without_data - matched)
        assert not wrong, f"{what} must be true of users without data, and is not of {wrong[:10]}."
    else:
        wrong = sorted(without_data & matched)
        assert not wrong, f"{what} must not be true of users without data, and is of {wrong[:10]}."


def check_garbage(leaf: Leaf, scope: ScopeData, now: datetime) -> None:
    """Any config is either refused with problems, or one that the criterion can answer."""
    for config in _spoilt(leaf.config):
        rule = {"all": [{"criterion": leaf.criterion, "operator": leaf.operator, "config": config}]}
        what = f"{leaf.criterion} {leaf.operator} with the config {config!r:.200}"
        try:
            _ask_for_problems(leaf, config, scope, now)
            rule_reader.parse(rule, scope)
        except InvalidRule:
            continue
        except Exception as error:
            raise AssertionError(f"{what}: it must be refused with problems, not {error!r:.500}.") from error
        _ids(_predicate(Leaf(LEAF_PATH, leaf.criterion, leaf.operator, config), scope, now), what)


def _ask_for_problems(leaf: Leaf, config: Any, scope: ScopeData, now: datetime) -> None:
    """Call problems() as it is: whoever reads a rule would make a problem of its errors."""
    criterion = registry.get(leaf.criterion)
    if not any(schemas.problems(criterion.validator(_operator(leaf)), config)):
        list(criterion(leaf.operator, config, scope=scope, now=now).problems())


def _spoilt(config: Mapping[str, Any]) -> Iterator[Any]:
    yield from GARBAGE
    for key in config:
        yield {name: value for name, value in config.items() if name != key}
        yield from ({**config, key: value} for value in GARBAGE)
        if isinstance(config[key], list):
            yield from ({**config, key: [value]} for value in GARBAGE)


def _predicate(leaf: Leaf, scope: ScopeData, now: datetime, users: Sequence[int] | None = None) -> Q:
    try:
        return evaluation.predicate_of(leaf, scope, now, users)
    except CriterionError as error:
        raise AssertionError(f"{leaf.criterion} {leaf.operator} with {leaf.config!r:.200}: {error.message}") from error


def _ids(condition: Q, what: str) -> set[int]:
    """The users for whom a condition is true; nobody twice."""
    try:
        # A statement that PostgreSQL refuses would take the whole test's transaction with it.
        with transaction.atomic():
            found = list(evaluation.users_where(condition).values_list("pk", flat=True))
    except (DatabaseError, TypeError, ValueError) as error:
        raise AssertionError(f"{what}: the database cannot answer: {error!r:.500}") from error
    twice = sorted({pk for pk in found if found.count(pk) > 1}) if len(found) != len(set(found)) else []
    assert not twice, f"{what} counts the users {twice[:10]} more than once: use a subquery, see criteria.among()."
    return set(found)


def _same(what: str, form: str, found: set[int], expected: set[int]) -> None:
    lost, added = sorted(expected - found), sorted(found - expected)
    assert not lost, f"{what}, {form}, loses the users {lost[:10]}."
    assert not added, f"{what}, {form}, has the users {added[:10]} in addition."


def _operator(leaf: Leaf) -> Operator:
    return Operator(leaf.operator)


def _is_text(value: object) -> bool:
    return isinstance(value, str | Promise) and bool(str(value).strip())
