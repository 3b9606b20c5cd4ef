"""What is not filled in yet is left out of previews of a rule, and told by name; saving is strict."""

import json

import pytest
from django.urls import reverse

from openedx_user_groups.exceptions import RuleProblem
from openedx_user_groups.pages.rules.faults import faults, right_part
from tests.by_api import VERIFIED
from tests.factories import a_learner

TRACK = VERIFIED["all"][0]
NO_COUNTRY = {"criterion": "country", "operator": "in", "config": {"values": []}}
NO_TEXT = {"criterion": "user_field", "operator": "is", "config": {"field": "city", "value": ""}}
TOO_MUCH = {"criterion": "course_grade", "operator": ">", "config": {"percent": 120}}


def at(*paths):
    return [RuleProblem(path, "It is wrong.") for path in paths]


def address(name, campus):
    return reverse(f"openedx_user_groups:pages:{name}", args=[campus.scope])


def preview(client, campus, rule):
    answer = client.post(address("rule_preview", campus), {"rule": json.dumps(rule)}, headers={"HX-Request": "true"})
    return " ".join(answer.content.decode().split())


@pytest.fixture
def people(campus):
    return [a_learner(campus.course, "verified", username="vera"), a_learner(campus.course, "audit", username="otto")]


@pytest.mark.parametrize(
    ("rule", "paths", "left", "before"),
    [
        ({"all": ["a"]}, [], None, None),
        ({"all": [NO_COUNTRY]}, ["/all/0/config/values"], None, {"": ""}),
        ({"all": [NO_COUNTRY, TRACK]}, ["/all/0/config"], VERIFIED, {"": "", "/all/0": "/all/1"}),
        (
            {"all": [{"any": [NO_TEXT]}, {"none": []}, {"none": [TOO_MUCH, TRACK]}]},
            ["/all/0/any/0/config/value", "/all/1/none", "/all/2/none/0/config/percent"],
            {"all": [{"none": [TRACK]}]},
            {"": "", "/all/0": "/all/2", "/all/0/none/0": "/all/2/none/1"},
        ),
    ],
)
def test_the_right_part_of_a_rule_knows_where_it_stood(rule, paths, left, before):
    problems = at(*paths) or at("/all/0")

    assert right_part(rule, problems) == (None if before is None else (left, before))


@pytest.mark.parametrize("path", ["", "/all", "/all/0", "/all/0/criterion", "/all/0/operator", "/all/0/configs"])
def test_a_rule_that_is_wrong_in_another_way_has_no_right_part(path):
    assert right_part({"all": [TRACK]}, at(path)) is None


@pytest.mark.django_db
def test_faults_are_told_by_the_name_of_the_criterion():
    rule = json.dumps({"all": [NO_COUNTRY, {"any": [TOO_MUCH]}, {"any": []}]})
    paths = ("/all/0/config/values", "/all/1/any/0/config/percent", "/all/2/any", "")

    told = faults(at(*paths), rule)

    assert [(fault.node, fault.title, fault.message) for fault in told] == [
        ("/all/0", "Country", "It is not filled in yet."),
        ("/all/1/any/0", "Course grade", "It is wrong."),
        ("/all/2", "Block", "It is wrong."),
        ("", "", "It is wrong."),
    ]
    assert [fault.message for fault in faults(at(""), "{")] == ["It is wrong."]


def test_a_preview_counts_what_is_filled_in_and_names_what_is_not(campus, staff, people):
    part = preview(staff, campus, {"all": [NO_COUNTRY, TRACK, TOO_MUCH, {"any": []}]})

    assert "<strong data-count-all>1</strong>" in part
    assert ("vera" in part, "otto" in part) == (True, False)
    assert 'data-sentence dir="auto">Enrollment track is verified</p>' in part
    assert "Not counted yet:" in part
    assert 'data-at="/all/0">Country</a>: <span>It is not filled in yet.</span>' in part
    assert 'data-at="/all/2">Course grade</a>: <span>It must be 100 or less.</span>' in part
    assert 'data-at="/all/3">Block</a>' in part
    # The count of a criterion stands at its place in what was typed.
    assert '<li data-path="/all/1" data-matched="1"' in part


def test_a_preview_of_nothing_but_unfinished_criteria_says_what_to_do(campus, staff, people):
    part = preview(staff, campus, {"all": [NO_COUNTRY, {"any": [NO_TEXT]}]})

    assert "Fill in what you have added" in part
    assert "data-count-all" not in part
    assert "Field of the account</a>: <span>It is not filled in yet.</span>" in part


def test_what_is_not_filled_in_cannot_be_saved(campus, staff):
    form = {"name": "New", "rule": json.dumps({"all": [TRACK, NO_COUNTRY]})}

    answer = staff.post(address("new_rule", campus), form)

    assert answer.status_code == 400
    page = " ".join(answer.content.decode().split())
    assert "data-rule-builder data-refused" in page
    assert 'data-at="/all/1">Country</a>' in page
