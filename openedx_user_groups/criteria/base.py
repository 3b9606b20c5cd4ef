"""The base class of criteria: a question about users, answered as a condition on the user table."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, Protocol, Self

import attrs
from django.db.models import Q
from django.utils.functional import Promise
from jsonschema import Draft202012Validator
from referencing import Registry

from .. import sources
from ..data import ScopeData
from ..exceptions import CriterionFailed
from ..ids import IsAnyOf
from ..platform import lms
from ..population import scopes, staging
from ..population.staging import Staging
from ..rules.combine import among


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
# Of the values that a form offers at a time.
MAX_SUGGESTIONS = 50
# Where an event names the user: a path or a function of it; with the course key's path where it has one.
Affected = str | Callable[..., Any] | tuple[str | Callable[..., Any], str | Callable[..., Any]]


class Asker(Protocol):
    """On whose behalf a rule is read: what they may name in it, and what it may tell them."""

    def sees(self, scope: ScopeData) -> bool:
        """Whether they may know of the groups and courses of a scope."""

    def has(self, permission: str, scope: ScopeData) -> bool:
        """Whether they have a permission that a criterion requires."""


class Nobody:
    """Nobody in particular, as in the Python API: rules name what is in their own scope; permissions are not asked."""

    def sees(self, scope: ScopeData) -> bool:
        """Nothing beyond the rule's own scope."""
        return False

    def has(self, permission: str, scope: ScopeData) -> bool:
        """Whoever calls the Python API has checked permissions."""
        return True


NOBODY: Asker = Nobody()


@attrs.frozen
class Asking:
    """How criteria are asked: in which scope, at which instant, about whom (None for everyone), on whose behalf.

    ``stage`` is needed to ask about everyone: it keeps what comes from outside the database.
    """

    scope: ScopeData
    now: datetime
    users: Sequence[int] | None = None
    stage: Staging | None = None
    asker: Asker = NOBODY
    # Criteria that were made for it already, by what they ask.
    criteria: dict[Hashable, Criterion] = attrs.field(factory=dict, init=False, eq=False, repr=False)


