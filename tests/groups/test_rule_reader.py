"""What a rule must look like as a tree, and what is said of one that does not."""

import json
import math
from typing import Any

import pytest

from openedx_user_groups.exceptions import InvalidRule
from openedx_user_groups.groups import rule_reader
from tests.refused import COURSE, STAFF, asked, problem_of, problems


@pytest.mark.parametrize("rule", [None, [], "all", 5, True, [{"all": []}]])
def test_a_rule_is_an_object(rule) -> None:
    assert problems(rule)[""].startswith("It must be an object")


@pytest.mark.parametrize(
    "rule", [{}, {"and": [STAFF]}, {"all": [STAFF], "any": [STAFF]}, {"ALL": [STAFF]}, {"": [STAFF]}, {"\ud800": []}]
)
def test_a_branch_is_exactly_one_of_all_any_none(rule) -> None:
    assert problems(rule) == {"": 'Exactly one of "all", "any", "none" is allowed, or "criterion" with its operator.'}
    assert set(problems({"none": [rule]})) == {"/none/0"}


def test_the_root_is_a_branch() -> None:
    assert problems(STAFF)[""].startswith("The outermost node must be")


@pytest.mark.parametrize("children", [None, {}, "x", 5])
def test_the_children_of_a_branch_are_a_list(children) -> None:
    assert problems({"all": [STAFF, {"any": children}]})["/all/1/any"].startswith("It must be a list")


def test_an_empty_tree_and_an_empty_branch_would_match_nobody() -> None:
    assert problems({"all": []})["/all"].startswith("It is empty")
    assert problems({"all": [STAFF, {"none": []}]})["/all/1/none"].startswith("It is empty")


def test_five_levels_are_allowed_and_six_are_not() -> None:
    rule: dict[str, Any] = STAFF
    for _ in range(4):
        rule = {"all": [rule]}
    rule_reader.parse(rule, COURSE)

    assert problems({"any": [rule]}) == {
        "/any/0/all/0/all/0/all/0/all/0": "It is too deep: a rule has at most 5 levels."
    }


def test_fifty_criteria_are_allowed_and_more_are_not() -> None:
    rule_reader.parse({"all": [STAFF] * 50}, COURSE)

    assert problems({"all": [STAFF] * 60}) == {"/all/50": "There are too many criteria: at most 50."}


def test_a_rule_of_64_kib_is_allowed_and_one_byte_more_is_not() -> None:
    leaves = [asked("country", "in", values=[f"{place:03}-{'x' * 244}" for place in range(32)]) for _ in range(8)]
    rule = {"all": leaves}
    rule["all"] = [*leaves, asked("user_field", "is", field="city", value="")]
    spare = 64 * 1024 - len(json.dumps(rule))
    assert 0 < spare <= 1000
    rule["all"][-1]["config"]["value"] = "x" * spare
    rule_reader.parse(rule, COURSE)

    rule["all"][-1]["config"]["value"] += "x"
    assert problems(rule) == {"": "It has 65537 bytes; at most 65536 are allowed."}


def test_letters_count_with_all_their_bytes() -> None:
    assert "at most 65536" in problems({"all": [asked("user_field", "is", field="city", value="🎓" * 20_000)]})[""]


@pytest.mark.parametrize("bomb", ["lists", "branches"])
def test_a_rule_nested_without_end_is_refused_and_not_followed(bomb) -> None:
    rule: Any = []
    for _ in range(100_000):
        rule = [rule] if bomb == "lists" else {"all": [rule]}

    assert problems(rule)[""].startswith("It must be JSON")
    with pytest.raises(InvalidRule, match="It is not JSON"):
        rule_reader.load("[" * 100_000)
    with pytest.raises(InvalidRule, match="It is not JSON"):
        rule_reader.load('{"all": [' * 50_000 + "]}" * 50_000)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, {1, 2}, object(), b"x", 1j])
def test_what_json_cannot_say_is_refused(value) -> None:
    assert problems({"all": [asked(days=value)]})[""].startswith("It must be JSON")
    assert problems({"all": [value]})[""].startswith("It must be JSON")


@pytest.mark.parametrize("key", [(1, 2), b"all"])
def test_keys_that_json_cannot_write_are_refused(key) -> None:
    assert problems({key: [STAFF]})[""].startswith("It must be JSON")


@pytest.mark.parametrize("key", [1, None, True])
def test_keys_that_json_turns_into_text_are_still_not_known(key) -> None:
    assert problems({key: [STAFF]})[""].startswith("Exactly one of")
    assert problem_of({**STAFF, key: 5})[1].startswith("It is not known here")


@pytest.mark.parametrize("text", ["", "{", "NaN", '{"all": [Infinity]}', "-Infinity", "\0", "{'all': []}"])
def test_text_that_is_no_json_is_refused(text) -> None:
    with pytest.raises(InvalidRule, match=r"^/: It is not JSON"):
        rule_reader.load(text)


@pytest.mark.parametrize("digits", [400, 5000])
def test_huge_numbers_are_refused(digits) -> None:
    text = json.dumps({"all": [asked(days="DAYS")]}).replace('"DAYS"', "9" * digits)

    with pytest.raises(InvalidRule):
        rule_reader.parse(rule_reader.load(text), COURSE)
    with pytest.raises(InvalidRule):
        rule_reader.parse({"all": [asked(days=10**digits)]}, COURSE)
    with pytest.raises(InvalidRule):
        rule_reader.parse({"all": [asked("course_grade", "<", percent=10**digits)]}, COURSE)
