"""Kinds of criteria: the families of operators of the built-in ones, each with its schemas and its meaning.

A subclass says which rows it looks at; the kind compares them. What users without data get is fixed here:
an operator that is the opposite of another one is true of them, every other is not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..population.scopes import population
from ..rules.combine import NOBODY, among
from ..text import IsOneOf, fold
from .base import OPPOSITES, Asking, Criterion, Operator, Schema
from .schemas import DATE, DAYS, NO_CONFIG, interval, number, values
from .users import of_users, true_of

FACTS: Mapping[Operator, Schema] = {Operator.IS_TRUE: NO_CONFIG, Operator.IS_FALSE: NO_CONFIG}
INSTANTS: Mapping[Operator, Schema] = {
    Operator.MORE_THAN_DAYS_AGO: DAYS,
    Operator.WITHIN_DAYS: DAYS,
    Operator.BEFORE: DATE,
    Operator.ON_OR_AFTER: DATE,
}


def lists(name: str, item: Schema | None = None) -> Mapping[Operator, Schema]:
    """The operators of a list of values called ``name`` in the config."""
    return {Operator.IN: values(name, item), Operator.NOT_IN: values(name, item)}


def numbers(
    name: str, minimum: float, maximum: float, kind: str = "number", **others: Schema
) -> Mapping[Operator, Schema]:
    """The operators of a number called ``name`` in the config; of a whole number with ``kind`` "integer"."""
    one = number(name, minimum, maximum, kind, **others)
    compare = (Operator.LESS, Operator.AT_MOST, Operator.MORE, Operator.AT_LEAST)
    return dict.fromkeys(compare, one) | {Operator.BETWEEN: interval(name, minimum, maximum, kind, **others)}


class Opposable(Criterion):
    """A criterion whose opposite operators are the negation of the ones they oppose."""

    def predicate(self) -> Q:
        if self.operator in OPPOSITES:
            return ~self.positive(OPPOSITES[self.operator])
        return self.positive(self.operator)

    def positive(self, operator: Operator) -> Q:
        """The condition of an operator that is not true of users without data."""
        raise NotImplementedError


class ListCriterion(Opposable):
    """Whether a column of some row of the user is one of the listed values; with ``several`` users may have many."""

    config_key: ClassVar[str] = "values"
    column: ClassVar[str]
    several: ClassVar[bool] = False

    def rows(self) -> QuerySet[Any]:
        """The rows to look at, with a column ``user_id``."""
        raise NotImplementedError

    def positive(self, operator: Operator) -> Q:
        return among(self.rows().filter(IsOneOf(self.column, *self.config[self.config_key])))

    def describe(self) -> str:
        listed = _(" or ").join(map(self._title, self.config[self.config_key]))
        sentence = _("{subject} is {listed}") if self.operator == Operator.IN else _("{subject} is not {listed}")
        return sentence.format(subject=self.subject, listed=listed)

    def value_text(self, value: Any) -> str:
        return ", ".join(map(self._title, value if self.several else [value]))

    def _title(self, value: str) -> str:
        return self._titles_by_key.get(fold(value), str(value))

    @cached_property
    def _titles_by_key(self) -> Mapping[str, str]:
        return {fold(value): title for value, title in self.titles().items()}

    def titles(self) -> Mapping[str, str]:
        """What people call the values, as far as the column knows."""
        choices = self.rows().model._meta.get_field(self.column).flatchoices
        return {str(value): str(title) for value, title in choices}

    @classmethod
    def in_use(cls, asking: Asking) -> dict[str, str]:
        """The values that people of the scope have, with their titles."""
        asked = cls(Operator.IN, {cls.config_key: []}, asking)
        people = get_user_model()._default_manager.order_by().filter(population(asking.scope, now=asking.now))
        rows = asked.rows().filter(user__in=people.values("pk")).order_by()
        found = sorted(str(value) for value in rows.values_list(cls.column, flat=True).distinct() if value)
        titles = asked.titles()
        return each_once({value: titles.get(value, value) for value in found})

    def values(self) -> Mapping[int, Any]:
        found: dict[int, set[str]] = defaultdict(set)
        for pk, value in of_users(self.rows(), self.users, self.column):
            if value:
                found[pk].add(str(value))
        return {pk: sorted(held) if self.several else min(held) for pk, held in found.items()}


def each_once(choices: Mapping[str, str]) -> dict[str, str]:
    """The first of those choices that differ in the case of ASCII letters only, as rules compare them."""
    first: dict[str, str] = {}
    for value in choices:
        first.setdefault(fold(value), value)
    return {value: choices[value] for value in first.values()}


class FactCriterion(Opposable):
    """Whether something is so; ``yes`` and ``no`` are the sentences."""

    operators = FACTS
    yes: ClassVar[Any]
    no: ClassVar[Any]

    def describe(self) -> str:
        return str(self.yes if self.operator == Operator.IS_TRUE else self.no)

    def values(self) -> Mapping[int, Any]:
        asked = {True: self.positive(Operator.IS_TRUE)}
        if (unknown := self.unknown()) is not None:
            asked[False] = unknown
        everyone, answers = true_of(asked, self.users)
        return {pk: pk in answers[True] for pk in everyone - answers.get(False, set())}


class InstantCriterion(Opposable):
    """When something happened; a day is the 24 hours before ``now``."""

    operators = INSTANTS
    # Whether what it reads changes without an event.
    is_silent: ClassVar[bool] = False

    def at(self, **comparison: datetime) -> Q:
        """The condition that the instant compares like this (``gte`` or ``lt``)."""
        raise NotImplementedError

    def positive(self, operator: Operator) -> Q:
        if operator == Operator.WITHIN_DAYS:
            return self.at(gte=self.now - timedelta(days=int(self.config["days"])))
        instant = parse_instant(self.config["date"])
        return self.at(lt=instant) if operator == Operator.BEFORE else self.at(gte=instant)

    def changed_by_time(self, since: datetime, until: datetime) -> Q | None:
        found = self.at(gte=since) if self.is_silent else NOBODY
        if self.operator not in (Operator.MORE_THAN_DAYS_AGO, Operator.WITHIN_DAYS):
            return found
        # Those who cross the line between the two: within the days at first, and no longer in the end.
        days = timedelta(days=int(self.config["days"]))
        return found | (self.at(gte=since - days) & ~self.at(gte=until - days))

    def problems(self) -> Iterable[tuple[str, str]]:
        if self.operator in (Operator.BEFORE, Operator.ON_OR_AFTER):
            try:
                parse_instant(self.config["date"])
            except ValueError:
                yield "date", _("It must be a date such as 2026-01-31 or an instant such as 2026-01-31T12:00:00Z.")

    def describe(self) -> str:
        days = int(self.config.get("days", 0))
        sentences = {
            Operator.MORE_THAN_DAYS_AGO: ngettext(
                "{subject} more than {days} day ago (or never)", "{subject} more than {days} days ago (or never)", days
            ),
            Operator.WITHIN_DAYS: ngettext(
                "{subject} within the last {days} day", "{subject} within the last {days} days", days
            ),
            Operator.BEFORE: _("{subject} before {date}"),
            Operator.ON_OR_AFTER: _("{subject} on or after {date}"),
        }
        return sentences[self.operator].format(subject=self.subject, **self.config)

    def instants(self) -> Iterable[tuple[int, datetime | None]]:
        """When it happened, of those of ``users`` who have a row."""
        raise NotImplementedError

    def values(self) -> Mapping[int, Any]:
        return {pk: instant.astimezone(UTC).isoformat() for pk, instant in self.instants() if instant is not None}


class NumberCriterion(Criterion):
    """How a number of the user compares with the one in the config."""

    config_key: ClassVar[str] = "percent"
    unit: ClassVar[str] = "%"

    def bounds(self) -> Mapping[str, float]:
        """The comparisons that must hold, as lookups: {"gte": 20, "lte": 30}."""
        value: Any = self.config[self.config_key]
        if self.operator == Operator.BETWEEN:
            return {"gte": value[0], "lte": value[1]}
        return {_LOOKUPS[self.operator]: value}

    def problems(self) -> Iterable[tuple[str, str]]:
        if self.operator == Operator.BETWEEN:
            low, high = self.config[self.config_key]
            if low > high:
                yield self.config_key, _("The first number must not be greater than the second.")

    def describe(self) -> str:
        value: Any = self.config[self.config_key]
        if self.operator == Operator.BETWEEN:
            return _("{subject} is between {low}{unit} and {high}{unit}").format(
                subject=self.subject, low=f"{value[0]:g}", high=f"{value[1]:g}", unit=self.unit
            )
        sentences = {
            Operator.LESS: _("{subject} is below {value}{unit}"),
            Operator.AT_MOST: _("{subject} is at most {value}{unit}"),
            Operator.MORE: _("{subject} is above {value}{unit}"),
            Operator.AT_LEAST: _("{subject} is at least {value}{unit}"),
        }
        return sentences[self.operator].format(subject=self.subject, value=f"{value:g}", unit=self.unit)

    def amounts(self) -> Iterable[tuple[int, float]]:
        """The number, in the unit of the config, of those of ``users`` who have one."""
        raise NotImplementedError

    def values(self) -> Mapping[int, Any]:
        return {pk: _readable(amount) for pk, amount in self.amounts()}

    def value_text(self, value: Any) -> str:
        return f"{number_format(_readable(value, 2), use_l10n=True)}{self.unit}"


_LOOKUPS: Mapping[Operator, str] = {
    Operator.LESS: "lt",
    Operator.AT_MOST: "lte",
    Operator.MORE: "gt",
    Operator.AT_LEAST: "gte",
}


def _readable(amount: float, digits: int = 9) -> float:
    # 0.29 * 100 is 28.999999999999996.
    rounded = round(amount, digits)
    return int(rounded) if rounded == int(rounded) else rounded


def parse_instant(text: str) -> datetime:
    """A date (midnight UTC) or an ISO instant (UTC where it names no zone) as an aware instant; raises ValueError."""
    instant = datetime.fromisoformat(text)
    instant = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    if not 1900 <= instant.year < 2200:
        raise ValueError(text)
    return instant.astimezone(UTC)