class Criterion:
    """One question about users.

    A subclass is registered with ``@register(name)`` and answers with ``predicate()``, or with ``user_ids()`` when its
    data is outside the database. An instance has its ``operator`` and ``config``, the ``scope`` that is asked about,
    ``now`` (one instant for a whole run) and ``users``: None for everyone, else the ids that are asked about.
    """

    name: ClassVar[str] = ""
    title: ClassVar[str | Promise] = ""
    # In one line what is asked, for whoever picks one from a list; without one the docstring says it.
    summary: ClassVar[str | Promise] = ""
    # Other words that people may look for it by, with blanks between them.
    keywords: ClassVar[str | Promise] = ""
    # The title as it stands within a sentence; the describe() of the kinds of criteria uses it.
    subject: ClassVar[str | Promise] = ""
    scopes: ClassVar[Sequence[str]] = ()
    # JSON Schema (2020-12) of the config of each operator.
    operators: ClassVar[Mapping[Operator, Schema]] = {}
    # Platform tables it reads, "app_label.Model"; where one is not installed, the criterion is unavailable.
    reads: ClassVar[Sequence[str]] = ()
    # Event type or "app_label.Model" -> where that names the user.
    updated_by: ClassVar[Mapping[str, Affected]] = {}
    # Of tables in ``updated_by``, the columns that it reads: a save that changes none of them changes nothing for it.
    columns: ClassVar[Mapping[str, Sequence[str]]] = {}
    refresh_every: ClassVar[timedelta | None] = None
    stale_after: ClassVar[timedelta] = timedelta(days=7)
    # What whoever uses it must be allowed, as the permission backend calls it; "" asks for nothing.
    permission: ClassVar[str] = ""
    # Under what it is listed, such as "Profile"; those without a theme stand together at the end.
    theme: ClassVar[str | Promise] = ""
    # Keys of the config for which ``suggestions()`` knows values.
    suggests: ClassVar[Sequence[str]] = ()
    # For the documentation: {"operator": "in", "config": {...}}, as somebody may well ask.
    example: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, operator: str, config: Mapping[str, Any], asking: Asking) -> None:
        self.operator = Operator(operator)
        self.config = config
        self.asking = asking
        self.scope = asking.scope
        self.now = asking.now
        self.users = asking.users

    def predicate(self) -> Q:
        """The condition on the user table: other tables by subquery, never by a to-many join, never empty."""
        opposite = OPPOSITES.get(self.operator)
        if opposite is None:
            return self.staged(self.user_ids())
        asked = type(self)(opposite, self.config, self.asking)
        return ~asked.staged(asked.user_ids())

    def user_ids(self) -> Iterable[int]:
        """Instead of ``predicate()``: the ids of the users of whom it is true; the others may be among them.

        Only positive operators are asked: who is ``not_in`` is whoever is not ``in``. With ``users`` only these
        matter. Any number of ids in any order, even twice, preferably from a generator.
        """
        raise NotImplementedError(f"{type(self).__name__} needs predicate() or user_ids().")

    def unknown(self) -> Q | None:
        """The condition of users it has no data about; None where there is always data."""
        return None

    def changed_by_time(self, since: datetime, until: datetime) -> Q | None:
        """The condition of users whose answer may not be at ``until`` what it was at ``since``, without an event.

        Some others may be among them. None where nobody can tell; then everybody is asked every ``refresh_every``. A
        criterion without ``refresh_every`` is not asked.
        """
        return None

    def describe(self) -> str:
        """The sentence about a user that an instructor reads, such as "last logged in more than 10 days ago"."""
        raise NotImplementedError

    def problems(self) -> Iterable[tuple[str, str]]:
        """What JSON Schema cannot say of the config: pairs of a key of it and a sentence what is allowed there."""
        return ()

    @classmethod
    def choices(cls, asking: Asking) -> Mapping[str, str]:
        """The values that there are in a scope, each with a title: a collection can have a group for each of them.

        What the operator ``in`` takes a list of, and nothing else. None where nobody would make groups of them.
        """
        return {}

    @classmethod
    def suggestions(cls, asking: Asking, key: str, search: str) -> Mapping[str, str]:
        """Values for a key of ``suggests``, each with a title, for forms; only what the asker may name.

        Where there are many, some of those with ``search`` in the value or the title; others are left out later.
        """
        return cls.choices(asking)

    def values(self) -> Mapping[int, Any]:
        """The value that it compares, by the id of each of ``users`` who has one; JSON, for explanations."""
        return {}

    def value_text(self, value: Any) -> str:
        """One of ``values()`` as people read it, with its unit; "" for what speaks for itself, such as a date."""
        return ""

    @classmethod
    def look_up(cls, asked: Sequence[Self]) -> None:
        """Find at once what several of its kind name, of rules in any scopes, before each is asked; does nothing."""

    def groups(self) -> Iterable[int]:
        """The ids of the groups whose members it asks about: when these change, so does the answer."""
        return ()

    def names(self) -> Iterable[ScopeData]:
        """Scopes whose courses or groups the config names; an explanation tells nothing of those one may not see."""
        return ()

    def reaches(self, scope: ScopeData) -> bool:
        """Whether the config may name courses and groups of ``scope``: its own, inside it, or one the asker sees."""
        return scopes.contains(self.scope, scope) or self.asking.asker.sees(scope)

    def staged(self, ids: Iterable[int]) -> Q:
        """The condition of being one of ``ids``, which come from outside the database. Raises CriterionFailed."""
        if self.users is not None:
            wanted = frozenset(self.users)
            return Q(IsAnyOf("pk", {pk for pk in staging.checked(ids) if pk in wanted}))
        if self.asking.stage is None:
            raise CriterionFailed("It can be asked about everyone only while something is evaluated.")
        return among(self.asking.stage.put(ids))

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
        # With a registry of its own it fetches nothing that the schema refers to.
        return Draft202012Validator(cls.operators[operator], registry=Registry())
