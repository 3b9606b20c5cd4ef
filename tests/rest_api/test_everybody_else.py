"""groups/{rest_uuid}/: everybody else of a collection is read where groups are, and is not to be changed."""

import csv
import io

import pytest
from django.urls import get_resolver

from openedx_user_groups import api
from openedx_user_groups.web import export
from tests.by_api import a_group, many_learners, statements
from tests.factories import a_learner, profile
from tests.rest_api.campus import address
from tests.rest_api.endpoints import configured


@pytest.fixture
def collection(campus):
    return api.create_collection(campus.scope, name="Teams", rest_name="Without a team")


@pytest.fixture
def red(campus, collection):
    """Ana is in it; bo and cy are not."""
    group = a_group(campus.scope, name="Red", collection=collection.uuid)
    for name in ("cy", "bo", "ana"):
        profile(a_learner(campus.course, username=name), name=f"{name.title()} Bee")
    api.add_members(group.uuid, ["ana"])
    return group


def members(client, collection, **query):
    return client.get(address("members", collection.rest_uuid), query)


def test_it_has_a_name_and_a_number(campus, staff, collection, red):
    assert staff.get(address("group", collection.rest_uuid)).json() == {
        "uuid": str(collection.rest_uuid),
        "scope": {"type": "course", "key": str(campus.course.id)},
        "collection": str(collection.uuid),
        "name": "Without a team",
        "member_count": 2,
    }


def test_without_a_name_it_is_called_after_the_collection_or_the_group(campus, staff, red):
    named = api.create_collection(campus.scope, name="Crews")
    single = api.get_collection(a_group(campus.scope, name="Tutors").collection_uuid)

    def name(collection):
        return staff.get(address("group", collection.rest_uuid)).json()["name"]

    assert name(named) == "Everybody else of “Crews”"
    assert name(single) == "Everybody else than “Tutors”"


def test_its_members_are_listed_by_user_name(staff, collection, red):
    page = members(staff, collection, page_size=1).json()

    assert page["results"] == [
        {
            "username": "bo",
            "email": "bo@example.com",
            "name": "Bo Bee",
            "origin": "",
            "joined_at": None,
            "expires_at": None,
        }
    ]
    assert [row["username"] for row in staff.get(page["next"]).json()["results"]] == ["cy"]
    assert staff.get(address("member", collection.rest_uuid, "bo")).json() == page["results"][0]
    assert staff.get(address("member", collection.rest_uuid, "ana")).status_code == 404


def test_its_list_takes_the_same_filters(staff, collection, red):
    def names(**query):
        return [row["username"] for row in members(staff, collection, **query).json()["results"]]

    assert names(search="cy b") == ["cy"]
    assert names(search="ana") == []
    # Nobody came in: they are in nothing else.
    assert names(origin="rule") == []


def test_it_is_exported(staff, collection, red, campus):
    many = many_learners(campus.course, export.ROWS_AT_A_TIME)

    response = members(staff, collection, format="csv")
    header, *rows = csv.reader(io.StringIO(b"".join(response.streaming_content).decode()))

    assert header == list(export.COLUMNS)
    assert [row for row in rows if row[0] == "bo"] == [["bo", "bo@example.com", "Bo Bee", "", ""]]
    assert sorted(row[0] for row in rows) == sorted(["bo", "cy", *(f"many_{pk}" for pk in many)])
    assert f"group-{collection.rest_uuid}.csv" in response["Content-Disposition"]


def test_the_queries_do_not_grow_with_its_members(campus, staff, collection, red):
    members(staff, collection)
    with statements() as few:
        assert len(members(staff, collection).json()["results"]) == 2
    many_learners(campus.course, 7)
    with statements() as many:
        assert len(members(staff, collection).json()["results"]) == 9

    assert len(many) <= len(few)


def test_why_somebody_is_in_it_is_explained(campus, staff, collection, red):
    a_learner(campus.foreign, username="zoe")

    response = staff.post(
        address("explanations", collection.rest_uuid), {"people": ["ana", "bo", "zoe"]}, format="json"
    )

    ana, bo, zoe = response.json()["explanations"]
    assert (ana["in_population"], ana["is_member"], ana["held_by"]) == (True, False, str(red.uuid))
    assert (bo["in_population"], bo["is_member"], bo["held_by"]) == (True, True, None)
    assert bo["matches"] is None
    # Not of this course: nobody whom its staff are told of.
    assert zoe["username"] is None


READ = {("group", "get"), ("members", "get"), ("member", "get"), ("explanations", "post")}
ELSEWHERE = ("collection-group", "overlap", "overlap-people", "place")
ARGUMENTS = {"member": ("bo",), "exclusion": ("bo",), "refresh": ("x",), "held-people": ("x",), "revision": (1,)}


def test_nothing_else_is_done_with_it_and_that_is_said(campus, staff, collection, red):
    endpoints = {(name, method) for name, method in configured() if "group_uuid" in _parameters(name)}
    # Of these the group is one that moves, or that learners choose.
    endpoints = {endpoint for endpoint in endpoints if endpoint[0] not in ELSEWHERE}
    assert endpoints > READ
    for name, method in endpoints - READ:
        path = address(name, collection.rest_uuid, *ARGUMENTS.get(name, ()))
        response = getattr(staff, method)(f"{path}?of=joining" if name.endswith("-people") else path)
        assert response.status_code == (404 if method == "get" else 409), (name, method)
        assert "Everybody else" in response.json()["detail"]


def _parameters(name):
    reverse = get_resolver("openedx_user_groups.rest_api.v1.urls").reverse_dict
    return reverse.getlist(name)[0][0][0][1]


def test_it_is_neither_moved_nor_subdivided(campus, staff, collection, red):
    body = {"scope": {"type": "course", "key": str(campus.course.id)}, "name": "x"}

    below = staff.post(
        address("collections"), {**body, "parent_group": str(collection.rest_uuid)}, format="json"
    ).json()
    assert set(below["errors"]) == {"/parent_group"}
    assert staff.get(address("overlap", collection.uuid, collection.rest_uuid)).status_code == 404
    assert staff.delete(address("collection-group", collection.uuid, collection.rest_uuid)).status_code == 409


def test_it_ends_with_its_collection(staff, collection, red):
    api.dissolve_collection(collection.uuid)

    assert staff.get(address("group", collection.rest_uuid)).status_code == 404


def test_the_one_of_a_single_group_ends_with_the_group(campus, staff):
    group = a_group(campus.scope)
    rest = api.get_collection(group.collection_uuid).rest_uuid
    assert staff.get(address("group", rest)).status_code == 200

    api.delete_group(group.uuid)

    assert staff.get(address("group", rest)).status_code == 404
