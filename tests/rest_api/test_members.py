"""groups/{uuid}/members/: who is in it, put in and taken out by hand."""

from datetime import timedelta

import pytest
from django.utils import timezone

from openedx_user_groups import api
from openedx_user_groups.models import Membership
from tests.by_api import VERIFIED, a_group, member_ids, refreshed
from tests.factories import a_learner, a_user, profile
from tests.rest_api.campus import address


@pytest.fixture
def group(campus):
    return a_group(campus.scope, name="Tutors")


@pytest.fixture
def ana(campus):
    user = a_learner(campus.course, "verified", username="ana")
    profile(user, name="Ana Ant")
    return user


def members(client, group, **query):
    response = client.get(address("members", group.uuid), query)
    assert response.status_code == 200, response.content
    return response.json()


def usernames(page):
    return [row["username"] for row in page["results"]]


def outcomes(response):
    assert response.status_code == 200, response.content
    return [(row["person"], row["outcome"], row["username"]) for row in response.json()["outcomes"]]


def add(client, group, **body):
    return client.post(address("members", group.uuid), body, format="json")


def test_a_member_is_somebody_with_a_reason_to_be_one(staff, group, ana):
    add(staff, group, people=["ana"])

    (row,) = members(staff, group)["results"]

    assert row.pop("joined_at") > "2026"
    assert row == {
        "username": "ana",
        "email": "ana@example.com",
        "name": "Ana Ant",
        "origin": "manual",
        "expires_at": None,
    }
    assert staff.get(address("member", group.uuid, "ana")).json()["name"] == "Ana Ant"


@pytest.mark.usefixtures("ana")
def test_people_are_added_each_with_an_outcome(campus, staff, group):
    a_learner(campus.course, username="bo")

    response = add(staff, group, people=["ana", "BO@example.com", "ana", "nobody", " ana "])

    assert outcomes(response) == [
        ("ana", "added", "ana"),
        ("BO@example.com", "added", "bo"),
        ("ana", "already_in", "ana"),
        ("nobody", "unknown", None),
        ("ana", "already_in", "ana"),
    ]
    assert usernames(members(staff, group)) == ["ana", "bo"]


def test_who_moves_is_told_from_where(campus, staff, ana):
    collection = api.create_collection(campus.scope, name="Teams")
    red, blue = (a_group(campus.scope, name=name, collection=collection.uuid) for name in ("Red", "Blue"))
    add(staff, red, people=["ana"])

    (row,) = add(staff, blue, people=["ana"]).json()["outcomes"]

    assert row["outcome"] == "moved"
    assert "Red" in row["detail"]
    assert member_ids(blue) == {ana.pk}


def test_a_membership_ends_when_it_was_said_to(staff, group, ana):
    instant = timezone.now() + timedelta(days=1)

    add(staff, group, people=["ana"], expires_at=instant.isoformat())

    assert Membership.objects.get(user=ana).expires_at == instant
    assert members(staff, group)["results"][0]["expires_at"]


@pytest.mark.parametrize(
    "expires_at",
    [
        "2020-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "tomorrow",
        "2026-02-31",
        5,
        True,
        "",
    ],
)
def test_an_end_that_is_none_is_refused(staff, group, ana, expires_at):
    response = add(staff, group, people=["ana"], expires_at=expires_at)

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {"/expires_at"}
    assert member_ids(group) == set()


def test_a_member_is_found_by_name_in_any_case_and_nobody_else(campus, staff, group):
    a_learner(campus.course, username="Bo_")
    add(staff, group, people=["Bo_"])

    assert staff.get(address("member", group.uuid, "bo_")).json()["username"] == "Bo_"
    for name in ("bo", "Bo", "b%", "_", "Bo_ ", "\0", "1", "x" * 5_000):
        assert staff.get(address("member", group.uuid, name)).status_code == 404


