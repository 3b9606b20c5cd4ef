"""groups/{uuid}/revisions/: what a group was defined as, and when."""

import pytest

from openedx_user_groups import api
from tests.by_api import VERIFIED, a_group, statements
from tests.rest_api.campus import address


@pytest.fixture
def group(campus):
    group = a_group(campus.scope, VERIFIED, name="First", acting_user=campus.person("staff"))
    return api.update_group(group.uuid, revision=1, name="Second")


def test_they_are_listed_newest_first_with_their_authors(staff, group):
    newest, first = staff.get(address("revisions", group.uuid)).json()["results"]

    assert (newest["number"], newest["state"], newest["author"]) == (2, "in_force", None)
    assert newest["definition"] == {
        "name": "Second",
        "description": "",
        "tags": [],
        "rule": VERIFIED,
        "update_mode": "both",
        "method": "any",
        "refresh_every": None,
        "removal_limit": None,
        "size_limit": None,
    }
    assert (first["number"], first["author"], first["definition"]["rule"]) == (1, "staff", VERIFIED)


def test_one_is_read_by_its_number(staff, group):
    response = staff.get(address("revision", group.uuid, 1))

    assert response.status_code == 200
    assert response.json()["definition"]["name"] == "First"


@pytest.mark.parametrize("number", [0, 3, 2**31, 10**30, -1, "x", "1.0", "²", "٢", "01 ", "\0"])
def test_others_are_not_found(staff, group, number):
    assert staff.get(address("revision", group.uuid, number)).status_code == 404


def test_a_list_takes_as_many_queries_for_many_as_for_one(campus, staff, group):
    path = address("revisions", group.uuid)
    staff.get(path)
    with statements() as few:
        staff.get(path)
    for revision in range(2, 9):
        api.update_group(group.uuid, revision=revision, description="x", acting_user=campus.person("instructor"))
    with statements() as many:
        assert staff.get(path).json()["count"] == 9

    assert len(many) <= len(few)
