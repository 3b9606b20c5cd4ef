"""Schemas that criteria share, and what is wrong with a config as a sentence with its place."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from openedx_user_groups.criteria import schemas


def problems(schema: Any, instance: object) -> list[tuple[tuple[str | int, ...], str]]:
    Draft202012Validator.check_schema(schema)
    return sorted(schemas.problems(Draft202012Validator(schema), instance), key=str)


@pytest.mark.parametrize(
    ("schema", "instance"),
    [
        (schemas.NO_CONFIG, {}),
        (schemas.DAYS, {"days": 0}),
        (schemas.DAYS, {"days": 36_500}),
        (schemas.DATE, {"date": "2026-01-31"}),
        (schemas.values("modes"), {"modes": ["audit", "Audit"]}),
        (schemas.values("modes"), {"modes": ["x" * 255] + [str(n) for n in range(499)]}),
        (schemas.number("percent", 0, 100), {"percent": 100}),
        (schemas.number("percent", 0, 100), {"percent": 0.5}),
        (schemas.interval("percent", 0, 100), {"percent": [0, 100]}),
    ],
)
def test_a_good_config_has_no_problems(schema, instance) -> None:
    assert problems(schema, instance) == []


@pytest.mark.parametrize(
    ("schema", "instance", "place", "sentence"),
    [
        (schemas.NO_CONFIG, [], (), "It must be an object."),
        (schemas.NO_CONFIG, {"days": 1}, ("days",), "It is not known here. Nothing is allowed here: write {}."),
        (schemas.DAYS, {}, ("days",), "It is missing."),
        (schemas.DAYS, {"days": "1"}, ("days",), "It must be a whole number."),
        (schemas.DAYS, {"days": -1}, ("days",), "It must be 0 or more."),
        (schemas.DAYS, {"days": 36_501}, ("days",), "It must be 36500 or less."),
        (schemas.DATE, {"date": "2026"}, ("date",), "It must have 10 or more characters."),
        (schemas.DATE, {"date": "2" * 41}, ("date",), "It must have 40 or fewer characters."),
        (schemas.values("modes"), {"modes": []}, ("modes",), "It needs at least 1 value."),
        (schemas.values("modes"), {"modes": ["a", "a"]}, ("modes",), "It has a value twice."),
        (schemas.values("modes"), {"modes": ["a", 1]}, ("modes", 1), "It must be a text."),
        (schemas.values("n", {"enum": ["a", 2]}), {"n": ["b"]}, ("n", 0), "Allowed: a, 2."),
        (schemas.interval("percent", 0, 100), {"percent": [1, 101]}, ("percent", 1), "It must be 100 or less."),
        (schemas.interval("percent", 0, 100), {"percent": 5}, ("percent",), "It must be a list."),
        (schemas.config(yes={"type": "boolean"}), {"yes": 1}, ("yes",), "It must be true or false."),
        (schemas.config(yes={"const": 1}), {"yes": 2}, ("yes",), "1 was expected"),
        (schemas.config(yes={"type": ["string", "null"]}), {"yes": 2}, ("yes",), "It must be a text or null."),
    ],
)
def test_each_fault_is_a_sentence_with_its_place(schema, instance, place, sentence) -> None:
    assert problems(schema, instance) == [(place, sentence)]


def test_all_faults_are_told() -> None:
    schema = schemas.config(field={"enum": ["city"]}, value=schemas.TEXT)

    assert problems(schema, {"value": "", "what": 1, "where": 2}) == [
        (("field",), "It is missing."),
        (("value",), "It must have 1 or more characters."),
        (("what",), "It is not known here. Allowed: field, value."),
        (("where",), "It is not known here. Allowed: field, value."),
    ]


def test_all_that_is_missing_is_told_once_each() -> None:
    schema = schemas.config(field={}, value={})

    assert problems(schema, {}) == [(("field",), "It is missing."), (("value",), "It is missing.")]
