"""What the contract for criteria finds wrong, each with a sentence that says so."""

from collections.abc import Iterable

import pytest
from django.contrib.auth.models import User
from django.db.models import Q
from django.utils.translation import gettext_lazy

from openedx_user_groups.criteria import Criterion, Operator, registry
from openedx_user_groups.criteria.testing import check_criterion
from tests.criteria.first_name import EXAMPLE, FirstName, complaint, make_people
from tests.factories import a_course, scope_of_course, scope_of_instance

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _people() -> None:
    make_people()


def test_a_criterion_that_keeps_the_contract_passes() -> None:
    assert complaint(FirstName) == ""
    assert complaint(FirstName, now=None) == ""


class ListedOutside(FirstName):
    """The same with ids from outside the database."""

    predicate = Criterion.predicate  # type: ignore[assignment]

    def user_ids(self) -> Iterable[int]:
        return User.objects.filter(self.listed()).values_list("pk", flat=True)

    def unknown(self) -> Q:
        return self.staged(User.objects.filter(first_name="").values_list("pk", flat=True))


def test_a_criterion_with_ids_from_outside_passes() -> None:
    assert complaint(ListedOutside) == ""


class ForgetsSome(ListedOutside):
    """Not everybody it knows of, when all are asked about."""

    def user_ids(self) -> Iterable[int]:
        return super().user_ids() if self.users is not None else []


def test_ids_that_depend_on_who_is_asked_about_break_the_contract() -> None:
    assert "asked about 3 users, has the users" in complaint(ForgetsSome)


def test_a_criterion_that_is_not_registered() -> None:
    with pytest.raises(AssertionError, match=r"is not registered: decorate it with @register"):
        check_criterion(FirstName, scope=scope_of_instance(), configs={})


@pytest.mark.parametrize("title", ["  ", gettext_lazy(""), gettext_lazy(" ")])
def test_a_title_that_says_nothing(title) -> None:
    assert "needs a title" in complaint(type("Untitled", (FirstName,), {"title": title}))


def test_a_scope_that_the_criterion_does_not_offer() -> None:
    course_only = type("CourseOnly", (FirstName,), {"scopes": ("course",)})

    assert "does not offer scopes of type 'instance'" in complaint(course_only)
    assert complaint(course_only, scope=scope_of_course(a_course("course-v1:Acme+A3+2026"))) == ""


def test_a_declaration_that_was_broken_after_it_was_registered() -> None:
    criterion = type("Broken", (FirstName,), {})
    with registry.temporarily(acme__name=criterion):
        criterion.operators = {Operator.IN: {"type": "object", "properties": 5}}
        with pytest.raises(AssertionError, match=r"'acme\.name' has a schema of 'in' that is not valid"):
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


def test_nobody_to_ask_proves_nothing() -> None:
    User.objects.all().delete()

    assert "there are no users" in complaint(FirstName)