def test_a_member_is_taken_out(staff, group, ana):
    add(staff, group, people=["ana"])

    assert staff.delete(address("member", group.uuid, "ana")).status_code == 204
    assert staff.delete(address("member", group.uuid, "ana")).status_code == 404
    assert staff.delete(address("member", group.uuid, "nobody")).status_code == 404
    assert member_ids(group) == set()


def test_in_an_address_a_member_is_a_user_name_and_nothing_else(staff, group, ana):
    add(staff, group, people=["ana"])

    for name in ("ana@example.com", str(ana.pk), "\0"):
        assert staff.get(address("member", group.uuid, name)).status_code == 404
        assert staff.delete(address("member", group.uuid, name)).status_code == 404
    assert member_ids(group) == {ana.pk}
    assert staff.delete(address("member", group.uuid, "ANA")).status_code == 204


@pytest.mark.usefixtures("ana")
def test_whom_the_rule_wants_in_it_is_kept_out_for_the_reason_given(campus, staff):
    group = a_group(campus.scope, VERIFIED)
    refreshed(group)
    assert usernames(members(staff, group)) == ["ana"]

    staff.delete(f"{address('member', group.uuid, 'ana')}?reason=on+leave")

    assert refreshed(group).matched == 0
    (row,) = staff.get(address("exclusions", group.uuid)).json()["results"]
    assert (row["username"], row["reason"], row["author"]) == ("ana", "on leave", "staff")


def test_people_go_and_come_in_one_request(campus, staff, group, ana):
    bo = a_learner(campus.course, username="bo")
    add(staff, group, people=["ana"])

    response = staff.patch(
        address("members", group.uuid), {"add": ["bo", "x"], "remove": ["ana", "bo"], "reason": "swap"}, format="json"
    )

    assert [row["outcome"] for row in response.json()["remove"]] == ["removed", "not_in"]
    assert [row["outcome"] for row in response.json()["add"]] == ["added", "unknown"]
    assert member_ids(group) == {bo.pk}


def test_an_archived_group_keeps_its_members(staff, group, ana):
    add(staff, group, people=["ana"])
    api.archive_group(group.uuid)

    assert add(staff, group, people=["ana"]).status_code == 409
    assert staff.patch(address("members", group.uuid), {"remove": ["ana"]}, format="json").status_code == 409
    assert staff.delete(address("member", group.uuid, "ana")).status_code == 409
    assert member_ids(group) == {ana.pk}


def test_whoever_has_left_the_course_is_no_member_until_they_come_back(campus, staff, group, ana):
    add(staff, group, people=["ana"])
    ana.courseenrollment_set.update(is_active=False)

    assert members(staff, group)["results"] == []
    assert staff.get(address("member", group.uuid, "ana")).status_code == 404


def test_people_are_named_by_texts(admin, group):
    user = a_user(username="12345")
    for people in ([user.pk], [True], [None], [["x"]], [{"username": "x"}], "ana", [], None, [""], [" "], ["x\0"]):
        response = admin.post(address("members", group.uuid), {"people": people}, format="json")
        assert response.status_code == 400, people
        assert all(pointer.startswith("/people") for pointer in response.json()["errors"])

    assert outcomes(add(admin, group, people=["12345"])) == [("12345", "not_in_population", "12345")]


def test_a_fault_in_a_long_list_is_told_with_its_place(staff, group):
    people = [f"user{number}" for number in range(900)]
    people[700] = 5

    assert set(add(staff, group, people=people).json()["errors"]) == {"/people/700"}
    assert set(add(staff, group, people=[*map(str, range(1_001))]).json()["errors"]) == {"/people"}


@pytest.mark.parametrize("body", [{}, {"reason": "x"}, {"add": []}, {"add": ["x"], "nonsense": 1}])
def test_a_change_of_nobody_is_refused(staff, group, body):
    assert staff.patch(address("members", group.uuid), body, format="json").status_code == 400
