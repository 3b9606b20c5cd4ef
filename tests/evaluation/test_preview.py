"""Preview: whom a rule would hold, how each of its criteria divides the population, and nothing else."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from openedx_user_groups import api
from openedx_user_groups.criteria import Criterion, Operator, registry
from openedx_user_groups.criteria.base import Asking
from openedx_user_groups.data import LeafCount, PreviewData, ScopeData
from openedx_user_groups.evaluation.preview import LEAVES_AT_A_TIME, preview
from openedx_user_groups.exceptions import CriterionError
from openedx_user_groups.groups import rule_reader
from openedx_user_groups.rules.tree import leaves, to_json
from tests.by_api import VERIFIED, a_group
from tests.examples import examples
from tests.factories import (
    NOW,
    a_course,
    a_learner,
    a_user,
    days_ago,
    disable,
    grade,
    scope_of_course,
    scope_of_instance,
)
from tests.plain import SCOPES, belongs, is_true
from tests.strategies import crowds, rules
from tests.world import rolled_back, save, save_courses

pytestmark = pytest.mark.django_db

STAFF = {"criterion": "staff_status", "operator": "is_true", "config": {}}


def shown(rule: Any, scope: ScopeData, **arguments: Any) -> PreviewData:
    return preview(rule_reader.parse(rule, scope), Asking(scope, NOW), **arguments)


@settings(max_examples=examples(40))
@given(crowd=crowds, question=st.sampled_from(SCOPES).flatmap(lambda scope: st.tuples(st.just(scope), rules(scope))))
def test_the_counts_are_those_of_plain_python(crowd, question) -> None:
    scope, rule = question
    with rolled_back():
        save_courses()
        people = {pk: person for pk, person in save(crowd).items() if belongs(person, scope)}
        matched = sorted(pk for pk, person in people.items() if is_true(rule, person, scope))

        found = shown(rule, scope, user_ids=True)
        assert (found.population, found.count, found.user_ids) == (len(people), len(matched), matched)
        for leaf, count in zip(leaves(rule_reader.parse(rule, scope)), found.leaves, strict=True):
            expected = sum(is_true(to_json(leaf), person, scope) for person in people.values())
            assert (count.path, count.matched) == (leaf.path, expected)
        assert shown(rule, scope).count == len(matched)


def test_unknown_are_those_about_whom_a_criterion_has_no_data() -> None:
    course = a_course()
    graded, *_others, gone = (a_learner(course, last_login=days_ago(3)) for _ in range(4))
    a_learner(course)
    grade(graded, course, 40)
    disable(gone)
    rule = {
        "any": [
            {"criterion": "course_grade", "operator": "<", "config": {"percent": 50}},
            {"none": [{"criterion": "last_login", "operator": "within_days", "config": {"days": 10}}]},
            STAFF,
        ]
    }

    assert shown(rule, scope_of_course(course)) == PreviewData(
        population=4,
        count=2,
        leaves=(
            LeafCount("/any/0", "course grade is below 50%", matched=1, unknown=3),
            LeafCount("/any/1/none/0", "last logged in within the last 10 days", matched=3, unknown=1),
            LeafCount("/any/2", "is staff of the platform", matched=0, unknown=0),
        ),
        user_ids=None,
    )


def test_as_the_rule_of_a_group_it_is_asked_of_those_of_whom_the_group_is_made(course, scope) -> None:
    above = a_group(scope)
    collection = api.create_collection(scope, name="Halves", parent_group=above.uuid)
    group = a_group(scope, collection=collection.uuid)
    inside, kept_out, _beside = (a_learner(course, "verified") for _ in range(3))
    api.add_members(above.uuid, [inside.pk, kept_out.pk])
    api.exclude(group.uuid, [kept_out.pk])

    found = api.preview(scope, VERIFIED, group=group.uuid, user_ids=True)

    assert (found.population, found.count, found.kept_out, found.user_ids) == (2, 1, 1, [inside.pk])
    assert api.preview(scope, VERIFIED).count == 3


def test_nobody_in_the_scope_is_no_error() -> None:
    found = shown({"all": [STAFF, STAFF]}, scope_of_course(a_course()), user_ids=True)

    assert (found.population, found.count, found.user_ids) == (0, 0, [])
    assert [(leaf.matched, leaf.unknown) for leaf in found.leaves] == [(0, 0), (0, 0)]


@pytest.mark.parametrize(("criteria", "statements"), [(1, 2), (LEAVES_AT_A_TIME, 2), (50, 5)])
def test_statements_are_bounded_and_do_not_grow_with_people(criteria, statements) -> None:
    rule = {"all": [STAFF] * criteria}

    def asked(**arguments: Any) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            shown(rule, scope_of_instance(), **arguments)
        # The savepoint is there within the transaction of a test only.
        return [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]

    assert len(asked()) == len(asked(user_ids=True)) == statements
    for _ in range(20):
        a_user(is_staff=True)
    found = asked()
    assert len(found) == statements
    assert all(sql.startswith("SELECT") for sql in found)


class UnknownRaises(Criterion):
    title = "Puzzling"
    scopes = ("instance",)
    operators = {Operator.IS_TRUE: {"type": "object"}}

    def predicate(self) -> Q:
        return Q(is_staff=True)

    def unknown(self) -> Q:
        raise ZeroDivisionError("no luck")

    def describe(self) -> str:
        return "is puzzling"


def test_a_criterion_that_fails_is_an_error_with_its_place() -> None:
    rule = {"all": [STAFF, {"criterion": "acme.puzzling", "operator": "is_true", "config": {}}]}
    with registry.temporarily(acme__puzzling=UnknownRaises):
        tree = rule_reader.parse(rule, scope_of_instance())
        with pytest.raises(CriterionError, match=r"^/all/1: acme.puzzling failed: ZeroDivisionError"):
            preview(tree, Asking(scope_of_instance(), NOW))

    with pytest.raises(CriterionError, match=r"^/all/1: No installed package offers"):
        preview(tree, Asking(scope_of_instance(), NOW))


class Unreadable(Criterion):
    """A condition that the database refuses only when it is asked."""

    title = "Unreadable"
    scopes = ("instance",)
    operators = {Operator.IS_TRUE: {"type": "object"}}

    def predicate(self) -> Q:
        return Q(RawSQL("no_such_column = 1", (), output_field=BooleanField()))

    def describe(self) -> str:
        return "cannot be read"


def test_a_criterion_that_the_database_refuses_is_named_with_its_place() -> None:
    with registry.temporarily(acme__unreadable=Unreadable), pytest.raises(CriterionError) as caught:
        shown(
            {"any": [STAFF, {"criterion": "acme.unreadable", "operator": "is_true", "config": {}}]}, scope_of_instance()
        )

    assert caught.value.path == "/any/1"
    assert "acme.unreadable failed" in str(caught.value)
