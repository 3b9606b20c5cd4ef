"""groups/{uuid}/exclusions/: who is kept out."""

from datetime import timedelta

import pytest
from django.utils import timezone

from openedx_user_groups import api
from tests.by_api import VERIFIED, a_group, member_ids, refreshed
from tests.factories import a_learner, profile
from tests.rest_api.campus import address


@pytest.fixture
def ana(campus):
    user = a_learner(campus.course, "verified", username="ana")
    profile(user, name="Ana Ant")
    return user


@pytest.fixture
def group(campus, ana):
    group = a_group(campus.scope, VERIFIED)
    refreshed(group)
    return group


def exclude(client, group, **body):
    return client.post(address("exclusions", group.uuid), body, format="json")


def listed(client, group, **query):
    return client.get(address("exclusions", group.uuid), query).json()["results"]


def test_who_is_excluded_leaves_and_stays_out(staff, group):
    response = exclude(staff, group, people=["ana", "nobody"], reason="on leave")

    assert [row["outcome"] for row in response.json()["outcomes"]] == ["excluded", "unknown"]
    assert member_ids(group) == set()
    refreshed(group)
    assert member_ids(group) == set()


def test_an_exclusion_says_who_decided_it_and_why(staff, group):
    exclude(staff, group, people=["ana"], reason="on leave")

    (row,) = listed(staff, group)

    assert row.pop("created") > "2026"
    assert row == {
        "username": "ana",
        "email": "ana@example.com",
        "name": "Ana Ant",
        "reason": "on leave",
        "author": "staff",
        "expires_at": None,
    }


def test_of_who_has_left_the_course_its_staff_see_no_address(campus, staff, admin, group, ana):
    exclude(staff, group, people=["ana"])
    ana.courseenrollment_set.update(is_active=False)

    assert [(row["username"], row["email"]) for row in listed(staff, group)] == [("ana", "")]
    assert [(row["username"], row["email"]) for row in listed(admin, group)] == [("ana", "ana@example.com")]


def test_nor_do_they_find_it_by_searching_for_its_parts(campus, staff, admin, group, ana):
    bo = a_learner(campus.course, username="bo", email="bo@example.com")
    exclude(staff, group, people=["ana", "bo"])
    ana.courseenrollment_set.update(is_active=False)

    assert [row["username"] for row in listed(staff, group, search="@example")] == [bo.username]
    assert [row["username"] for row in listed(staff, group, search="AN")] == ["ana"]
    assert [row["username"] for row in listed(admin, group, search="@example")] == ["ana", "bo"]


def test_an_exclusion_is_named_by_a_user_name_only(staff, group, ana):
    exclude(staff, group, people=["ana"])

    for name in ("ana@example.com", str(ana.pk), "\0"):
        assert staff.delete(address("exclusion", group.uuid, name)).status_code == 404
    assert staff.delete(address("exclusion", group.uuid, "ANA")).status_code == 204


def test_an_exclusion_is_lifted(staff, group, ana):
    exclude(staff, group, people=["ana"])

    assert staff.delete(address("exclusion", group.uuid, "ana")).status_code == 204
    assert staff.delete(address("exclusion", group.uuid, "ana")).status_code == 404
    assert listed(staff, group) == []
    refreshed(group)
    assert member_ids(group) == {ana.pk}


def test_an_exclusion_ends_by_itself(staff, group):
    instant = timezone.now() + timedelta(days=1)
    exclude(staff, group, people=["ana"], expires_at=instant.isoformat())
    assert listed(staff, group)[0]["expires_at"]

    api.exclude(group.uuid, ["ana"], expires_at=timezone.now() - timedelta(seconds=1))

    assert listed(staff, group) == []


def test_they_are_listed_by_user_name_and_searched(campus, staff, group):
    names = [f"user{number:02}" for number in range(12)]
    exclude(staff, group, people=[a_learner(campus.course, username=name).username for name in reversed(names)])

    page = staff.get(address("exclusions", group.uuid)).json()

    assert [row["username"] for row in page["results"]] == names[:10]
    assert [row["username"] for row in staff.get(page["next"]).json()["results"]] == names[10:]
    assert [row["username"] for row in listed(staff, group, search="R07")] == ["user07"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/people"),
        ({"people": ["ana"], "reason": 5}, "/reason"),
        ({"people": ["ana"], "reason": "x" * 1_001}, "/reason"),
        ({"people": ["ana"], "reason": "\0"}, "/reason"),
        ({"people": ["ana"], "expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
        ({"people": ["ana"], "origin": "rule"}, "/origin"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(staff, group, body, pointer):
    response = exclude(staff, group, **body)

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {pointer}
    assert len(member_ids(group)) == 1
