"""Criteria that break the contract, each in one way, and the sentence that says so."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import F, Q, Value
from django.db.models.lookups import LessThan

from openedx_user_groups import deadline
from openedx_user_groups.criteria import Operator
from openedx_user_groups.criteria.schemas import DAYS, config
from tests.criteria.first_name import EXAMPLE, NAMES, FirstName, complaint, make_people
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _people() -> None:
    make_people()


class UnavailableForNoReason(FirstName):
    @classmethod
    def unavailable(cls) -> str:
        return False  # type: ignore[return-value]


class RefusesItsExample(FirstName):
    def problems(self) -> Iterable[tuple[str, str]]:
        yield "names", "Not this one."


class SaysNothing(FirstName):
    def describe(self) -> str:
        return " "


class Raises(FirstName):
    def predicate(self) -> Q:
        raise ZeroDivisionError("no luck")


class Empty(FirstName):
    def predicate(self) -> Q:
        return Q()


class EmptyWithin(FirstName):
    def predicate(self) -> Q:
        return super().predicate() | Q(Q())


class JoinsToMany(FirstName):
    def listed(self) -> Q:
        return super().listed() & Q(courseenrollment__mode="audit")


class MissesNull(FirstName):
    """NULL is neither less nor not less, and an expression is not protected from that as a lookup is."""

    def predicate(self) -> Q:
        return Q(LessThan(F("last_login"), Value(NOW)))


class NotOpposite(FirstName):
    def predicate(self) -> Q:
        return self.listed() if self.operator == Operator.IN else ~self.listed() & ~Q(first_name="Ben")


class BothTrue(FirstName):
    def predicate(self) -> Q:
        return self.listed() if self.operator == Operator.IN else Q(pk__isnull=False)


class DependsOnWhoIsAsked(FirstName):
    def predicate(self) -> Q:
        return super().predicate() if self.users is None else Q(pk__in=self.users)


class UnknownIsMatched(FirstName):
    def unknown(self) -> Q:
        return Q(first_name="Ana")


class OpensToUnknown(FirstName):
    operators = {Operator.NOT_IN: NAMES}

    def predicate(self) -> Q:
        return ~self.listed() & ~Q(first_name="")


class UnknownIsEmpty(FirstName):
    def unknown(self) -> Q:
        return Q()


class UnknownIsNoCondition(FirstName):
    def unknown(self) -> Q:
        return [User]  # type: ignore[return-value]


class NamesNoScopes(FirstName):
    def names(self) -> Any:
        return ["course-v1:Acme+A1+2026"]


class ValuesAreNoMapping(FirstName):
    def values(self) -> Any:
        return self.users


class ValuesOfStrangers(FirstName):
    def values(self) -> Mapping[int, Any]:
        return {0: "Ana"}


class ValuesAreNoJson(FirstName):
    def values(self) -> Mapping[int, Any]:
        return dict.fromkeys(self.users or (), NOW)


class ValuesAreNoNumbers(FirstName):
    def values(self) -> Mapping[int, Any]:
        return dict.fromkeys(self.users or (), float("nan"))


class ValueIsNoText(FirstName):
    def values(self) -> Mapping[int, Any]:
        return dict.fromkeys(self.users or (), 5)

    def value_text(self, value: Any) -> Any:
        return value


class MatchesForEver(FirstName):
    operators = {Operator.IN: config(names={"type": "array", "items": {"type": "string", "pattern": "^(\\w+)+$"}})}


class ChecksForEver(FirstName):
    def problems(self) -> Iterable[tuple[str, str]]:
        time.sleep(0 if self.config == EXAMPLE else 60)
        return ()


class AcceptsAnything(FirstName):
    operators = {Operator.IN: {"type": "object"}}


class ProblemsRaise(FirstName):
    operators = {Operator.IN: {"type": "object"}}

    def problems(self) -> Iterable[tuple[str, str]]:
        return [("names", name) for name in self.config["names"] if name == "nobody"]


class NoColumnFits(FirstName):
    """The schema takes more than the database does."""

    operators = {Operator.WITHIN_DAYS: {**DAYS, "properties": {"days": {}}}}

    def predicate(self) -> Q:
        return Q(first_name=self.config["days"].strip())

    def unknown(self) -> None:
        return None


@pytest.mark.parametrize(
    ("criterion", "said"),
    [
        (UnavailableForNoReason, "unavailable() must return a text"),
        (RefusesItsExample, "problems() refuses the example config"),
        (SaysNothing, "describe() must return a text that is not empty"),
        (Raises, "ZeroDivisionError('no luck')"),
        (Empty, "must return a Q that is not empty"),
        (EmptyWithin, "must return a Q that is not empty"),
        (JoinsToMany, "joins student_courseenrollment: use a subquery"),
        (MissesNull, "acme.name in, negated with ~, loses the users"),
        (NotOpposite, "acme.name not_in and in are both false of the users"),
        (BothTrue, "acme.name not_in and in are both true of the users"),
        (DependsOnWhoIsAsked, "acme.name in, asked about 3 users, has the users"),
        (UnknownIsMatched, "acme.name in must not be true of users without data, and is of"),
        (OpensToUnknown, "acme.name not_in must be true of users without data, and is not of"),
        (UnknownIsEmpty, "unknown() must return a Q that is not empty, or None"),
        (UnknownIsNoCondition, "unknown() must return a Q that is not empty, or None"),
        (NamesNoScopes, "acme.name in: names() must give scopes, not ['course-v1:Acme+A1+2026']"),
        (ValuesAreNoMapping, "acme.name in: values() must return a mapping of user ids to values, not ["),
        (ValuesOfStrangers, "acme.name in: values() must be about users that are asked about, and is about [0]"),
        (
            ValuesAreNoJson,
            "acme.name in: values() must be texts, numbers and lists of them, not datetime.datetime(2026",
        ),
        (ValuesAreNoNumbers, "acme.name in: values() must be texts, numbers and lists of them, not nan"),
        (ValueIsNoText, "acme.name: value_text() must return a text, not 5."),
        (MatchesForEver, "It took longer than 0.5 seconds, and was ended."),
        (ChecksForEver, "It took longer than 0.5 seconds, and was ended."),
        (AcceptsAnything, "KeyError('names')"),
        (ProblemsRaise, "it must be refused with problems, not KeyError('names')"),
    ],
)
def test_a_criterion_that_breaks_the_contract(criterion, said, monkeypatch) -> None:
    monkeypatch.setattr(deadline, "PROMPT", 0.5)

    assert said in complaint(criterion)


def test_a_config_that_the_schema_lets_through_and_the_criterion_cannot_use() -> None:
    said = complaint(NoColumnFits, configs={Operator.WITHIN_DAYS: {"days": "Ana"}})

    assert said.startswith("acme.name within_days with {'days': None}: acme.name failed: AttributeError")
