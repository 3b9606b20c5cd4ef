"""Criteria of a plugin that fail, each in one way, and what is said of them."""

import time
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

from django.db.models import Q
from django.db.models.expressions import RawSQL

from openedx_user_groups.criteria import Criterion
from tests.by_api import ANY_CONFIG, EVERYWHERE, leaf

RULE = {"all": [leaf("acme.asked", "in")]}


class Asked(Criterion):
    """A criterion that works; every other one here fails in one way."""

    title = "Asked"
    scopes = EVERYWHERE
    operators = {"in": ANY_CONFIG, "not_in": ANY_CONFIG}  # type: ignore[dict-item]

    def predicate(self) -> Q:
        return Q(first_name="asked")

    def describe(self) -> str:
        return "is asked"


class FromOutside(Asked):
    """A criterion that works, with ids from outside the database."""

    predicate = Criterion.predicate  # type: ignore[assignment]

    def user_ids(self) -> Iterable[Any]:
        raise NotImplementedError


class Hostile(Exception):
    def __repr__(self) -> str:
        raise ZeroDivisionError


class Unprintable(Exception):
    def __repr__(self) -> str:
        return "NUL \0, half a pair \ud800, " + "and so on " * 1_000_000


def raises(error: BaseException) -> type[Criterion]:
    def predicate(self: Criterion) -> Q:
        raise error

    return type("Raises", (Asked,), {"predicate": predicate})


def returns(condition: Any) -> type[Criterion]:
    return type("Returns", (Asked,), {"predicate": lambda self: condition})


def gives(ids: Any) -> type[Criterion]:
    return type("Gives", (FromOutside,), {"user_ids": lambda self: ids()})


def breaks_off() -> Iterator[int]:
    yield from range(1, 6_000)
    raise ConnectionError("the library is closed")


def sleeps_between() -> Iterator[int]:
    for pk in count(1):
        time.sleep(0.02)
        yield pk


def sleeps_within() -> Iterator[int]:
    yield 1
    time.sleep(60)


class Hangs(Asked):
    def predicate(self) -> Q:
        time.sleep(60)
        raise AssertionError


class CannotBeMade(Asked):
    def __init__(self, *arguments: Any) -> None:
        raise KeyError("licence")


class CannotTell(Asked):
    @classmethod
    def unavailable(cls) -> str:
        raise KeyError("licence")


class WithoutItsSource(Asked):
    def predicate(self) -> Q:
        return Q(pk__in=self.source("acme.nowhere").ids())


class WithABrokenSource(Asked):
    def predicate(self) -> Q:
        return Q(pk__in=self.source("acme.broken").ids())


class BrokenSource:
    def __init__(self, **_arguments: Any) -> None:
        raise ConnectionError("no route to the library")


TOO_LONG = (
    "acme.asked: It took longer than 0.5 seconds, and was ended. OPENEDX_USER_GROUPS_CRITERION_SECONDS sets the limit."
)
FAILURES: dict[str, tuple[type[Criterion] | None, str]] = {
    "raises": (raises(ZeroDivisionError("no luck")), "acme.asked failed: ZeroDivisionError('no luck')"),
    "raises what ends iterations": (raises(StopIteration()), "acme.asked failed: StopIteration()"),
    "raises what cannot say what it is": (raises(Hostile()), "acme.asked failed: Hostile"),
    "raises what no database stores": (
        raises(Unprintable()),
        "acme.asked failed: NUL \\0, half a pair \\ud800, and so",
    ),
    "returns None": (returns(None), "acme.asked: predicate() must return a Q that is not empty"),
    "returns ids": (returns([5]), "acme.asked: predicate() must return a Q that is not empty"),
    "returns an empty Q": (returns(Q()), "predicate() must return a Q that is not empty"),
    "returns an empty Q within": (returns(Q(Q(), is_staff=True)), "predicate() must return a Q that is not empty"),
    "returns what can be read once": (returns(Q(pk__in=(pk for pk in (1, 2)))), "compares with a generator"),
    "joins to many": (returns(Q(courseenrollment__mode="audit")), "joins student_courseenrollment: use a subquery"),
    "names no column": (returns(Q(shoe_size=42)), "Cannot resolve keyword 'shoe_size'"),
    "writes no SQL": (returns(Q(pk__in=RawSQL("nonsense", ()))), "acme.asked failed: "),
    "hangs": (Hangs, TOO_LONG),
    "cannot be made": (CannotBeMade, "acme.asked failed: KeyError('licence')"),
    "cannot tell whether it is available": (CannotTell, "acme.asked failed: KeyError('licence')"),
    "misses its data source": (WithoutItsSource, "No installed package offers the data source 'acme.nowhere'."),
    "has a broken data source": (WithABrokenSource, "ConnectionError('no route to the library')"),
    "gives None": (gives(lambda: None), "user_ids() must give ids one by one, not None."),
    "gives texts": (gives(lambda: ["ana"]), "whole numbers above 0, not a str."),
    "gives negative numbers": (gives(lambda: [-5]), "whole numbers above 0, not -5."),
    "gives fractions": (gives(lambda: [5.0]), "whole numbers above 0, not 5.0."),
    "gives facts": (gives(lambda: [True]), "whole numbers above 0, not True."),
    "gives more than there can be": (gives(lambda: range(1, 20_000)), "gives more than 10,000 ids"),
    "gives ids for ever": (gives(lambda: count(1)), "gives more than 10,000 ids"),
    "breaks off": (gives(breaks_off), "ConnectionError('the library is closed')"),
    "sleeps between ids": (gives(sleeps_between), TOO_LONG),
    "sleeps within an id": (gives(sleeps_within), TOO_LONG),
    "has vanished": (None, "No installed package offers the criterion 'acme.asked'."),
}
