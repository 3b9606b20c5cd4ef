"""previews/ and groups/{uuid}/explanations/: what rules say of people; nothing is stored."""

import json
from uuid import uuid4

import pytest

from openedx_user_groups import api
from openedx_user_groups.criteria.registry import temporarily
from tests.by_api import VERIFIED, Answer, Raises, a_group, in_mode, leaf, many_learners, refreshed, statements, writes
from tests.factories import a_learner, a_user, profile, scope_of_course
from tests.rest_api.campus import address, course_scope_json


def preview(client, campus, rule=VERIFIED, **more):
    body = {"scope": course_scope_json(campus.course), "rule": rule, **more}
    # The test client cannot encode half of a surrogate pair; JSON can.
    return client.post(address("previews"), json.dumps(body), content_type="application/json")


def explain(client, group, people):
    return client.post(address("explanations", group.uuid), {"people": people}, format="json")


def test_a_preview_counts_and_shows_as_many_people_as_asked_for(campus, staff):
    for name in ("cy", "bo", "ana"):
        profile(a_learner(campus.course, "verified", username=name), name=name.upper())
    a_learner(campus.course, "audit")

    response = preview(staff, campus, people=2)

    body = response.json()
    assert response.status_code == 200
    assert (body["population"], body["count"]) == (4, 3)
    assert body["leaves"] == [{"path": "/all/0", "text": "enrollment track is verified", "matched": 3, "unknown": 0}]
    assert body["people"] == [
        {"username": "bo", "email": "bo@example.com", "name": "BO"},
        {"username": "cy", "email": "cy@example.com", "name": "CY"},
    ]
    assert preview(staff, campus).json()["people"] == []


def test_a_preview_of_the_rule_of_a_group_leaves_out_whom_it_keeps_out(campus, staff):
    ana, ben = (a_learner(campus.course, "verified", username=name) for name in ("ana", "ben"))
    group = a_group(campus.scope, VERIFIED)
    api.exclude(group.uuid, [ben.pk])

    found = preview(staff, campus, group=str(group.uuid), people=5).json()

    assert (found["population"], found["count"], found["kept_out"]) == (2, 1, 1)
    assert [person["username"] for person in found["people"]] == [ana.username]
    assert preview(staff, campus).json()["count"] == 2


def test_a_preview_is_of_a_group_of_its_scope(campus, staff, admin):
    foreign = a_group(scope_of_course(campus.foreign), VERIFIED)

    for client in (staff, admin):
        for uuid in (str(foreign.uuid), str(uuid4()), "no-uuid"):
            refused = preview(client, campus, group=uuid)
            assert (refused.status_code, set(refused.json()["errors"])) == (400, {"/group"})


def test_a_preview_stores_nothing(campus, staff):
    preview(staff, campus)
    with statements() as sent:
        preview(staff, campus, people=100)

    assert not writes(sent)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"rule": None}, "/rule"),
        ({"rule": "everybody"}, "/rule"),
        ({"rule": []}, "/rule"),
        ({"rule": {"all": []}}, "/rule/all"),
        ({"rule": {"all": [{"any": "x"}]}}, "/rule/all/0/any"),
        ({"rule": in_mode("")}, "/rule/all/0/config/modes/0"),
        ({"rule": in_mode("a\0")}, "/rule/all/0/config/modes/0"),
        ({"rule": in_mode("\ud800")}, "/rule/all/0/config/modes/0"),
        ({"rule": {"all": [leaf("enrollment_mode", "in", **{"\ud800": 1})]}}, "/rule/all/0/config/\\ud800"),
        ({"rule": {"\ud800": []}}, "/rule"),
        ({"people": 101}, "/people"),
        ({"people": -1}, "/people"),
        ({"people": "5"}, "/people"),
        ({"people": True}, "/people"),
        ({"users": []}, "/users"),
    ],
)
def test_what_is_wrong_with_a_preview_is_told_with_its_place(campus, staff, body, pointer):
    response = preview(staff, campus, **body)

    assert response.status_code == 400
    assert pointer in response.json()["errors"]


def test_a_rule_that_is_nested_too_deep_is_refused(campus, staff):
    rule = VERIFIED
    for _ in range(5):
        rule = {"any": [rule]}

    (pointer,) = preview(staff, campus, rule).json()["errors"]

    assert pointer == "/rule" + "/any/0" * 5


