"""Preview: whom a rule would hold, and how each of its criteria divides the population; nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import DatabaseError
from django.db.models import Case, Count, IntegerField, Q, Value, When

from .combine import combined, normal
from .data import LeafCount, PreviewData, ScopeData
from .evaluation import check, criterion_of, predicate_of, users_where
from .exceptions import CriterionFailed
from .ids import IsAnyOf
from .reading import plain_rows, usable_afterwards
from .rules import Branch, Leaf, leaves
from .scopes import population
from .wording import leaf_sentence

# Columns of one statement; more leaves take more statements.
LEAVES_AT_A_TIME = 15


def preview(rule: Branch, scope: ScopeData, now: datetime, *, user_ids: bool = False) -> PreviewData:
    """Counts for a rule, and with ``user_ids`` the ids of those it matches; raises CriterionError."""
    try:
        with usable_afterwards():
            return _preview(rule, scope, now, user_ids)
    except DatabaseError as error:
        _find_culprit(rule, scope, now, error)
        raise


def _find_culprit(rule: Branch, scope: ScopeData, now: datetime, error: DatabaseError) -> None:
    """Ask every leaf on its own, about nobody, so that the error names the one that the database refuses."""
    for leaf in leaves(rule):
        try:
            list(plain_rows(users_where(Q(IsAnyOf("id", [0])) & predicate_of(leaf, scope, now)).values_list("pk")))
        except DatabaseError:
            raise CriterionFailed(f"{leaf.criterion} failed: {error}").at(leaf.path) from error


def _preview(rule: Branch, scope: ScopeData, now: datetime, user_ids: bool) -> PreviewData:
    people = normal(population(scope, now=now))
    condition = combined(rule, lambda leaf: predicate_of(leaf, scope, now))
    ids = sorted(users_where(people & condition).values_list("pk", flat=True)) if user_ids else None
    count = len(ids) if ids is not None else users_where(people & condition).count()
    asked = list(leaves(rule))
    totals, counts = _count(people, asked, scope, now)
    return PreviewData(population=totals, count=count, leaves=tuple(counts), user_ids=ids)


def _count(people: Q, asked: Sequence[Leaf], scope: ScopeData, now: datetime) -> tuple[int, list[LeafCount]]:
    total = 0
    counts: list[LeafCount] = []
    for start in range(0, len(asked), LEAVES_AT_A_TIME):
        chunk = asked[start : start + LEAVES_AT_A_TIME]
        columns = {"people": Count("pk")}
        for place, leaf in enumerate(chunk):
            columns[f"matched_{place}"] = _counting(predicate_of(leaf, scope, now))
            unknown = _unknown(leaf, scope, now)
            if unknown is not None:
                columns[f"unknown_{place}"] = _counting(unknown)
        row = users_where(people).aggregate(**columns)
        total = row["people"]
        counts += [
            LeafCount(leaf.path, leaf_sentence(leaf, scope), row[f"matched_{place}"], row.get(f"unknown_{place}", 0))
            for place, leaf in enumerate(chunk)
        ]
    return total, counts


def _unknown(leaf: Leaf, scope: ScopeData, now: datetime) -> Q | None:
    criterion = criterion_of(leaf, scope, now)
    try:
        condition = criterion.unknown()
        if condition is not None:
            check(condition)
        return condition
    except Exception as error:
        raise CriterionFailed(f"{leaf.criterion} failed: {error!r}").at(leaf.path) from error


def _counting(condition: Q) -> Count:
    return Count(Case(When(normal(condition), then=Value(1)), output_field=IntegerField()))
