"""Evaluation: who matches. One SELECT gives the members of a group; for given users each leaf is asked once.

Nothing here writes. Every failure of a criterion is a CriterionError that names its place in the rule.
"""

from __future__ import annotations

import json
import math
import operator
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import DatabaseError
from django.db.models import Q, QuerySet
from django.db.models.sql.datastructures import Join

from .. import deadline
from ..criteria import registry, schemas
from ..criteria.base import Asking, Criterion, Operator
from ..data import ScopeData
from ..exceptions import CriterionError, CriterionFailed, CriterionUnavailable, in_words, storable
from ..models import Exclusion
from ..population.scopes import not_expired, population
from ..retrying import is_passing
from ..rules.combine import among, combined, normal
from ..rules.tree import Leaf, LeafKey, Node
from .definition import Definition

LIMIT = "OPENEDX_USER_GROUPS_CRITERION_SECONDS sets the limit."
# Of what a criterion asks, at most so many characters are told.
MAX_SENTENCE = 2_000


def users_where(condition: Q) -> QuerySet[AbstractBaseUser]:
    """The users for whom a condition is true, in no order."""
    return get_user_model()._default_manager.order_by().filter(condition)


def criterion_of(leaf: Leaf, asking: Asking) -> Criterion:
    """The criterion behind a leaf, ready to be asked; raises CriterionError where it cannot be."""
    with _at(leaf, deadline.PROMPT):
        if leaf.key not in asking.criteria:
            criterion = registry.get(leaf.criterion)
            if reason := criterion.unavailable():
                raise CriterionUnavailable(reason)
            asking.criteria[leaf.key] = criterion(leaf.operator, leaf.config, asking)
        return asking.criteria[leaf.key]


def predicate_of(leaf: Leaf, asking: Asking) -> Q:
    """The condition of a leaf, checked: neither empty nor through a join that counts users twice."""
    criterion = criterion_of(leaf, asking)
    with _at(leaf):
        condition = criterion.predicate()
        check(condition)
        return condition


def unknown_of(leaf: Leaf, asking: Asking) -> Q | None:
    """The condition of users about whom a leaf has no data, checked in the same way; None where it always has."""
    criterion = criterion_of(leaf, asking)
    with _at(leaf):
        condition = criterion.unknown()
        if condition is not None:
            check(condition, "unknown()")
        return condition


def changed_by_time(leaf: Leaf, asking: Asking, since: datetime) -> Q | None:
    """The condition of users for whom time alone may have changed what a leaf is, until now; None: nobody can tell."""
    criterion = criterion_of(leaf, asking)
    with _at(leaf):
        condition = criterion.changed_by_time(since, asking.now)
        if condition is not None:
            check(condition, "changed_by_time()")
        return condition


def values_of(leaf: Leaf, asking: Asking) -> dict[int, Any]:
    """What each of ``asking.users`` has, where the criterion of a leaf can say it."""
    criterion = criterion_of(leaf, asking)
    with _at(leaf):
        found = dict(criterion.values())
        # What is no JSON, or no text, cannot be told to anybody.
        json.dumps(found, allow_nan=False, ensure_ascii=False).encode()
        return found


def texts_of(leaf: Leaf, asking: Asking, values: Mapping[int, Any]) -> dict[int, str]:
    """What each user has, which ``values_of`` has told, as the criterion says it to people."""
    criterion = criterion_of(leaf, asking)
    with _at(leaf):
        texts = {user: str(criterion.value_text(value)) for user, value in values.items()}
        return {user: storable(text, MAX_SENTENCE) for user, text in texts.items()}


def look_up(asked: Iterable[tuple[Leaf, Asking]]) -> None:
    """Let the criteria of many leaves find together what they name; those that cannot say so when they are asked."""
    kinds: dict[type[Criterion], dict[tuple[ScopeData, LeafKey], tuple[Leaf, Criterion]]] = defaultdict(dict)
    for leaf, asking in asked:
        with suppress(CriterionError):
            criterion = criterion_of(leaf, asking)
            kinds[type(criterion)][asking.scope, leaf.key] = leaf, criterion
    for kind, found in kinds.items():
        (first, _criterion), *_others = found.values()
        with suppress(CriterionError), _at(first, deadline.PROMPT):
            kind.look_up([criterion for _leaf, criterion in found.values()])


def description_of(leaf: Leaf, asking: Asking) -> str:
    """What a leaf asks, in words; raises CriterionError where its criterion does not say it."""
    criterion = criterion_of(leaf, asking)
    with _at(leaf, deadline.PROMPT):
        if not (text := str(criterion.describe() or "").strip()):
            raise CriterionFailed("describe() must return a text.")
        return storable(text, MAX_SENTENCE)


def refusals_of(leaf: Leaf) -> list[tuple[tuple[str | int, ...], str]]:
    """What the schema has against the config of a leaf: paths within it, and what is allowed there."""
    with _at(leaf, deadline.PROMPT):
        validator = registry.get(leaf.criterion).validator(Operator(leaf.operator))
        return list(schemas.problems(validator, leaf.config))


