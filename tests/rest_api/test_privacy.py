"""Nobody learns of courses, groups or people outside what they may see: what is hidden is answered like what is not."""

import json
from uuid import uuid4

import pytest
from django.test import override_settings

from openedx_user_groups import api
from openedx_user_groups.models import UserGroup
from tests.by_api import VERIFIED, a_group, leaf
from tests.factories import a_learner, a_user, enroll, scope_of_course
from tests.rest_api.alike import same
from tests.rest_api.campus import FOREIGN_KEY, KEY, address, course_scope_json
from tests.rest_api.endpoints import a_site

NO_COURSE = "course-v1:Nobody+N1+2026"


@pytest.fixture
def foreign(campus):
    """A course of another organization, with a group and people of its own."""
    return a_site(campus, campus.foreign, "_foreign")


@pytest.fixture
def group(campus):
    return a_group(campus.scope, name="Mine")


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        ("group", ()),
        ("members", ()),
        ("member", ("ana_foreign",)),
        ("exclusions", ()),
        ("refreshes", ()),
        ("revisions", ()),
        ("revision", (1,)),
    ],
)
def test_a_group_elsewhere_is_like_none(staff, foreign, name, rest):
    response = same(lambda uuid: staff.get(address(name, uuid, *rest)), foreign.group.uuid, uuid4())

    assert response.status_code == 404


def test_it_is_like_none_whatever_is_sent_to_it(staff, foreign):
    def change(uuid):
        return staff.patch(address("group", uuid), {"revision": 1, "name": "Mine now"}, format="json")

    def broken(uuid):
        return staff.post(address("members", uuid), "{", content_type="application/json")

    for ask in (change, broken):
        assert same(ask, foreign.group.uuid, uuid4()).status_code == 404
    assert api.get_group(foreign.group.uuid).name == "Verified"


def test_a_collection_elsewhere_is_like_none(campus, staff, foreign):
    def make(uuid):
        body = {"scope": course_scope_json(campus.course), "name": "Red", "collection": str(uuid)}
        return staff.post(address("groups"), body, format="json")

    assert same(lambda uuid: staff.get(address("collection", uuid)), foreign.collection, uuid4()).status_code == 404
    assert same(make, foreign.collection, uuid4()).status_code == 400
    assert same(make, foreign.group.collection_uuid, uuid4()).status_code == 400


@pytest.mark.usefixtures("foreign")
def test_a_scope_elsewhere_is_like_none(staff):
    def make(key):
        return staff.post(
            address("groups"), {"scope": {"type": "course", "key": key}, "name": "Verified"}, format="json"
        )

    def preview(key):
        return staff.post(
            address("previews"), {"scope": {"type": "course", "key": key}, "rule": VERIFIED}, format="json"
        )

    def collect(key):
        return staff.post(address("collections"), {"scope": {"type": "course", "key": key}, "name": "T"}, format="json")

    def broken(key):
        return staff.post(address("previews"), {"scope": {"type": "course", "key": key}, "rule": "x"}, format="json")

    def divide(key):
        return staff.post(address("enrollment-tracks"), {"scope": {"type": "course", "key": key}}, format="json")

    for ask in (make, preview, collect, divide, broken):
        assert same(ask, FOREIGN_KEY, NO_COURSE).status_code == 400

    def in_organization(key):
        return staff.post(
            address("groups"), {"scope": {"type": "organization", "key": key}, "name": "x"}, format="json"
        )

    assert same(in_organization, "Other", "Nobody").status_code == 400
    # Its own organization is beyond a course, too.
    assert same(in_organization, "Acme", "Nobody").status_code == 400


@pytest.mark.usefixtures("foreign")
@pytest.mark.parametrize("name", ["groups", "collections", "criterion-types"])
def test_filters_tell_nothing_of_scopes_elsewhere(staff, name):
    def by(parameter):
        return lambda value: staff.get(address(name), {parameter: value})

    assert same(by("course_key"), FOREIGN_KEY, NO_COURSE).status_code == 200
    assert same(by("organization"), "Other", "Nobody").status_code == 200


@pytest.mark.usefixtures("foreign", "group")
def test_lists_tell_nothing_of_groups_elsewhere(staff):
    for query in (
        {},
        {"search": "Verified"},
        {"ordering": "-member_count"},
        {"status": "active"},
        {"page_size": 1},
        {"view": "minimal"},
    ):
        page = staff.get(address("groups"), query).json()
        assert page["count"] == len(page["results"]) == (0 if "search" in query else 1)
        assert page["num_pages"] == 1
        assert all(group["name"] == "Mine" for group in page["results"])


@pytest.mark.usefixtures("foreign")
def test_a_name_that_is_taken_elsewhere_is_free(campus, staff):
    for path, name in ((address("groups"), "Verified"), (address("collections"), "Teams")):
        body = {"scope": course_scope_json(campus.course), "name": name}
        assert staff.post(path, body, format="json").status_code == 201


def rule_about(uuid):
    return {"all": [leaf("group_member", "in", groups=[str(uuid)])]}


