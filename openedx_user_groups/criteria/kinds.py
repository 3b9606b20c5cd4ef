"""Kinds of criteria: the families of operators of the built-in ones, each with its schemas and its meaning.

A subclass says which rows it looks at; the kind compares them. What users without data get is fixed here:
an operator that is the opposite of another one is true of them, every other is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from ..text import Contains, EndsWith, IsOneOf, StartsWith
from .base import OPPOSITES, Criterion, Operator, Schema, among
from .schemas import DATE, DAYS, NO_CONFIG, interval, number, values

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


def numbers(name: str, minimum: float, maximum: float) -> Mapping[Operator, Schema]:
    """The operators of a number called ``name`` in the config."""
    one = number(name, minimum, maximum)
    compare = (Operator.LESS, Operator.AT_MOST, Operator.MORE, Operator.AT_LEAST)
    return dict.fromkeys(compare, one) | {Operator.BETWEEN: interval(name, minimum, maximum)}


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
    """Whether a column of some row of the user is one of the listed values."""

    config_key: ClassVar[str] = "values"
    column: ClassVar[str]

    def rows(self) -> QuerySet[Any]:
        """The rows to look at, with a column ``user_id``."""
        raise NotImplementedError

    def positive(self, operator: Operator) -> Q:
        return among(self.rows().filter(IsOneOf(self.column, *self.config[self.config_key])))

    def describe(self) -> str:
        listed = _(" or ").join(str(value) for value in self.config[self.config_key])
        sentence = _("{subject} is {listed}") if self.operator == Operator.IN else _("{subject} is not {listed}")
        return sentence.format(subject=self.subject, listed=listed)


class FactCriterion(Opposable):
    """Whether something is so; ``yes`` and ``no`` are the sentences."""

    operators = FACTS
    yes: ClassVar[Any]
    no: ClassVar[Any]

    def describe(self) -> str:
        return str(self.yes if self.operator == Operator.IS_TRUE else self.no)


class InstantCriterion(Opposable):
    """When something happened; a day is the 24 hours before ``now``."""

    operators = INSTANTS

    def at(self, **comparison: datetime) -> Q:
        """The condition that the instant compares like this (``gte`` or ``lt``)."""
        raise NotImplementedError

    def positive(self, operator: Operator) -> Q:
        if operator == Operator.WITHIN_DAYS:
            return self.at(gte=self.now - timedelta(days=int(self.config["days"])))
        instant = parse_instant(self.config["date"])
        return self.at(lt=instant) if operator == Operator.BEFORE else self.at(gte=instant)

    def problems(self) -> Iterable[tuple[str, str]]:
        if self.operator in (Operator.BEFORE, Operator.ON_OR_AFTER):
            try:
                parse_instant(self.config["date"])
            except ValueError:
                yield "date", _("It must be a date such as 2026-01-31 or an instant such as 2026-01-31T12:00:00Z.")

    def describe(self) -> str:
        sentences = {
            Operator.MORE_THAN_DAYS_AGO: _("{subject} more than {days} days ago (or never)"),
            Operator.WITHIN_DAYS: _("{subject} within the last {days} days"),
            Operator.BEFORE: _("{subject} before {date}"),
            Operator.ON_OR_AFTER: _("{subject} on or after {date}"),
        }
        return sentences[self.operator].format(subject=self.subject, **self.config)


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


_LOOKUPS: Mapping[Operator, str] = {
    Operator.LESS: "lt",
    Operator.AT_MOST: "lte",
    Operator.MORE: "gt",
    Operator.AT_LEAST: "gte",
}


def text_condition(operator: Operator, column: str, value: str) -> Any:
    """The condition that ``column`` passes a text operator; the opposites are left to the caller."""
    tests = {
        Operator.IS: IsOneOf,
        Operator.CONTAINS: Contains,
        Operator.STARTS_WITH: StartsWith,
        Operator.ENDS_WITH: EndsWith,
    }
    return tests[operator](column, value)


def parse_instant(text: str) -> datetime:
    """A date (midnight UTC) or an ISO instant (UTC where it names no zone) as an aware instant; raises ValueError."""
    instant = datetime.fromisoformat(text)
    instant = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    if not 1900 <= instant.year < 2200:
        raise ValueError(text)
    return instant.astimezone(UTC)
