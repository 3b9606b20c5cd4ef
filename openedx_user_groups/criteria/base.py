"""The base class of criteria: a question about users, answered as a condition on the user table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from jsonschema import Draft202012Validator

from .. import lms, sources
from ..data import ScopeData


class Operator(StrEnum):
    """What can be asked of the data of a criterion; the value is what rules store."""

    MORE_THAN_DAYS_AGO = "more_than_days_ago"
    WITHIN_DAYS = "within_days"
    BEFORE = "before"
    ON_OR_AFTER = "on_or_after"
    IN = "in"
    NOT_IN = "not_in"
    ALL_OF = "all_of"
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    BETWEEN = "between"
    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    NOT_CONTAINS = "not_contains"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    IS_EMPTY = "is_empty"
    IS_NOT_EMPTY = "is_not_empty"
    IS_TRUE = "is_true"
    IS_FALSE = "is_false"

    @property
    def counts_no_data(self) -> bool:
        """Whether it is true of users without data, being the exact opposite of another operator."""
        return self in OPPOSITES


# Each of these is "not" the other one, so that together they divide the population.
OPPOSITES: Mapping[Operator, Operator] = {
    Operator.NOT_IN: Operator.IN,
    Operator.IS_NOT: Operator.IS,
    Operator.NOT_CONTAINS: Operator.CONTAINS,
    Operator.IS_FALSE: Operator.IS_TRUE,
    Operator.IS_EMPTY: Operator.IS_NOT_EMPTY,
    Operator.MORE_THAN_DAYS_AGO: Operator.WITHIN_DAYS,
}

Schema = Mapping[str, Any]
# Where an event names the user: a path or a function of it; with the course key's path where it has one.
Affected = str | Callable[..., Any] | tuple[str | Callable[..., Any], str | Callable[..., Any]]


def among(rows: QuerySet[Any], column: str = "user_id") -> Q:
    """True of users who have one of ``rows``; ``~among(...)`` of all others.

    A subquery, never a join: a user with two rows must not count twice.
    """
    return Q(pk__in=rows.values(column))


class Criterion:
    """One question about users.

    A subclass is registered with ``@register(name)`` and answers with ``predicate()``. An instance has its
    ``operator`` and ``config``, the ``scope`` that is asked about, ``now`` (one instant for a whole run) and
    ``users``: None for everyone, else the ids that are asked about.
    """

    name: ClassVar[str] = ""
    title: ClassVar[str | Promise] = ""
    # The title as it stands within a sentence; the describe() of the kinds of criteria uses it.
    subject: ClassVar[str | Promise] = ""
    scopes: ClassVar[Sequence[str]] = ()
    # JSON Schema (2020-12) of the config of each operator.
    operators: ClassVar[Mapping[Operator, Schema]] = {}
    # Platform tables it reads, "app_label.Model"; where one is not installed, the criterion is unavailable.
    reads: ClassVar[Sequence[str]] = ()
    # Event type or "app_label.Model" -> where that names the user.
    updated_by: ClassVar[Mapping[str, Affected]] = {}
    refresh_every: ClassVar[timedelta | None] = None
    stale_after: ClassVar[timedelta] = timedelta(days=7)

    def __init__(
        self,
        operator: str,
        config: Mapping[str, Any],
        *,
        scope: ScopeData,
        now: datetime,
        users: Sequence[int] | None = None,
    ) -> None:
        self.operator = Operator(operator)
        self.config = config
        self.scope = scope
        self.now = now
        self.users = users

    def predicate(self) -> Q:
        """The condition on the user table: other tables by subquery, never by a to-many join, never empty."""
        raise NotImplementedError

    def unknown(self) -> Q | None:
        """The condition of users it has no data about; None where there is always data."""
        return None

    def describe(self) -> str:
        """The sentence about a user that an instructor reads, such as "last logged in more than 10 days ago"."""
        raise NotImplementedError

    def problems(self) -> Iterable[tuple[str, str]]:
        """What JSON Schema cannot say of the config: pairs of a key of it and a sentence what is allowed there."""
        return ()

    def source(self, name: str) -> Any:
        """The data source ``name``, limited to the scope and the users that are asked about."""
        return sources.open_source(name, scope=self.scope, users=self.users)

    @classmethod
    def unavailable(cls) -> str:
        """Why it cannot be used in this service; "" when it can."""
        gone = lms.missing(cls.reads)
        return f"{cls.name} needs {', '.join(gone)}, not installed in this service." if gone else ""

    @classmethod
    @cache
    def validator(cls, operator: Operator) -> Draft202012Validator:
        """The validator of the config of an operator."""
        return Draft202012Validator(cls.operators[operator])