def problems_of(leaf: Leaf, asking: Asking) -> list[tuple[str, str]]:
    """What the criterion itself has against the config of a leaf: keys of it, and what is allowed there."""
    criterion = criterion_of(leaf, asking)
    with _at(leaf, deadline.PROMPT):
        return [(str(key), str(message)) for key, message in criterion.problems()]


def is_told(leaf: Leaf, asking: Asking) -> bool:
    """Whether the asker may be told what a leaf is true of.

    Not where it names what they may not see, and not without the permission that its criterion requires.
    """
    criterion = criterion_of(leaf, asking)
    if criterion.permission and not asking.asker.has(criterion.permission, asking.scope):
        return False
    with _at(leaf, deadline.PROMPT):
        return all(criterion.reaches(scope) for scope in criterion.names())


def groups_asked(leaf: Leaf, asking: Asking) -> set[int]:
    """The ids of the groups whose members a leaf asks about."""
    criterion = criterion_of(leaf, asking)
    with _at(leaf, deadline.PROMPT):
        # Whole numbers of any library; whatever else it gives could be looked up nowhere.
        return {operator.index(group_id) for group_id in criterion.groups()}


@contextmanager
def _at(leaf: Leaf, seconds: float = math.inf) -> Iterator[None]:
    """Whatever the code of a criterion raises is a CriterionError with its place; and it may not take for ever."""
    allowed = settings.OPENEDX_USER_GROUPS_CRITERION_SECONDS
    try:
        with deadline.within(min(allowed, seconds), hint=LIMIT if allowed <= seconds else ""):
            yield
    except CriterionError as error:
        named = error.message if leaf.criterion in error.message else f"{leaf.criterion}: {error.message}"
        error.message = storable(named)
        error.at(leaf.path)
        raise
    except Exception as error:
        if isinstance(error, DatabaseError) and is_passing(error):
            # Such as a deadlock: says nothing about the criterion.
            raise
        raise CriterionFailed(f"{leaf.criterion} failed: {in_words(error)}").at(leaf.path) from error


def check(condition: object, method: str = "predicate()") -> None:
    """Raises CriterionFailed for a condition that says nothing, counts users twice, or can be read only once."""
    if not isinstance(condition, Q) or _is_empty(condition):
        raise CriterionFailed(f"{method} must return a Q that is not empty; everybody is Q(pk__isnull=False).")
    if any(isinstance(value, Iterator) for value in _compared(condition)):
        raise CriterionFailed(f"{method} compares with a generator, which is used up the first time: make it a list.")
    # Negated as well: Django makes a subquery of a join that is negated, and "none" takes the negation away again.
    for asked in (condition, normal(condition, negated=True)):
        for join in users_where(asked).query.alias_map.values():
            if isinstance(join, Join) and getattr(join.join_field, "one_to_many", False):
                raise CriterionFailed(f"{method} joins {join.table_name}: use a subquery, see criteria.among().")


def _is_empty(condition: Q) -> bool:
    """Whether it, or a part of it, says nothing; the part would vanish from whatever it is combined with."""
    return not condition.children or any(isinstance(part, Q) and _is_empty(part) for part in condition.children)


def _compared(condition: Q) -> Iterator[object]:
    """Every value that a part of it compares a column with."""
    for part in condition.children:
        if isinstance(part, Q):
            yield from _compared(part)
        elif isinstance(part, tuple):
            yield part[1]


def matching_users(rule: Node, asking: Asking, parent_group_id: int | None = None) -> QuerySet[AbstractBaseUser]:
    """Everybody in the population for whom the rule is true, as one SELECT."""
    people = normal(population(asking.scope, now=asking.now, parent_group_id=parent_group_id))
    return users_where(people & combined(rule, lambda leaf: predicate_of(leaf, asking)))


def members_by_rule(group: Definition, asking: Asking, excludes: bool) -> QuerySet[AbstractBaseUser]:
    """Whom the rule of a group wants in it, without the excluded ones where there are any."""
    if group.rule is None:
        return users_where(Q(pk__in=()))
    try:
        users = matching_users(group.rule, asking, group.parent_group_id)
    except CriterionError as error:
        error.of(group.group_id)
        raise
    return users.filter(normal(kept_out_of(group.group_id, asking.now), negated=True)) if excludes else users


def kept_out_of(group_id: int, now: datetime) -> Q:
    """The condition of users who are kept out of a group now."""
    return among(Exclusion.objects.filter(not_expired(now), group_id=group_id))


def groups_with_exclusions(groups: Iterable[Definition], now: datetime) -> set[int]:
    """The ids of those groups that keep somebody out."""
    ids = [group.group_id for group in groups]
    return set(Exclusion.objects.filter(not_expired(now), group_id__in=ids).values_list("group_id", flat=True))