def test_a_criterion_that_fails_is_told_with_its_place(campus, staff):
    with temporarily(test__raises=Raises):
        response = preview(staff, campus, {"any": [VERIFIED, leaf("test.raises", "in")]})

    assert response.status_code == 422
    assert set(response.json()["errors"]) == {"/rule/any/1"}
    assert response.json()["type"].endswith("/cannot-evaluate")


class Confidential(Answer):
    """Asks for a permission."""

    permission = "acme.sees_income"


def test_a_criterion_may_ask_for_a_permission(campus, staff, admin):
    with temporarily(test__confidential=Confidential):
        rule = {"all": [leaf("test.confidential", "in", ids=[])]}
        refused = preview(staff, campus, rule)
        assert preview(admin, campus, rule).status_code == 200

    assert refused.status_code == 400
    assert set(refused.json()["errors"]) == {"/rule/all/0/criterion"}


def test_an_explanation_goes_through_the_rule_node_by_node(campus, staff):
    a_learner(campus.course, "verified", username="ana")
    a_learner(campus.course, "audit", username="bo")
    group = a_group(campus.scope, VERIFIED)
    refreshed(group)

    response = explain(staff, group, ["ana", "bo", "nobody"])

    assert response.status_code == 200
    ana, bo, nobody = response.json()["explanations"]
    assert (ana["username"], ana["in_population"], ana["is_member"], ana["origin"]) == ("ana", True, True, "rule")
    assert (ana["matches"], ana["is_excluded"], ana["held_by"]) == (True, False, None)
    assert [(node["path"], node["truth"], node["matches"]) for node in ana["nodes"]] == [
        ("", "yes", True),
        ("/all/0", "yes", True),
    ]
    assert (bo["is_member"], bo["origin"], bo["matches"]) == (False, "", False)
    assert bo["nodes"][1]["value"] == ["audit"]
    assert (nobody["username"], nobody["nodes"], nobody["matches"]) == (None, [], None)
    assert nobody["detail"]


def test_an_explanation_tells_who_holds_somebody(campus, staff):
    ana = a_learner(campus.course, "verified")
    collection = api.create_collection(campus.scope, name="Teams")
    red = a_group(campus.scope, name="Red", collection=collection.uuid)
    blue = a_group(campus.scope, VERIFIED, name="Blue", collection=collection.uuid)
    api.add_members(red.uuid, [ana.pk])

    (found,) = explain(staff, blue, [ana.username]).json()["explanations"]

    assert found["held_by"] == str(red.uuid)
    assert (found["matches"], found["is_member"]) == (True, False)


def test_a_static_group_has_nothing_to_explain_but_who_is_in_it(campus, staff):
    ana = a_learner(campus.course)
    group = a_group(campus.scope)
    api.add_members(group.uuid, [ana.pk])

    (found,) = explain(staff, group, [ana.email]).json()["explanations"]

    assert (found["is_member"], found["origin"], found["matches"], found["nodes"]) == (True, "manual", None, [])


@pytest.mark.parametrize("people", [None, [], "ana", [5], ["x"] * 1_001, [True], {"ana": 1}])
def test_an_explanation_is_about_people_by_name(campus, staff, people):
    response = explain(staff, a_group(campus.scope, VERIFIED), people)

    assert response.status_code == 400
    assert all(pointer.startswith("/people") for pointer in response.json()["errors"])


def test_the_queries_of_an_explanation_do_not_grow_with_people(campus, staff):
    group = a_group(campus.scope, VERIFIED)
    names = [f"many_{pk}" for pk in many_learners(campus.course, 200)]
    explain(staff, group, names[:1])
    with statements() as few:
        explain(staff, group, names[:1])
    with statements() as many:
        assert len(explain(staff, group, names).json()["explanations"]) == 200

    assert len(many) <= len(few)


def test_a_preview_may_be_of_everybody_for_global_staff(campus, admin):
    a_user(username="ana")
    rule = {"all": [leaf("user_field", "is", field="username", value="ana")]}

    response = admin.post(address("previews"), {"scope": {"type": "instance"}, "rule": rule}, format="json")

    assert response.status_code == 200
    assert response.json()["count"] == 1
    assert campus.client("staff").post(
        address("previews"), {"scope": {"type": "instance"}, "rule": rule}, format="json"
    ).json()["errors"].keys() == {"/scope"}
