"""A criterion that cannot be asked is an error that names its place in the rule, for a set and for single users."""

import pytest
from django.db.models import Q

from openedx_user_groups.criteria import Criterion, Operator, registry
from openedx_user_groups.criteria.base import Asking
from openedx_user_groups.evaluation import matching
from openedx_user_groups.evaluation.answers import Answers
from openedx_user_groups.exceptions import CriterionError, CriterionFailed, CriterionUnavailable, UnknownCriterion
from openedx_user_groups.groups import rule_reader
from openedx_user_groups.rules.tree import leaves
from tests.factories import NOW, a_user, scope_of_instance
from tests.world import definition

pytestmark = pytest.mark.django_db

STAFF = {"criterion": "staff_status", "operator": "is_true", "config": {}}
EVERYONE = {"any": [STAFF, {"none": [STAFF]}]}


class Asked(Criterion):
    """A criterion of a plugin, as tests need it; it works."""

    title = "Asked"
    scopes = ("course", "organization", "instance")
    operators = {Operator.IS_TRUE: {"type": "object"}, Operator.IS_FALSE: {"type": "object"}}

    def predicate(self) -> Q:
        return Q(is_staff=True)

    def describe(self) -> str:
        return "is asked"


class Raises(Asked):
    def predicate(self) -> Q:
        raise ZeroDivisionError("no luck")


class Empty(Asked):
    def predicate(self) -> Q:
        return Q()


class EmptyWithin(Asked):
    def predicate(self) -> Q:
        return Q(Q(), is_staff=True)


class NoCondition(Asked):
    def predicate(self) -> Q:
        return None  # type: ignore[return-value]


class JoinsToMany(Asked):
    def predicate(self) -> Q:
        return Q(courseenrollment__mode="audit")


class JoinsManyToMany(Asked):
    def predicate(self) -> Q:
        return Q(groups__name="teachers") | Q(teams__name="red")


class NamesNoColumn(Asked):
    def predicate(self) -> Q:
        return Q(shoe_size=42)


class NeedsTables(Asked):
    reads = ("shoes.Shoe",)


class Confused(Asked):
    @classmethod
    def unavailable(cls) -> str:
        raise RuntimeError("cannot tell")


def error_of(criterion: type[Criterion] | None, operator: str = "is_true") -> tuple[CriterionError, CriterionError]:
    """What a rule gets whose criterion is this one now, as a set and per user; the rule was valid when it was made."""
    leaf = {"criterion": "acme.asked", "operator": "is_true", "config": {}}
    rule = {"all": [EVERYONE, {"none": [leaf]}]}
    scope = scope_of_instance()
    with registry.temporarily(acme__asked=Asked):
        tree = rule_reader.parse(rule, scope)
        assert len(list(leaves(tree))) == 3
    pk = a_user().pk
    with registry.temporarily(acme__asked=criterion):
        with pytest.raises(CriterionError) as as_a_set:
            list(matching.matching_users(tree, Asking(scope, NOW)))
        with pytest.raises(CriterionError) as per_user:
            Answers([pk], NOW).matching(definition(tree, scope, group_id=7))
    assert str(per_user.value) == str(as_a_set.value)
    assert per_user.value.group_id == 7
    return as_a_set.value, per_user.value


@pytest.mark.parametrize(
    ("criterion", "error", "reason"),
    [
        (Raises, CriterionFailed, "ZeroDivisionError('no luck')"),
        (Empty, CriterionFailed, "must return a Q that is not empty"),
        (EmptyWithin, CriterionFailed, "must return a Q that is not empty"),
        (NoCondition, CriterionFailed, "must return a Q that is not empty"),
        (JoinsToMany, CriterionFailed, "joins student_courseenrollment"),
        (JoinsManyToMany, CriterionFailed, "joins auth_user_groups"),
        (NamesNoColumn, CriterionFailed, "Cannot resolve keyword 'shoe_size'"),
        (NeedsTables, CriterionUnavailable, "needs shoes.Shoe, not installed"),
        (Confused, CriterionFailed, "RuntimeError('cannot tell')"),
        (None, UnknownCriterion, "No installed package offers the criterion 'acme.asked'"),
    ],
)
def test_a_criterion_that_cannot_be_asked_is_an_error_with_its_place_in_the_rule(criterion, error, reason) -> None:
    for found in error_of(criterion):
        assert type(found) is error
        assert found.path == "/all/1/none/0"
        assert reason in str(found)
        assert str(found).startswith("/all/1/none/0: ")


def test_a_criterion_that_no_longer_has_the_operator_is_an_error_with_its_place() -> None:
    class Shrunk(Asked):
        operators = {Operator.IS_FALSE: {"type": "object"}}

        def predicate(self) -> Q:
            return {Operator.IS_FALSE: Q(is_staff=False)}[self.operator]

    for found in error_of(Shrunk):
        assert found.path == "/all/1/none/0"
