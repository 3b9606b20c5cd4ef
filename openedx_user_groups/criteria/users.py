"""What single users have, and what is true of them: what the values of criteria are made of."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Case, Q, QuerySet, Value, When

from ..ids import IsAnyOf
from ..population.reading import plain_rows
from ..rules.combine import normal

KeyT = TypeVar("KeyT", bound=Hashable)


def of_users(
    rows: QuerySet[Any], users: Iterable[int] | None, *columns: str, user: str = "user_id"
) -> Iterable[tuple[Any, ...]]:
    """Those of ``rows`` that are about ``users``: the id, which is in the column ``user``, then the columns."""
    return rows.filter(IsAnyOf(user, users or ())).values_list(user, *columns)


def true_of(conditions: Mapping[KeyT, Q], users: Iterable[int] | None) -> tuple[set[int], dict[KeyT, set[int]]]:
    """Which of ``users`` there are, and of whom each condition is true; one statement."""
    people = get_user_model()._default_manager.order_by().filter(IsAnyOf("pk", users or ()))
    return columns(people, {key: normal(condition, per_user=True) for key, condition in conditions.items()})


def columns(users: QuerySet[AbstractBaseUser], conditions: Mapping[KeyT, Q]) -> tuple[set[int], dict[KeyT, set[int]]]:
    """The ids of ``users``, and of whom each condition, made for single users, is true; one statement."""
    cases = [Case(When(condition, then=Value(1)), default=Value(0)) for condition in conditions.values()]
    named = {f"leaf_{place}": case for place, case in enumerate(cases)}
    rows = list(plain_rows(users.annotate(**named).values_list("pk", *named)))
    answers = {key: {row[0] for row in rows if row[place]} for place, key in enumerate(conditions, 1)}
    return {row[0] for row in rows}, answers
