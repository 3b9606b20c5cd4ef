"""What every criterion has and can do before it answers anything."""

import pytest
from django.db.models import Q

from openedx_user_groups.criteria import Criterion, Operator, among
from openedx_user_groups.criteria.base import OPPOSITES, Asking
from openedx_user_groups.data import ScopeData
from openedx_user_groups.evaluation.matching import users_where
from openedx_user_groups.exceptions import RegistrationError, UnknownSource
from openedx_user_groups.platform.lms import LMS
from openedx_user_groups.sources import register_source
from tests.factories import NOW, a_course, a_user, enroll, scope_of_instance


class Plain(Criterion):
    name = "acme.plain"
    scopes = ("instance",)
    operators = {Operator.IN: {"type": "object", "required": ["values"]}, Operator.IS_TRUE: {"type": "object"}}


def made(criterion: type[Criterion] = Plain, operator: str = "in", users: list[int] | None = None) -> Criterion:
    return criterion(operator, {"values": [1]}, Asking(scope_of_instance(), NOW, users))


def test_a_criterion_knows_what_is_asked_of_whom_where_and_when() -> None:
    criterion = made(users=[3, 1])

    assert criterion.operator is Operator.IN
    assert criterion.config == {"values": [1]}
    assert (criterion.scope, criterion.now, criterion.users) == (ScopeData("instance"), NOW, [3, 1])
    assert made().users is None


def test_an_operator_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a valid Operator"):
        made(operator="resembles")


def test_operators_that_oppose_another_one_are_true_without_data_and_no_others() -> None:
    counting = {str(operator) for operator in Operator if operator.counts_no_data}

    assert counting == {"not_in", "is_not", "not_contains", "is_false", "is_empty", "more_than_days_ago"}
    assert not counting & set(OPPOSITES.values())


def test_what_a_plugin_leaves_out_has_a_default() -> None:
    assert made().unknown() is None
    assert list(made().problems()) == []
    assert Plain.unavailable() == ""
    for missing in (made().predicate, made().describe):
        with pytest.raises(NotImplementedError):
            missing()


def test_a_criterion_is_unavailable_where_a_table_is_missing_and_names_it() -> None:
    reads = type("Reads", (Plain,), {"reads": ("auth.User", "shoes.Shoe", "hats.Hat")})

    assert reads.unavailable() == "acme.plain needs shoes.Shoe, hats.Hat, not installed in this service."
    assert type("Reads", (Plain,), {"reads": ("auth.User",)}).unavailable() == ""


def test_each_operator_of_each_class_has_its_own_validator() -> None:
    other = type("Other", (Plain,), {"operators": {Operator.IN: {"type": "array"}}})

    assert not Plain.validator(Operator.IN).is_valid({})
    assert Plain.validator(Operator.IS_TRUE).is_valid({})
    assert other.validator(Operator.IN).is_valid([])


def test_a_source_is_opened_for_the_scope_and_the_users_that_are_asked_about() -> None:
    source = made(users=[7]).source("lms")

    assert isinstance(source, LMS)
    assert (source.scope, source.users) == (ScopeData("instance"), [7])


def test_a_source_that_nobody_offers_or_two_do() -> None:
    with pytest.raises(UnknownSource, match="No installed package offers the data source 'aspects'"):
        made().source("aspects")
    with pytest.raises(RegistrationError, match="are both the data source 'lms'"):
        register_source("lms")(LMS)


@pytest.mark.django_db
def test_users_among_rows_count_once_however_many_rows_they_have() -> None:
    user, other = a_user(), a_user()
    for key in ("course-v1:Acme+A1+2026", "course-v1:Acme+A2+2026"):
        enroll(user, a_course(key))
    rows = user.courseenrollment_set.model.objects.all()

    assert list(users_where(among(rows))) == [user]
    assert list(users_where(~among(rows))) == [other]
    assert list(users_where(among(rows, "user__pk") & Q(is_active=True))) == [user]
