"""A criterion that keeps the contract, the people it tells apart, and what the contract says of others like it."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from openedx_user_groups.criteria import Criterion, Operator, registry
from openedx_user_groups.criteria.schemas import config
from openedx_user_groups.criteria.testing import check_criterion
from tests.factories import NOW, a_course, a_user, days_ago, enroll, scope_of_instance

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


def make_people() -> None:
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
