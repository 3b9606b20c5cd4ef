"""Combining: a rule whose leaves are conditions becomes one condition, or, for known answers, one set of users.

Both follow the same tree, so that a whole scope and a single user get the same answer.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Value, When

from .tree import Combine, Leaf, Node

NOBODY = Q(pk__in=())


def among(rows: QuerySet[Any], column: str = "user_id") -> Q:
    """True of users who have one of ``rows``; ``~among(...)`` of all others.

    A subquery, never a join: a user with two rows must not count twice.
    """
    return Q(pk__in=rows.values(column))


def combined(node: Node, predicate: Callable[[Leaf], Q], *, negated: bool = False, per_user: bool = False) -> Q:
    """The condition of a rule, given that of each leaf. Negations are moved down to the leaves; see normal()."""
    if isinstance(node, Leaf):
        return normal(predicate(node), negated=negated, per_user=per_user)
    # none = all negated; and by De Morgan a negated "all" is "any" of the negated.
    inner = negated != (node.combine == Combine.NONE)
    conjunction = (node.combine != Combine.ANY) != negated
    conditions = [combined(child, predicate, negated=inner, per_user=per_user) for child in node.children]
    return reduce(and_ if conjunction else or_, conditions) if conditions else NOBODY


def satisfied(node: Node, truth: Callable[[Leaf], set[int]], everyone: set[int]) -> set[int]:
    """Those of ``everyone`` for whom a rule is true, given for whom each leaf is."""
    if isinstance(node, Leaf):
        return truth(node) & everyone
    sets = [satisfied(child, truth, everyone) for child in node.children]
    if not sets:
        return set()
    if node.combine == Combine.ALL:
        return set.intersection(*sets)
    some: set[int] = set().union(*sets)
    return some if node.combine == Combine.ANY else everyone - some


def normal(condition: Q, *, negated: bool = False, per_user: bool = False) -> Q:
    """The same condition, or its negation, in the form that databases are quickest with.

    A subquery that must hold stays ``IN``; one that must not becomes ``NOT EXISTS``, which PostgreSQL answers
    several times faster than ``NOT IN`` and which NULLs in the subquery cannot turn into "nobody". ``per_user``
    turns all of them into ``EXISTS``: for a few users, that looks up their rows only.
    """
    if condition.connector == Q.XOR:
        return ~condition if negated else condition
    negated = negated != condition.negated
    parts = [_normal_part(part, negated, per_user) for part in condition.children]
    conjunction = (condition.connector == Q.AND) != negated
    return reduce(and_ if conjunction else or_, parts)


def _normal_part(part: Any, negated: bool, per_user: bool) -> Q:
    if isinstance(part, Q):
        return normal(part, negated=negated, per_user=per_user)
    rows = _rows_of(part) if negated or per_user else None
    asked = Q(part) if rows is None else Q(Exists(rows))
    if negated and rows is None and _may_be_null(part):
        return Q(Case(When(asked, then=Value(False)), default=Value(True), output_field=BooleanField()))
    return ~asked if negated else asked


def _may_be_null(part: Any) -> bool:
    """Whether it may be neither true nor false: Django sees to it for a column and a plain value only."""
    if isinstance(part, tuple):
        return hasattr(part[1], "resolve_expression") and not isinstance(part[1], QuerySet)
    return not isinstance(part, Exists)


def _rows_of(part: Any) -> QuerySet[Any] | None:
    """The rows behind ``pk__in=rows.values(column)``, those of the outer user; None for any other condition."""
    if not isinstance(part, tuple) or part[0] not in ("pk__in", "id__in") or not isinstance(part[1], QuerySet):
        return None
    rows = part[1]
    columns = rows.query.values_select
    if len(columns) != 1 or rows.query.is_sliced or rows.query.combinator:
        return None
    return rows.filter(**{columns[0]: OuterRef("pk")})
