"""The criterion about fields that were added to profiles, as they are in the JSON of the profile."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from openedx_user_groups import api
from openedx_user_groups.criteria.builtin import custom_profile
from openedx_user_groups.data import ScopeData
from tests.criteria.asking import found, refusals, sentence, unknown, values
from tests.factories import a_course, a_learner, a_user, profile, scope_of_course, scope_of_instance

pytestmark = pytest.mark.django_db

SCOPES = [ScopeData("course", "course-v1:Acme+A1+2026"), ScopeData("organization", "Acme"), ScopeData("instance")]
INSTANCE = scope_of_instance()
FIELD = "custom_profile_field"


def who(value: object):
    """Somebody with this in the field "team"."""
    return with_meta(json.dumps({"team": value, "other": "zzz"}))


def with_meta(meta: str):
    user = a_user()
    profile(user, meta=meta)
    return user


@pytest.mark.parametrize("scope", SCOPES)
def test_the_text_of_a_field_in_every_kind_of_scope(scope) -> None:
    course = a_course()
    red, blue, empty, silent, no_profile = (a_learner(course) for _ in range(5))
    for learner, meta in ((red, '{"team": "Red"}'), (blue, '{"team": "blue"}'), (empty, '{"team": ""}'), (silent, "")):
        profile(learner, meta=meta)
    others = {blue, empty, silent, no_profile}

    assert found(scope, FIELD, "is", field="team", value="RED") == {red}
    assert found(scope, FIELD, "is_not", field="team", value="RED") == others
    assert found(scope, FIELD, "in", field="team", values=["rEd", "Blue"]) == {red, blue}
    assert found(scope, FIELD, "not_in", field="team", values=["red"]) == others
    assert found(scope, FIELD, "is_empty", field="team") == {empty, silent, no_profile}
    assert found(scope, FIELD, "is_not_empty", field="team") == {red, blue}
    assert unknown(scope, FIELD, "is", field="team", value="x") == 3
    assert values(scope, [red, blue, empty, silent, no_profile], FIELD, "is_empty", field="team") == {
        red: "Red",
        blue: "blue",
    }


def test_the_fields_that_people_of_the_scope_have_are_suggested() -> None:
    course = a_course()
    for meta in ('{"team": "Red", "department": 7}', '{"team": "Blue"}', "no JSON", "[1]", ""):
        profile(a_learner(course), meta=meta)
    with_meta('{"elsewhere": "x"}')

    asked = {"key": "field", "search": ""}
    assert api.suggestions(scope_of_course(course), FIELD, **asked) == {"department": "department", "team": "team"}
    assert list(api.suggestions(INSTANCE, FIELD, **asked)) == ["department", "elsewhere", "team"]


@pytest.mark.parametrize(
    ("operator", "value", "texts"),
    [
        ("contains", "é", {"Élodie é"}),
        ("contains", "É", {"Élodie é"}),
        ("contains", "elo", set()),
        ("not_contains", "100%", {"Élodie é", "Trail "}),
        ("starts_with", "élodie", set()),
        ("starts_with", "100", {"100% 'x'"}),
        ("ends_with", " ", {"Trail "}),
        ("ends_with", "trail", set()),
        ("is", "TRAIL ", {"Trail "}),
    ],
)
def test_only_the_case_of_ascii_letters_is_ignored(operator, value, texts) -> None:
    people = {text: who(text) for text in ("Élodie é", "100% 'x'", "Trail ")}

    assert found(INSTANCE, FIELD, operator, field="team", value=value) == {people[text] for text in texts}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7, "7"),
        (1.5, "1.5"),
        (True, "true"),
        (False, "FALSE"),
        (["é", 1], '["é", 1]'),
        ({"a": None}, '{"a": null}'),
        ([], "[]"),
        ("7", "7"),
        ("null", "null"),
    ],
)
def test_what_is_no_text_compares_as_its_json(value, text) -> None:
    person = who(value)

    assert found(INSTANCE, FIELD, "is", field="team", value=text) == {person}
    assert unknown(INSTANCE, FIELD, "is", field="team", value=text) == 0


@pytest.mark.parametrize(
    "meta",
    [
        "",
        "   ",
        "{",
        "null",
        "[]",
        '"team"',
        "7",
        "NaN",
        "{'team': 'red'}",
        '{"Team": "red"}',
        '{"team": null}',
        '{"team": ""}',
        '{"nested": {"team": "red"}}',
        "[" * 100_000,
        '{"team": ' + "9" * 5_000 + "}",
        '{"team": "red"',
    ],
)
def test_json_that_is_empty_broken_or_about_something_else_is_no_data(meta) -> None:
    person = with_meta(meta)

    for operator in ("is", "contains", "starts_with", "ends_with"):
        assert found(INSTANCE, FIELD, operator, field="team", value="red") == set()
    assert found(INSTANCE, FIELD, "is_empty", field="team") == {person}
    assert unknown(INSTANCE, FIELD, "is", field="team", value="red") == 1
    assert values(INSTANCE, [person], FIELD, "is", field="team", value="red") == {}


def test_half_a_surrogate_pair_is_shown_as_what_can_be_shown() -> None:
    person = with_meta('{"team": "a\\ud800"}')

    assert values(INSTANCE, [person], FIELD, "is_empty", field="team") == {person: "a?"}
    assert found(INSTANCE, FIELD, "starts_with", field="team", value="A") == {person}


def test_only_profiles_of_the_scope_and_of_whom_is_asked_about_are_read() -> None:
    course = a_course()
    learner = a_learner(course)
    profile(learner, meta='{"team": "red"}')
    who("red")

    def read(scope, users) -> int:
        with CaptureQueriesContext(connection) as captured:
            values(scope, users, FIELD, "is", field="team", value="red")
        (sql,) = [query["sql"] for query in captured if '"meta"' in query["sql"] or "`meta`" in query["sql"]]
        with connection.cursor() as cursor:
            cursor.execute(sql.replace("%", "%%"))
            return len(cursor.fetchall())

    assert read(scope_of_course(course), [learner]) == 1
    assert read(INSTANCE, [learner]) == 1
    assert read(scope_of_course(course), []) == 0
    assert found(scope_of_course(course), FIELD, "is", field="team", value="red") == {learner}


def test_more_profiles_than_are_read_at_a_time(monkeypatch) -> None:
    monkeypatch.setattr(custom_profile, "ROWS_AT_A_TIME", 3)
    people = [who("red") for _ in range(7)]

    assert found(INSTANCE, FIELD, "is", field="team", value="red") == set(people)


@pytest.mark.parametrize("config", [{"field": ""}, {"field": "x" * 256}, {"field": 7}, {"value": "x"}])
def test_a_field_needs_a_name(config) -> None:
    assert "field" in [key for key, _ in refusals(INSTANCE, FIELD, "is", **{"value": "x", **config})]


def test_it_reads_as_a_sentence() -> None:
    assert sentence(INSTANCE, FIELD, "contains", field="team", value="re") == "team contains “re”"
    assert sentence(INSTANCE, FIELD, "not_in", field="team", values=["a", "b"]) == "team is not a or b"
