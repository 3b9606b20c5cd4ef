"""What a criterion answers: the same in every way that the engine asks, and what its operators promise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

import attrs
from django.db import DatabaseError, transaction
from django.db.models import Q

from ...evaluation import matching
from ...exceptions import CriterionError
from ...ids import IsAnyOf
from ...rules.combine import normal
from ...rules.tree import Leaf
from .. import registry
from ..base import OPPOSITES, Asking, Operator

EVERYBODY = Q(pk__isnull=False)
# How long before the instant that is asked about time may have begun to change something.
SPANS = (timedelta(hours=1), timedelta(days=30), timedelta(days=3650))


def check_answers(leaf: Leaf, asking: Asking) -> None:
    """The predicate divides all users in two, in whichever way the engine asks, and treats missing data as told."""
    what = f"{leaf.criterion} {leaf.operator}"
    condition = predicate_of(leaf, asking)
    everybody = ids_where(EVERYBODY, what)
    assert everybody, f"{what}: there are no users; make some of every kind before the criterion is checked."
    matched = ids_where(condition, what)
    _check_forms(what, condition, matched, everybody)
    for users in (sorted(everybody), sorted(everybody)[::2]):
        asked = Q(IsAnyOf("pk", users)) & normal(predicate_of(leaf, attrs.evolve(asking, users=users)), per_user=True)
        _same(what, f"asked about {len(users)} users", ids_where(asked, what), matched & set(users))
    _check_opposite(leaf, asking, matched, everybody)
    _check_unknown(leaf, asking, matched)
    _check_values(leaf, attrs.evolve(asking, users=sorted(everybody)[::2]))
    if registry.get(leaf.criterion).refresh_every is not None:
        for span in SPANS:
            _check_time(leaf, asking, asking.now - span, matched)


def _check_forms(what: str, condition: Q, matched: set[int], everybody: set[int]) -> None:
    forms = {
        "as a subquery": (normal(condition), matched),
        "for single users": (normal(condition, per_user=True), matched),
        "negated with ~": (~condition, everybody - matched),
        "negated as a subquery": (normal(condition, negated=True), everybody - matched),
        "negated for single users": (normal(condition, negated=True, per_user=True), everybody - matched),
    }
    for form, (asked, expected) in forms.items():
        _same(what, form, ids_where(asked, what), expected)


def _check_opposite(leaf: Leaf, asking: Asking, matched: set[int], everybody: set[int]) -> None:
    opposite = OPPOSITES.get(_operator(leaf))
    criterion_type = registry.get(leaf.criterion)
    if opposite is None or opposite not in criterion_type.operators:
        return
    if not criterion_type.validator(opposite).is_valid(leaf.config):
        return
    other = Leaf(leaf.path, leaf.criterion, opposite, leaf.config)
    found = ids_where(predicate_of(other, asking), f"{leaf.criterion} {opposite}")
    what = f"{leaf.criterion} {leaf.operator}"
    both, neither = sorted(found & matched), sorted(everybody - found - matched)
    assert not both, f"{what} and {opposite} are both true of the users {both[:10]}; they must divide all users."
    assert not neither, f"{what} and {opposite} are both false of the users {neither[:10]}; they must divide all users."


def _check_unknown(leaf: Leaf, asking: Asking, matched: set[int]) -> None:
    what = f"{leaf.criterion} {leaf.operator}"
    unknown = matching.criterion_of(leaf, asking).unknown()
    if unknown is None:
        return
    assert isinstance(unknown, Q), f"{what}: unknown() must return a Q that is not empty, or None."
    assert unknown, f"{what}: unknown() must return a Q that is not empty, or None."
    without_data = ids_where(normal(unknown), f"{what}: unknown()")
    if _operator(leaf).counts_no_data:
        wrong = sorted(without_data - matched)
        assert not wrong, f"{what} must be true of users without data, and is not of {wrong[:10]}."
    else:
        wrong = sorted(without_data & matched)
        assert not wrong, f"{what} must not be true of users without data, and is of {wrong[:10]}."


def _check_time(leaf: Leaf, asking: Asking, since: datetime, matched: set[int]) -> None:
    what = f"{leaf.criterion} {leaf.operator}: changed_by_time()"
    try:
        condition = matching.changed_by_time(leaf, asking, since)
    except CriterionError as error:
        raise AssertionError(f"{what}: {error.message}") from error
    if condition is None:
        return
    before = ids_where(predicate_of(leaf, attrs.evolve(asking, now=since)), what)
    forgotten = sorted((before ^ matched) - ids_where(normal(condition), what))
    assert not forgotten, f"{what} forgets the users {forgotten[:10]}, who are not what they were at {since}."


def _check_values(leaf: Leaf, asking: Asking) -> None:
    what = f"{leaf.criterion} {leaf.operator}: values()"
    criterion = matching.criterion_of(leaf, asking)
    found = criterion.values()
    assert isinstance(found, Mapping), f"{what} must return a mapping of user ids to values, not {found!r:.200}."
    strangers = sorted(set(found).difference(asking.users or ()), key=str)
    assert not strangers, f"{what} must be about users that are asked about, and is about {strangers[:10]}."
    for value in found.values():
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise AssertionError(f"{what} must be texts, numbers and lists of them, not {value!r:.200}.") from error
        told = criterion.value_text(value)
        assert isinstance(told, str), f"{leaf.criterion}: value_text() must return a text, not {told!r:.200}."


def predicate_of(leaf: Leaf, asking: Asking) -> Q:
    try:
        return matching.predicate_of(leaf, asking)
    except CriterionError as error:
        raise AssertionError(f"{leaf.criterion} {leaf.operator} with {leaf.config!r:.200}: {error.message}") from error


def ids_where(condition: Q, what: str) -> set[int]:
    """The users for whom a condition is true; nobody twice."""
    try:
        # A statement that PostgreSQL refuses would take the whole test's transaction with it.
        with transaction.atomic():
            found = list(matching.users_where(condition).values_list("pk", flat=True))
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
