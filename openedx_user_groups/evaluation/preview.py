"""Preview: whom a rule would hold, and how each of its criteria divides the population; nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import DatabaseError
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from ..criteria.base import Asking
from ..data import LeafCount, PreviewData
from ..exceptions import CriterionFailed
from ..ids import IsAnyOf
from ..models import UserGroup
from ..population.reading import plain_rows, usable_afterwards
from ..population.scopes import population
from ..population.staging import staging
from ..rules.combine import combined, normal
from ..rules.tree import Branch, Combine, Leaf, LeafKey, leaves
from .matching import kept_out_of, look_up, predicate_of, unknown_of, users_where
from .wording import leaf_sentence

# Columns of one statement; more leaves take more statements.
LEAVES_AT_A_TIME = 15
# Each step asks again all that those before it ask.
MAX_STEPS = 6


def preview(
    rule: Branch,
    asking: Asking,
    *,
    group: UserGroup | None = None,
    user_ids: bool | slice = False,
    steps: bool = False,
) -> PreviewData:
    """Counts for a rule; with ``user_ids`` the sorted ids of those it matches, or a slice of them by user name.

    Of ``group`` it counts in the population that this has, without those who are kept out of it. ``steps`` also counts
    who is left after each part of the rule. Raises CriterionError.
    """
    try:
        with usable_afterwards(), staging() as stage:
            return _preview(rule, attrs.evolve(asking, stage=stage), group, user_ids, steps)
    except DatabaseError as error:
        _find_culprit(rule, asking, error)
        raise


def _find_culprit(rule: Branch, asking: Asking, error: DatabaseError) -> None:
    """Ask every leaf on its own, about nobody, so that the error names the one that the database refuses."""
    nobody = attrs.evolve(asking, users=[0])
    for leaf in leaves(rule):
        try:
            list(plain_rows(users_where(Q(IsAnyOf("id", [0])) & predicate_of(leaf, nobody)).values_list("pk")))
        except DatabaseError:
            raise CriterionFailed(f"{leaf.criterion} failed: {error}").at(leaf.path) from error


def _preview(rule: Branch, asking: Asking, group: UserGroup | None, user_ids: bool | slice, steps: bool) -> PreviewData:
    above = group.collection.parent_group_id if group else None
    people = normal(population(asking.scope, now=asking.now, parent_group_id=above))
    # Each is asked once, though it stands in two statements: what comes from outside the database can be slow.
    conditions = {leaf.key: predicate_of(leaf, asking) for leaf in leaves(rule)}
    matching = users_where(people & combined(rule, lambda leaf: conditions[leaf.key]))
    kept_out = 0
    if group:
        excluded = kept_out_of(group.pk, asking.now)
        kept_out = matching.filter(normal(excluded)).count()
        matching = matching.filter(normal(excluded, negated=True))
    ids = _ids(matching, user_ids) if user_ids else None
    count = len(ids) if ids is not None and user_ids is True else matching.count()
    totals, counts = _count(people, [(leaf, conditions[leaf.key]) for leaf in leaves(rule)], asking)
    left = _steps(people, rule, conditions, count + kept_out) if steps else ()
    return PreviewData(totals, count, tuple(counts), ids, left, kept_out)


def _ids(matching: QuerySet[AbstractBaseUser], wanted: bool | slice) -> list[int]:
    if not isinstance(wanted, slice):
        return sorted(matching.values_list("pk", flat=True))
    return list(matching.order_by(get_user_model().USERNAME_FIELD, "pk").values_list("pk", flat=True)[wanted])


def _steps(people: Q, rule: Branch, conditions: Mapping[LeafKey, Q], count: int) -> tuple[int, ...]:
    """How many are left after each part of a rule of which all parts must be true; of other rules nothing."""
    parts = rule.children
    if rule.combine != Combine.ALL or not 1 < len(parts) <= MAX_STEPS:
        return ()
    columns = {
        f"left_{end}": _counting(
            combined(attrs.evolve(rule, children=parts[:end]), lambda leaf: conditions[leaf.key]),
        )
        for end in range(1, len(parts))
    }
    row = users_where(people).aggregate(**columns)
    return (*(row[name] for name in columns), count)


def _count(people: Q, asked: Sequence[tuple[Leaf, Q]], asking: Asking) -> tuple[int, list[LeafCount]]:
    total = 0
    counts: list[LeafCount] = []
    look_up((leaf, asking) for leaf, _condition in asked)
    for start in range(0, len(asked), LEAVES_AT_A_TIME):
        chunk = asked[start : start + LEAVES_AT_A_TIME]
        columns = {"people": Count("pk")}
        for place, (leaf, condition) in enumerate(chunk):
            columns[f"matched_{place}"] = _counting(condition)
            unknown = unknown_of(leaf, asking)
            if unknown is not None:
                columns[f"unknown_{place}"] = _counting(unknown)
        row = users_where(people).aggregate(**columns)
        total = row["people"]
        counts += [
            LeafCount(leaf.path, leaf_sentence(leaf, asking), row[f"matched_{place}"], row.get(f"unknown_{place}", 0))
            for place, (leaf, _condition) in enumerate(chunk)
        ]
    return total, counts


def _counting(condition: Q) -> Count:
    return Count(Case(When(normal(condition), then=Value(1)), output_field=IntegerField()))
