"""groups/: made, read, changed and deleted."""

from uuid import uuid4

import pytest
from django.urls import resolve

from openedx_user_groups import api
from openedx_user_groups.models import UserGroup
from tests.by_api import VERIFIED, a_group, in_mode, leaf
from tests.rest_api.campus import KEY, address, course_scope_json

A_GROUP = {
    "uuid",
    "scope",
    "collection",
    "name",
    "description",
    "tags",
    "status",
    "status_reason",
    "is_dynamic",
    "rule",
    "rule_text",
    "revision",
    "draft_revision",
    "draft_rule",
    "draft_rule_text",
    "would_hold",
    "update_mode",
    "method",
    "refresh_every",
    "removal_limit",
    "size_limit",
    "member_count",
    "health",
    "health_reason",
    "last_refreshed",
    "next_due",
    "is_stale",
    "created",
    "created_by",
    "created_via",
    "modified",
    "modified_by",
}


def make(client, campus, **body):
    return client.post(address("groups"), {"scope": course_scope_json(campus.course), **body}, format="json")


def change(client, group, **body):
    return client.patch(address("group", group.uuid), body, format="json")


def test_a_static_group_is_made_active(campus, staff):
    response = make(staff, campus, name="Tutors", description="They help.", tags=["help", "Help"])

    body = response.json()
    assert response.status_code == 201
    assert set(body) == A_GROUP
    assert body["scope"] == course_scope_json(campus.course)
    assert (body["name"], body["description"], body["tags"]) == ("Tutors", "They help.", ["help"])
    assert (body["status"], body["is_dynamic"], body["rule"], body["rule_text"]) == ("active", False, None, "")
    assert (body["created_by"], body["modified_by"], body["created_via"]) == ("staff", "staff", "api")
    assert response["Location"] == f"http://testserver{address('group', body['uuid'])}"
    assert staff.get(response["Location"]).json() == body


def test_a_group_with_a_rule_is_a_draft_until_it_is_activated(campus, staff):
    body = make(staff, campus, name="Verified", rule=VERIFIED).json()
    assert (body["status"], body["is_dynamic"], body["rule"]) == ("draft", True, VERIFIED)
    assert body["rule_text"]

    response = staff.patch(address("group", body["uuid"]), {"revision": 1, "status": "active"}, format="json")

    assert response.status_code == 200
    assert response.json()["status"] == "active"
    assert response.json()["revision"] == 1


def test_a_group_is_made_in_a_collection_of_its_scope(campus, staff):
    collection = api.create_collection(campus.scope, name="Teams")

    response = make(staff, campus, name="Red", collection=str(collection.uuid))

    assert response.json()["collection"] == str(collection.uuid)
    assert api.get_collection(collection.uuid).group_uuids == (UserGroup.objects.get().uuid,)


def test_a_collection_that_is_not_there_is_named_with_its_field(campus, staff):
    response = make(staff, campus, name="Red", collection=str(uuid4()))

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {"/collection"}


def test_a_name_is_taken_once_in_a_scope(campus, staff):
    a_group(campus.scope, name="Tutors")

    response = make(staff, campus, name="TUTORS")

    assert response.status_code == 409
    assert set(response.json()["errors"]) == {"/name"}


def test_an_edit_makes_a_new_revision(campus, staff):
    group = a_group(campus.scope, VERIFIED, name="Verified")

    response = change(staff, group, revision=1, name="Audit", tags=["x"], description="", rule=in_mode("audit"))

    assert response.status_code == 200
    assert (response.json()["revision"], response.json()["draft_revision"]) == (2, 3)
    assert (response.json()["name"], response.json()["tags"]) == ("Audit", ["x"])
    assert (response.json()["rule"], response.json()["draft_rule"]) == (VERIFIED, in_mode("audit"))
    assert response.json()["modified_by"] == "staff"
    assert response.json()["created_by"] is None


def test_what_an_edit_leaves_out_stays(campus, staff):
    group = a_group(campus.scope, VERIFIED, name="Verified", description="All of them.", tags=["x"])

    body = change(staff, group, revision=1, name="Paying").json()

    assert (body["name"], body["description"], body["tags"]) == ("Paying", "All of them.", ["x"])
    assert body["rule"] == VERIFIED


def test_no_rule_makes_a_group_static(campus, staff):
    group = a_group(campus.scope, VERIFIED)

    draft = change(staff, group, revision=1, rule=None).json()
    assert (draft["is_dynamic"], draft["draft_revision"], draft["draft_rule"]) == (True, 2, None)
    assert change(staff, group, revision=2, status="active").json()["is_dynamic"] is False


@pytest.mark.parametrize("body", [{"name": "New"}, {"status": "paused"}, {}, {"status": "archived", "name": "New"}])
def test_an_edit_of_an_old_revision_changes_nothing(campus, staff, body):
    group = a_group(campus.scope, name="Tutors")
    api.update_group(group.uuid, revision=1, description="Newer")

    response = change(staff, group, revision=1, **body)

    assert response.status_code == 409
    now = api.get_group(group.uuid)
    assert (now.name, now.status, now.revision) == ("Tutors", "active", 2)


@pytest.mark.parametrize("revision", [None, "1", True, 1.5, 0, [], 10**30])
def test_an_edit_says_which_revision_it_is_of(campus, staff, revision):
    group = a_group(campus.scope)

    response = change(staff, group, revision=revision, name="New")

    assert response.status_code == (409 if revision == 10**30 else 400)
    assert api.get_group(group.uuid).revision == 1


