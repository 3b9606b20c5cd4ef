"""Definitions: the tree of a rule as rows, and back."""

import pytest

from openedx_user_groups import api
from openedx_user_groups.evaluation.definition import load
from openedx_user_groups.models import GroupCriterion, UserGroup
from openedx_user_groups.rules.tree import leaves, to_json
from tests.by_api import VERIFIED, a_group, leaf

pytestmark = pytest.mark.django_db

NESTED = {
    "any": [
        leaf("country", "in", values=["US", "ES", "🙂", "\"%'"]),
        {"none": [leaf("staff_status", "is_true"), {"all": [leaf("last_login", "within_days", days=3)]}]},
        leaf("course_grade", "between", percent=[10, 20.5]),
        leaf("country", "in", values=["US", "ES", "🙂", "\"%'"]),
    ]
}


def test_a_rule_comes_back_as_it_was_written(scope):
    group = a_group(scope, NESTED)

    (read,) = load(UserGroup.objects.filter(uuid=group.uuid))

    assert to_json(read.rule) == NESTED
    assert api.get_group(group.uuid).rule == NESTED


def test_nodes_are_rows_numbered_in_reading_order(scope):
    a_group(scope, NESTED)

    rows = GroupCriterion.objects.order_by("position").values_list(
        "position", "parent_position", "combine", "criterion"
    )

    assert list(rows) == [
        (0, None, "any", ""),
        (1, 0, "", "country"),
        (2, 0, "none", ""),
        (3, 2, "", "staff_status"),
        (4, 2, "all", ""),
        (5, 4, "", "last_login"),
        (6, 0, "", "course_grade"),
        (7, 0, "", "country"),
    ]


def test_each_leaf_knows_its_place(scope):
    a_group(scope, NESTED)

    (read,) = load(UserGroup.objects.all())

    assert [one.path for one in leaves(read.rule)] == [
        "/any/0",
        "/any/1/none/0",
        "/any/1/none/1/all/0",
        "/any/2",
        "/any/3",
    ]


def test_the_largest_rule_comes_back_too(scope):
    many = {"all": [leaf("date_joined", "within_days", days=number) for number in range(50)]}
    deep = {"all": [{"any": [{"none": [{"all": [leaf("staff_status", "is_true")]}]}]}]}

    for rule in (many, deep):
        assert api.get_group(a_group(scope, rule).uuid).rule == rule


def test_a_group_without_a_rule_is_read_as_static(scope):
    a_group(scope)

    (read,) = load(UserGroup.objects.all())

    assert read.rule is None
    assert not read.is_refreshed


def test_definitions_come_by_collection_and_priority(scope):
    alone = a_group(scope, VERIFIED)
    collection = api.create_collection(scope, name="Tracks")
    together = [a_group(scope, VERIFIED, collection=collection.uuid) for _ in range(3)]
    UserGroup.objects.filter(uuid=together[2].uuid).update(priority=0)
    UserGroup.objects.filter(uuid=together[0].uuid).update(priority=2)

    read = [one.uuid for one in load(UserGroup.objects.all())]

    assert read == [alone.uuid, together[2].uuid, together[1].uuid, together[0].uuid]


@pytest.mark.parametrize("number", [1, 6])
def test_any_number_of_groups_takes_two_queries(scope, django_assert_num_queries, number):
    for _ in range(number):
        a_group(scope, NESTED)

    with django_assert_num_queries(2):
        assert len(load(UserGroup.objects.all())) == number
