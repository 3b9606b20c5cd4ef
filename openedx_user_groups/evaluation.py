"""Evaluation: who matches. One SELECT gives the members of a group; for given users each leaf is asked once.

Nothing here writes. Every failure of a criterion is a CriterionError that names its place in the rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q, QuerySet
from django.db.models.sql.datastructures import Join

from .combine import combined, normal
from .criteria import registry
from .criteria.base import Criterion, among
from .data import ScopeData
from .definition import Definition
from .exceptions import CriterionError, CriterionFailed, CriterionUnavailable
from .models import Exclusion
from .rules import Leaf, Node
from .scopes import not_expired, population


def users_where(condition: Q) -> QuerySet[AbstractBaseUser]:
    """The users for whom a condition is true, in no order."""
    return get_user_model()._default_manager.order_by().filter(condition)


def criterion_of(leaf: Leaf, scope: ScopeData, now: datetime, users: Sequence[int] | None = None) -> Criterion:
    """The criterion behind a leaf, ready to be asked; raises CriterionError where it cannot be."""
    try:
        criterion = registry.get(leaf.criterion)
        if reason := criterion.unavailable():
            raise CriterionUnavailable(reason)
        return criterion(leaf.operator, leaf.config, scope=scope, now=now, users=users)
    except CriterionError as error:
        error.at(leaf.path)
        raise
    except Exception as error:
        raise CriterionFailed(f"{leaf.criterion} failed: {error!r}").at(leaf.path) from error


def predicate_of(leaf: Leaf, scope: ScopeData, now: datetime, users: Sequence[int] | None = None) -> Q:
    """The condition of a leaf, checked: neither empty nor through a join that counts users twice."""
    criterion = criterion_of(leaf, scope, now, users)
    try:
        condition = criterion.predicate()
        check(condition)
        return condition
    except CriterionError as error:
        error.at(leaf.path)
        raise
    except Exception as error:
        raise CriterionFailed(f"{leaf.criterion} failed: {error!r}").at(leaf.path) from error


def check(condition: object) -> None:
    """Raises CriterionFailed for a condition that says nothing, or counts users twice."""
    if not isinstance(condition, Q) or _is_empty(condition):
        raise CriterionFailed("predicate() must return a Q that is not empty; everybody is Q(pk__isnull=False).")
    # Negated as well: Django makes a subquery of a join that is negated, and "none" takes the negation away again.
    for asked in (condition, normal(condition, negated=True)):
        for join in users_where(asked).query.alias_map.values():
            if isinstance(join, Join) and getattr(join.join_field, "one_to_many", False):
                raise CriterionFailed(f"predicate() joins {join.table_name}: use a subquery, see criteria.among().")


def _is_empty(condition: Q) -> bool:
    """Whether it, or a part of it, says nothing; the part would vanish from whatever it is combined with."""
    return not condition.children or any(isinstance(part, Q) and _is_empty(part) for part in condition.children)


def matching_users(
    rule: Node, scope: ScopeData, now: datetime, parent_group_id: int | None = None
) -> QuerySet[AbstractBaseUser]:
    """Everybody in the population for whom the rule is true, as one SELECT."""
    people = normal(population(scope, now=now, parent_group_id=parent_group_id))
    return users_where(people & combined(rule, lambda leaf: predicate_of(leaf, scope, now)))


def members_by_rule(group: Definition, now: datetime, excludes: bool) -> QuerySet[AbstractBaseUser]:
    """Whom the rule of a group wants in it, without the excluded ones where there are any."""
    if group.rule is None:
        return users_where(Q(pk__in=()))
    try:
        users = matching_users(group.rule, group.scope, now, group.parent_group_id)
    except CriterionError as error:
        error.of(group.group_id)
        raise
    kept_out = Exclusion.objects.filter(not_expired(now), group_id=group.group_id)
    return users.filter(normal(among(kept_out), negated=True)) if excludes else users


def groups_with_exclusions(groups: Iterable[Definition], now: datetime) -> set[int]:
    """The ids of those groups that keep somebody out."""
    ids = [group.group_id for group in groups]
    return set(Exclusion.objects.filter(not_expired(now), group_id__in=ids).values_list("group_id", flat=True))