def test_an_edit_without_a_revision_is_refused(campus, staff):
    response = change(staff, a_group(campus.scope), name="New")

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {"/revision"}


def test_a_group_is_paused_archived_and_taken_out_again(campus, staff):
    group = a_group(campus.scope, VERIFIED)

    for status in ("paused", "archived", "active"):
        assert change(staff, group, revision=1, status=status).json()["status"] == status


@pytest.mark.parametrize("status", ["draft", "deleted", "", None, "ACTIVE", 1])
def test_no_other_status_can_be_set(campus, staff, status):
    response = change(staff, a_group(campus.scope), revision=1, status=status)

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {"/status"}


def test_a_status_that_does_not_follow_is_a_conflict(campus, staff):
    group = api.create_group(campus.scope, name="Draft", rule=VERIFIED)

    response = change(staff, group, revision=1, status="paused")

    assert response.status_code == 409


def test_content_and_status_change_together_or_not_at_all(campus, staff):
    a_group(campus.scope, name="Taken")
    group = a_group(campus.scope, name="Tutors")

    assert change(staff, group, revision=1, status="paused", name="Taken").status_code == 409
    assert api.get_group(group.uuid).status == "active"
    assert change(staff, group, revision=1, status="archived", name="Old tutors").status_code == 200
    assert change(staff, group, revision=2, name="Tutors").status_code == 409
    body = change(staff, group, revision=2, status="active", name="Tutors").json()
    assert (body["status"], body["name"], body["revision"]) == ("active", "Tutors", 3)


def test_a_deleted_group_is_gone_and_its_name_is_free(campus, staff):
    group = a_group(campus.scope, name="Tutors")

    assert staff.delete(address("group", group.uuid)).status_code == 204
    assert staff.delete(address("group", group.uuid)).status_code == 404
    assert staff.get(address("group", group.uuid)).status_code == 404
    assert make(staff, campus, name="Tutors").status_code == 201


def test_what_others_are_built_on_stays_and_the_list_of_them_is_told(campus, staff):
    group = a_group(campus.scope, name="Tutors")
    a_group(campus.scope, {"all": [leaf("group_member", "in", groups=[str(group.uuid)])]}, name="Users")
    below = api.create_collection(campus.scope, name="Teams", parent_group=group.uuid)

    for response in (staff.delete(address("group", group.uuid)), change(staff, group, revision=1, status="archived")):
        assert response.status_code == 409
        assert response.json()["uses"] == [f"“Users” of {KEY}", "the collection “Teams”"]
        assert "“Users”" in response.json()["detail"]
    assert api.get_group(group.uuid).status == "active"
    assert staff.delete(address("collection", below.uuid)).status_code == 204


def test_a_cycle_is_refused_and_its_chain_is_told(campus, staff):
    first = a_group(campus.scope, VERIFIED, name="First")
    a_group(campus.scope, {"all": [leaf("group_member", "in", groups=[str(first.uuid)])]}, name="Second")
    second = api.groups_in(campus.scope).get(name="Second").uuid

    response = change(staff, first, revision=1, rule={"all": [leaf("group_member", "in", groups=[str(second)])]})

    assert response.status_code == 400
    (sentence,) = response.json()["errors"]["/rule"]
    assert f"“First” of {KEY} → “Second” of {KEY} → “First” of {KEY}" in sentence


def test_what_is_wrong_with_a_rule_is_told_all_at_once_with_its_place(campus, staff):
    rule = {"all": [{"criterion": "nonsense", "operator": "in"}, {"any": []}, {"criterion": "last_login"}]}

    response = make(staff, campus, name="Wrong", rule=rule)

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {"/rule/all/0/criterion", "/rule/all/1/any", "/rule/all/2/operator"}
    assert not UserGroup.objects.exists()


@pytest.mark.parametrize(
    ("scope", "pointers"),
    [
        ({"type": "course", "key": "course-v1:Acme+None+2026"}, {"/scope"}),
        ({"type": "course", "key": "no course key"}, {"/scope"}),
        ({"type": "course"}, {"/scope"}),
        ({"type": "organization", "key": ""}, {"/scope"}),
        ({"type": "organization", "key": "Nobody"}, {"/scope"}),
        ({"type": "instance", "key": "x"}, {"/scope"}),
        ({"type": "planet", "key": "x"}, {"/scope/type"}),
        ({"type": "course", "key": 5}, {"/scope/key"}),
        ({"type": "course", "key": "x" * 300}, {"/scope/key"}),
        ({"type": "course", "key": "a\0b"}, {"/scope/key"}),
        ({"key": "x"}, {"/scope/type"}),
        ({}, {"/scope/type"}),
        ({"type": "course", "key": "x", "id": 1}, {"/scope/id"}),
        ("course", {"/scope"}),
        (None, {"/scope"}),
        ([], {"/scope"}),
    ],
)
def test_a_scope_that_is_none_is_told_with_its_place(admin, scope, pointers):
    response = admin.post(address("groups"), {"scope": scope, "name": "Group"}, format="json")

    assert response.status_code == 400
    assert set(response.json()["errors"]) == pointers


def test_no_endpoint_holds_a_transaction_of_its_own():
    """The platform begins one for each request; what the Python API does in batches would then be one batch."""
    assert "default" in resolve(address("groups")).func._non_atomic_requests
    assert "default" in resolve(address("members", uuid4())).func._non_atomic_requests
