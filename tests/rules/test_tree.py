"""Rules as trees: what they say in JSON, their leaves in order, and when two leaves ask the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openedx_user_groups.data import ScopeData
from openedx_user_groups.groups import rule_reader
from openedx_user_groups.rules.tree import Leaf, leaves, to_json
from tests.plain import SCOPES
from tests.strategies import rules
from tests.world import rolled_back, save_courses


@pytest.mark.django_db
@given(st.sampled_from(SCOPES).flatmap(lambda scope: st.tuples(st.just(scope), rules(scope))))
def test_a_rule_that_is_read_and_written_again_is_the_same(question) -> None:
    scope, rule = question
    with rolled_back():
        save_courses()
        tree = rule_reader.parse(rule, scope)

        assert to_json(tree) == rule
        assert rule_reader.parse(to_json(tree), scope) == tree


def test_leaves_come_in_reading_order_each_with_its_place() -> None:
    staff = {"criterion": "staff_status", "operator": "is_true", "config": {}}
    never = {"criterion": "last_login", "operator": "is_false", "config": {}}
    rule = {"all": [staff, {"any": [never, {"none": [staff]}]}, never]}

    read = list(leaves(rule_reader.parse(rule, ScopeData("instance"))))

    assert [leaf.path for leaf in read] == ["/all/0", "/all/1/any/0", "/all/1/any/1/none/0", "/all/2"]
    assert [leaf.criterion for leaf in read] == ["staff_status", "last_login", "staff_status", "last_login"]


def test_leaves_with_the_same_question_share_a_key_wherever_they_are() -> None:
    first = Leaf("/all/0", "user_field", "is", {"field": "city", "value": "Lagos"})

    assert first.key == Leaf("/any/3", "user_field", "is", {"value": "Lagos", "field": "city"}).key
    assert first.key != Leaf("/all/0", "user_field", "is_not", first.config).key
    assert first.key != Leaf("/all/0", "user_field", "is", {"field": "city", "value": "lagos"}).key
