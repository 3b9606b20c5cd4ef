"""groups/{uuid}/members/: pages of them, found by what they are called and how they came in."""

import pytest

from openedx_user_groups import api
from tests.by_api import VERIFIED, a_group, many_learners, origins, refreshed, statements
from tests.factories import a_learner, profile
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


def add(client, group, **body):
    return client.post(address("members", group.uuid), body, format="json")


def test_pages_go_by_user_name_both_ways(campus, staff, group):
    names = [f"user{number:02}" for number in range(25)]
    add(staff, group, people=[a_learner(campus.course, username=name).username for name in reversed(names)])

    pages, page = [], members(staff, group)
    while True:
        pages.append(usernames(page))
        if page["next"] is None:
            break
        page = staff.get(page["next"]).json()

    assert [name for each in pages for name in each] == names
    assert [len(each) for each in pages] == [10, 10, 5]
    assert usernames(staff.get(page["previous"]).json()) == names[10:20]
    assert len(members(staff, group, page_size=100)["results"]) == 25


def test_they_are_searched_and_narrowed_by_origin(campus, staff, ana):
    group = a_group(campus.scope, VERIFIED)
    refreshed(group)
    bo = a_learner(campus.course, username="bo", email="b_100%@example.com", first_name="Bo")
    add(staff, group, people=["bo"])

    assert origins(group) == {ana.pk: "rule", bo.pk: "manual"}
    assert usernames(members(staff, group, origin="rule")) == ["ana"]
    assert usernames(members(staff, group, origin="random")) == []
    for search, found in {"AN": ["ana"], "Ant": ["ana"], "_100%": ["bo"], "o": ["ana", "bo"], "x%": []}.items():
        assert usernames(members(staff, group, search=search)) == found


@pytest.mark.parametrize(
    "query",
    ["origin=none", "origin=", "search=", "search=%00", "page_size=101", "page_size=x", "page=2", "username=x"],
)
def test_a_parameter_that_is_wrong_is_named(staff, group, query):
    response = staff.get(f"{address('members', group.uuid)}?{query}")

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {query.partition("=")[0]}


@pytest.mark.parametrize("cursor", ["nonsense", "cD0lMDA=", "cj14", "bz0tMQ==", "é", "x" * 1_999])
def test_a_cursor_that_no_page_has_given_is_not_found(staff, group, cursor):
    assert staff.get(address("members", group.uuid), {"cursor": cursor}).status_code == 404


def test_the_queries_of_a_page_do_not_grow_with_members(campus, staff, group):
    api.add_members(group.uuid, many_learners(campus.course, 10))
    members(staff, group)
    with statements() as few:
        assert len(members(staff, group)["results"]) == 10
    api.add_members(group.uuid, many_learners(campus.course, 90))
    with statements() as many:
        assert len(members(staff, group, page_size=100)["results"]) == 100

    assert len(many) <= len(few)