def test_a_rule_tells_nothing_of_groups_elsewhere(campus, staff, foreign, group):
    def make(uuid):
        body = {"scope": course_scope_json(campus.course), "name": "x", "rule": rule_about(uuid)}
        return staff.post(address("groups"), body, format="json")

    def change(uuid):
        return staff.patch(address("group", group.uuid), {"revision": 1, "rule": rule_about(uuid)}, format="json")

    def preview(uuid):
        body = {"scope": course_scope_json(campus.course), "rule": rule_about(uuid)}
        return staff.post(address("previews"), body, format="json")

    rest = api.get_collection(foreign.collection).rest_uuid
    for ask in (make, change, preview):
        for hidden in (foreign.group.uuid, rest):
            assert same(ask, hidden, uuid4()).status_code == 400


def test_a_rule_tells_nothing_of_courses_elsewhere(campus):
    client = campus.client("staff_of_the_organization")

    def preview(key):
        rule = {"all": [leaf("enrolled_in_course", "in", course_keys=[key])]}
        body = {"scope": {"type": "organization", "key": "Acme"}, "rule": rule}
        return client.post(address("previews"), body, format="json")

    assert same(preview, FOREIGN_KEY, NO_COURSE).status_code == 400
    assert preview(KEY).status_code == 200


def test_what_global_staff_named_in_a_rule_is_not_named_to_others(campus, staff, admin, foreign):
    body = {"scope": course_scope_json(campus.course), "name": "Mixed", "rule": rule_about(foreign.group.uuid)}
    made = admin.post(address("groups"), body, format="json").json()
    learner = a_learner(campus.course, username="cy")
    enroll(learner, campus.foreign, "verified")
    api.refresh(foreign.group.uuid)

    assert "Verified" in made["rule_text"]
    assert str(foreign.group.uuid) in json.dumps(made["rule"])
    shown = [
        staff.get(address("group", made["uuid"])),
        staff.get(address("groups"), {"search": "Mixed"}),
        staff.get(address("revisions", made["uuid"])),
        staff.get(address("revision", made["uuid"], 1)),
        staff.patch(address("group", made["uuid"]), {"revision": 1, "description": "x"}, format="json"),
    ]
    for response in shown:
        assert "Verified" not in response.text
        assert str(foreign.group.uuid) not in response.text
        assert '"hidden":true' in response.text
    (found,) = staff.post(address("explanations", made["uuid"]), {"people": ["cy"]}, format="json").json()[
        "explanations"
    ]
    (leaf_,) = found["nodes"][1:]
    assert (leaf_["truth"], leaf_["value"]) == ("hidden", None)
    assert "Verified" not in json.dumps(found)


def test_why_a_refresh_failed_is_not_told_by_a_later_rule_either(campus, staff, admin, foreign):
    body = {"scope": course_scope_json(campus.course), "name": "Mixed", "rule": rule_about(foreign.group.uuid)}
    uuid = admin.post(address("groups"), body, format="json").json()["uuid"]
    api.activate_group(uuid)
    # Gone without the check that it is unused, as by another way into the database.
    UserGroup.objects.filter(uuid=foreign.group.uuid).update(status="deleted")
    api.refresh(uuid)
    api.update_group(uuid, revision=1, rule=VERIFIED)
    api.activate_group(uuid, revision=2)

    assert str(foreign.group.uuid) in admin.get(address("refreshes", uuid)).text
    response = staff.get(address("refreshes", uuid))
    assert response.status_code == 200
    assert str(foreign.group.uuid) not in response.text


def test_nor_is_why_a_draft_cannot_be_looked_at(campus, staff, admin, foreign):
    group = a_group(campus.scope, VERIFIED)
    change = {"revision": 1, "rule": rule_about(foreign.group.uuid)}
    assert admin.patch(address("group", group.uuid), change, format="json").status_code == 200
    UserGroup.objects.filter(uuid=foreign.group.uuid).update(status="deleted")

    for path, query in ((address("draft", group.uuid), {}), (address("draft-people", group.uuid), {"of": "joining"})):
        assert str(foreign.group.uuid) in admin.get(path, query).text
        response = staff.get(path, query)
        assert response.status_code == 422
        assert str(foreign.group.uuid) not in response.text
        assert "whoever looks after the platform can see why" in response.text


@override_settings(OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT=False)
def test_that_groups_are_off_elsewhere_is_not_told(campus, staff):
    group = api.create_group(scope_of_course(campus.foreign), name="x")

    assert same(lambda uuid: staff.get(address("group", uuid)), group.uuid, uuid4()).status_code == 404
    assert (
        same(lambda key: staff.get(address("groups"), {"course_key": key}), FOREIGN_KEY, NO_COURSE).status_code == 200
    )


def test_who_made_a_group_stays_told_when_the_account_is_gone(campus, staff):
    author = a_user(username="author")
    group = a_group(campus.scope, acting_user=author)
    author.delete()

    assert staff.get(address("group", group.uuid)).json()["created_by"] is None
