"""What the contract for criteria finds wrong, each with a sentence that says so."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import F, Q, Value
from django.db.models.lookups import LessThan

from openedx_user_groups.criteria import Criterion, Operator, registry
from openedx_user_groups.criteria.schemas import DAYS, config
from openedx_user_groups.criteria.testing import check_criterion
from tests.factories import NOW, a_course, a_user, days_ago, enroll, scope_of_course, scope_of_instance

pytestmark = pytest.mark.django_db

NAMES = config(names={"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1})
EXAMPLE = {"names": ["Ana"]}


class FirstName(Criterion):
    """A criterion that keeps the contract; every other one here breaks it in one way."""

    title = "First name"
    scopes = ("course", "instance")
    operators: Mapping[Operator, Any] = {Operator.IN: NAMES, Operator.NOT_IN: NAMES}

    def listed(self) -> Q:
        names = [name for name in self.config["names"] if "\0" not in name]
        return Q(first_name__in=names)

    def predicate(self) -> Q:
        return self.listed() if self.operator == Operator.IN else ~self.listed()

    def unknown(self) -> Q | None:
        return Q(first_name="")

    def describe(self) -> str:
        return "is called Ana"


@pytest.fixture(autouse=True)
def people() -> None:
    """Somebody for each answer: one who is listed, one who is not, one of whom nothing is known; all in a course."""
    first, second = a_course("course-v1:Acme+A1+2026"), a_course("course-v1:Acme+A2+2026")
    for fields in ({"first_name": "Ana", "last_login": days_ago(1)}, {"first_name": "Ben"}, {"first_name": ""}):
        user = a_user(**fields)
        enroll(user, first)
        enroll(user, second)


def complaint(criterion: type[Criterion], **arguments: Any) -> str:
    """What the contract says of a criterion; "" when it is content."""
    configs = arguments.pop("configs", None) or dict.fromkeys(criterion.operators, EXAMPLE)
    try:
        with registry.temporarily(acme__name=criterion):
            check_criterion(criterion, **{"scope": scope_of_instance(), "now": NOW, "configs": configs} | arguments)
    except AssertionError as error:
        return str(error)
    return ""


def test_a_criterion_that_keeps_the_contract_passes() -> None:
    assert complaint(FirstName) == ""
    assert complaint(FirstName, now=None) == ""


def test_a_criterion_that_is_not_registered() -> None:
    with pytest.raises(AssertionError, match=r"is not registered: decorate it with @register"):
        check_criterion(FirstName, scope=scope_of_instance(), configs={})


@pytest.mark.parametrize("title", ["", "  ", None, 5])
def test_a_title_that_is_no_text(title) -> None:
    assert "needs a title" in complaint(type("Untitled", (FirstName,), {"title": title}))


def test_a_scope_that_there_is_not() -> None:
    assert "names scopes that there are not: ['galaxy']" in complaint(
        type("Galactic", (FirstName,), {"scopes": ("instance", "galaxy")})
    )


def test_a_scope_that_the_criterion_does_not_offer() -> None:
    course_only = type("CourseOnly", (FirstName,), {"scopes": ("course",)})

    assert "does not offer scopes of type 'instance'" in complaint(course_only)
    assert complaint(course_only, scope=scope_of_course(a_course("course-v1:Acme+A3+2026"))) == ""


def test_a_schema_that_was_broken_after_it_was_registered() -> None:
    criterion = type("Broken", (FirstName,), {})
    with registry.temporarily(acme__name=criterion):
        criterion.operators = {Operator.IN: {"type": "lots"}}
        with pytest.raises(AssertionError, match="JSON Schema is not valid"):
            check_criterion(criterion, scope=scope_of_instance(), configs={Operator.IN: EXAMPLE})


def test_an_operator_without_an_example() -> None:
    assert "needs an example config for not_in" in complaint(FirstName, configs={Operator.IN: EXAMPLE})


def test_an_example_for_an_operator_that_there_is_not() -> None:
    configs = dict.fromkeys((*FirstName.operators, "is_true"), EXAMPLE)

    assert "has no operator 'is_true'" in complaint(FirstName, configs=configs)


def test_an_example_that_the_schema_refuses() -> None:
    said = complaint(FirstName, configs={operator: {"names": []} for operator in FirstName.operators})

    assert "its schema refuses the example config {'names': []}: It needs at least 1 value." in said


def test_an_unavailable_criterion_cannot_be_checked() -> None:
    assert "cannot be checked here: acme.name needs shoes.Shoe" in complaint(
        type("Shoes", (FirstName,), {"reads": ("shoes.Shoe",)})
    )


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
        (AcceptsAnything, "KeyError('names')"),
        (ProblemsRaise, "it must be refused with problems, not KeyError('names')"),
    ],
)
def test_a_criterion_that_breaks_the_contract(criterion, said) -> None:
    assert said in complaint(criterion)


def test_a_config_that_the_schema_lets_through_and_the_criterion_cannot_use() -> None:
    said = complaint(NoColumnFits, configs={Operator.WITHIN_DAYS: {"days": "Ana"}})

    assert said.startswith("acme.name within_days with {'days': None}: acme.name failed: AttributeError")


def test_nobody_to_ask_proves_nothing() -> None:
    User.objects.all().delete()

    assert "there are no users" in complaint(FirstName)
