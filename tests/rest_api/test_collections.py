"""collections/: sets of groups that exclude each other."""

from uuid import uuid4

import pytest

from openedx_user_groups import api
from openedx_user_groups.criteria import Operator
from openedx_user_groups.criteria.registry import temporarily
from tests.by_api import Answer, a_group, in_mode, leaf, member_ids, refreshed, statements
from tests.factories import a_learner, scope_of_course, scope_of_organization
from tests.rest_api.campus import FOREIGN_KEY, KEY, address, course_scope_json

GRADES = {"criterion": "course_grade"}
COLLECTION = {
    "uuid",
    "scope",
    "kind",
    "generator",
    "parent_group",
    "name",
    "is_implicit",
    "rest_uuid",
    "rest_name",
    "groups",
}


def make(client, course, **body):
    return client.post(address("collections"), {"scope": course_scope_json(course), **body}, format="json")


def names(client, **query):
    return [each["name"] for each in client.get(address("collections"), query).json()["results"]]


def test_a_collection_is_made_and_read(campus, staff):
    response = make(staff, campus.course, name="Teams", rest_name="No team")

    body = response.json()
    assert response.status_code == 201
    assert set(body) == COLLECTION
    assert (body["name"], body["rest_name"], body["is_implicit"], body["groups"]) == ("Teams", "No team", False, [])
    assert (body["kind"], body["generator"], body["parent_group"]) == ("rules", None, None)
    assert staff.get(response["Location"]).json() == body


def test_it_names_its_groups_by_priority(campus, staff):
    collection = api.create_collection(campus.scope, name="Teams")
    groups = [a_group(campus.scope, name=name, collection=collection.uuid) for name in ("b", "a")]
    api.delete_group(a_group(campus.scope, collection=collection.uuid).uuid)

    body = staff.get(address("collection", collection.uuid)).json()

    assert body["groups"] == [str(group.uuid) for group in groups]


def test_a_group_by_itself_has_an_implicit_one_that_is_not_listed(campus, staff):
    group = a_group(campus.scope)

    body = staff.get(address("collection", group.collection_uuid)).json()

    assert (body["is_implicit"], body["name"], body["groups"]) == (True, "", [str(group.uuid)])
    assert names(staff) == []


def test_they_are_listed_by_name_of_the_scopes_asked_for(campus, admin):
    api.create_collection(campus.scope, name="b")
    api.create_collection(scope_of_course(campus.foreign), name="a")
    api.create_collection(scope_of_organization(), name="c")

    assert names(admin) == ["a", "b", "c"]
    assert names(admin, course_key=KEY) == ["b"]
    assert names(admin, organization="Acme") == ["b", "c"]
    assert names(admin, scope_type="course") == ["a", "b"]
    assert names(campus.client("staff")) == ["b"]
    assert names(campus.client("staff"), course_key=FOREIGN_KEY) == []


def test_a_name_is_taken_once_in_a_scope(campus, staff):
    make(staff, campus.course, name="Teams")

    assert make(staff, campus.course, name="teams").status_code == 409


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/name"),
        ({"name": ""}, "/name"),
        ({"name": 5}, "/name"),
        ({"name": "x" * 256}, "/name"),
        ({"name": "x\ny"}, "/name"),
        ({"name": "x", "rest_name": "\0"}, "/rest_name"),
        ({"name": "x", "groups": []}, "/groups"),
        ({"name": "x", "kind": "planets"}, "/kind"),
        ({"name": "x", "kind": "generated"}, "/generator"),
        ({"name": "x", "kind": "generated", "generator": {}}, "/generator/criterion"),
        ({"name": "x", "kind": "generated", "generator": {"criterion": "nonsense"}}, "/generator/criterion"),
        ({"name": "x", "kind": "generated", "generator": {"criterion": "last_login"}}, "/generator/criterion"),
        ({"name": "x", "kind": "generated", "generator": GRADES | {"ranges": []}}, "/generator/ranges"),
        ({"name": "x", "kind": "generated", "generator": GRADES | {"ranges": [[50, 0]]}}, "/generator/ranges"),
        ({"name": "x", "kind": "generated", "generator": GRADES | {"ranges": [[0, 500]]}}, "/generator/ranges"),
        ({"name": "x", "kind": "generated", "generator": GRADES | {"ranges": [["0", 5]]}}, "/generator/ranges/0/0"),
        ({"name": "x", "kind": "generated", "generator": GRADES | {"ranges": [[True, 5]]}}, "/generator/ranges/0/0"),
        ({"name": "x", "kind": "generated", "generator": GRADES | {"ranges": [[0, 10**400]]}}, "/generator/ranges/0/1"),
        ({"name": "x", "kind": "generated", "generator": GRADES | {"ranges": [[1]]}}, "/generator/ranges/0"),
        ({"name": "x", "kind": "random", "generator": {"criterion": "enrollment_mode"}}, "/generator"),
        ({"name": "x", "parent_group": str(uuid4())}, "/parent_group"),
        ({"name": "x", "parent_group": "nonsense"}, "/parent_group"),
        (
            {"name": "x", "kind": "generated", "generator": {"criterion": "country"}, "parent_group": str(uuid4())},
            "/parent_group",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(campus, staff, body, pointer):
    response = make(staff, campus.course, **body)

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {pointer}


def test_one_that_is_not_there_is_not_found(staff):
    for uuid in (uuid4(), "nonsense", 5, "\0"):
        assert staff.get(address("collection", uuid)).status_code == 404


@pytest.mark.parametrize("query", [{}, {"view": "minimal"}, {"search": "Teams", "ordering": "-created"}])
def test_the_queries_do_not_grow_with_collections(campus, admin, query):
    parent = a_group(campus.scope, name="Parent")

    def make_some(first, number):
        for name in range(first, first + number):
            collection = api.create_collection(campus.scope, name=f"Teams {name}", parent_group=parent.uuid)
            for _ in range(2):
                a_group(campus.scope, collection=collection.uuid)

    make_some(0, 1)
    names(admin, **query)
    with statements() as few:
        assert len(names(admin, **query)) == 1
    make_some(1, 8)
    with statements() as many:
        assert len(names(admin, **query)) == 9

    assert len(many) <= len(few)


def test_it_is_of_the_kind_that_was_asked_for(campus, staff):
    for kind in ("rules", "random", "self"):
        assert make(staff, campus.course, name=kind, kind=kind).json()["kind"] == kind


def test_sub_groups_are_groups_of_a_collection_below_a_group(campus, staff):
    ana, bo = (a_learner(campus.course).pk for _ in range(2))
    parent = a_group(campus.scope)
    api.add_members(parent.uuid, [ana])

    body = make(staff, campus.course, name="Tutorials", parent_group=str(parent.uuid)).json()
    group = a_group(campus.scope, collection=body["uuid"])
    api.add_members(group.uuid, [ana, bo])

    assert body["parent_group"] == str(parent.uuid)
    assert member_ids(group) == {ana}


def test_a_group_elsewhere_cannot_be_subdivided(campus, admin):
    elsewhere = a_group(scope_of_course(campus.foreign))

    response = make(admin, campus.course, name="Tutorials", parent_group=str(elsewhere.uuid))

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {"/parent_group"}


def test_the_enrollment_tracks_are_generated(campus, staff):
    for mode in ("audit", "verified"):
        a_learner(campus.course, mode)

    body = make(
        staff, campus.course, name="Tracks", kind="generated", generator={"criterion": "enrollment_mode"}
    ).json()

    assert body["generator"] == {"criterion": "enrollment_mode", "ranges": None}
    groups = [api.get_group(uuid) for uuid in body["groups"]]
    assert [(group.status, group.rule) for group in groups] == [
        ("active", in_mode("audit")),
        ("active", in_mode("verified")),
    ]


def test_ranges_of_a_number_are_generated_and_read_back(campus, staff):
    generator = GRADES | {"ranges": [[50, 100], [0, 50]]}

    body = make(staff, campus.course, name="Grades", kind="generated", generator=generator).json()

    assert body["generator"] == generator
    assert len(body["groups"]) == 2


def test_a_criterion_that_cannot_say_its_choices_is_told_of(campus, staff):
    class Mute(Answer):
        operators = {
            Operator.IN: {"type": "object", "properties": {"values": {"type": "array"}}, "required": ["values"]}
        }

        @classmethod
        def choices(cls, asking):
            raise ZeroDivisionError

    with temporarily(test__mute=Mute):
        response = make(staff, campus.course, name="x", kind="generated", generator={"criterion": "test.mute"})

    assert response.status_code == 422
    assert names(staff) == []


def change(client, collection, **body):
    return client.patch(address("collection", collection.uuid), body, format="json")


def test_it_is_renamed_and_so_is_everybody_else(campus, staff):
    collection = api.create_collection(campus.scope, name="Teams", rest_name="No team")

    assert change(staff, collection, name="Crews").json()["name"] == "Crews"
    body = change(staff, collection, rest_name="Without a crew").json()
    assert (body["name"], body["rest_name"]) == ("Crews", "Without a crew")
    assert change(staff, collection, rest_name="").json()["rest_name"] == ""


def test_its_groups_are_put_into_another_order(campus, staff, django_capture_on_commit_callbacks):
    learner = a_learner(campus.course, "verified").pk
    collection = api.create_collection(campus.scope, name="Tracks")
    first, second = (a_group(campus.scope, in_mode("verified"), collection=collection.uuid) for _ in range(2))
    refreshed(first)
    assert member_ids(first) == {learner}

    with django_capture_on_commit_callbacks(execute=True):
        body = change(staff, collection, groups=[str(second.uuid), str(first.uuid)]).json()

    assert body["groups"] == [str(second.uuid), str(first.uuid)]
    assert (member_ids(first), member_ids(second)) == (set(), {learner})


def test_names_and_order_change_together_or_not_at_all(campus, staff):
    api.create_collection(campus.scope, name="Taken")
    collection = api.create_collection(campus.scope, name="Teams")
    group = a_group(campus.scope, collection=collection.uuid)

    assert change(staff, collection, name="Taken", groups=[str(group.uuid)]).status_code == 409
    assert change(staff, collection, name="Crews", groups=[]).status_code == 400
    assert api.get_collection(collection.uuid).name == "Teams"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"name": ""}, "/name"),
        ({"name": None}, "/name"),
        ({"rest_name": "x\ny"}, "/rest_name"),
        ({"groups": [str(uuid4())]}, "/groups"),
        ({"groups": ["nonsense"]}, "/groups/0"),
        ({"groups": {}}, "/groups"),
        ({"kind": "self"}, "/kind"),
        ({"scope": None}, "/scope"),
    ],
)
def test_what_is_wrong_with_a_change_is_told_with_its_place(campus, staff, body, pointer):
    response = change(staff, api.create_collection(campus.scope, name="Teams"), **body)

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {pointer}


def test_the_one_of_a_single_group_is_not_changed_by_itself(campus, staff):
    collection = api.get_collection(a_group(campus.scope).collection_uuid)

    assert change(staff, collection, name="x").status_code == 409
    assert staff.delete(address("collection", collection.uuid)).status_code == 409


def test_it_is_dissolved_and_its_groups_keep_their_members(campus, staff):
    learner = a_learner(campus.course).pk
    collection = api.create_collection(campus.scope, name="Teams")
    group = a_group(campus.scope, collection=collection.uuid)
    api.add_members(group.uuid, [learner])

    assert staff.delete(address("collection", collection.uuid)).status_code == 204

    assert staff.get(address("collection", collection.uuid)).status_code == 404
    assert member_ids(group) == {learner}
    assert make(staff, campus.course, name="Teams").status_code == 201


def test_it_is_not_dissolved_while_a_rule_asks_about_everybody_else_of_it(campus, staff):
    collection = api.create_collection(campus.scope, name="Teams")
    rule = {"all": [leaf("group_member", "in", groups=[str(collection.rest_uuid)])]}
    a_group(campus.scope, rule, name="Teamless")

    response = staff.delete(address("collection", collection.uuid))

    assert response.status_code == 409
    assert response.json()["uses"] == [f"“Teamless” of {KEY}"]


def test_they_are_narrowed_and_ordered(campus, staff):
    parent = a_group(campus.scope)
    for name, kind, above in (("b", "rules", None), ("a", "random", parent.uuid), ("c 100%", "self", None)):
        api.create_collection(campus.scope, name=name, kind=kind, parent_group=above)

    assert names(staff, kind="random") == ["a"]
    assert names(staff, kind="generated") == []
    assert names(staff, parent_group=parent.uuid) == ["a"]
    assert names(staff, parent_group=uuid4()) == []
    assert names(staff, search="C 100%") == ["c 100%"]
    assert names(staff, ordering="-name") == ["c 100%", "b", "a"]
    assert names(staff, ordering="created") == ["b", "a", "c 100%"]
    assert names(staff, ordering="-created", page_size=1, page=2) == ["a"]


def test_in_few_words_a_collection_is_four_things(campus, staff):
    api.create_collection(campus.scope, name="Teams")

    (found,) = staff.get(address("collections"), {"view": "minimal"}).json()["results"]

    assert set(found) == {"uuid", "name", "kind", "rest_uuid"}


@pytest.mark.parametrize(
    "query",
    ["kind=planet", "parent_group=x", "ordering=kind", "view=full", "search=%00", "name=Teams", "status=active"],
)
def test_a_parameter_that_is_wrong_is_named(staff, query):
    response = staff.get(f"{address('collections')}?{query}")

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {query.partition("=")[0]}


def tracks(client, **scope):
    return client.post(address("enrollment-tracks"), {"scope": scope}, format="json")


def test_the_platforms_own_tracks_are_made_once(campus, staff):
    a_learner(campus.course, "verified")

    first, second = (tracks(staff, type="course", key=KEY) for _ in range(2))

    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert set(first.json()) == COLLECTION
    (group,) = api.groups_in(campus.scope)
    assert (group.created_via, api.get_group(group.uuid).rule) == ("platform", in_mode("verified"))


def test_where_there_are_none_that_is_told(campus, staff, admin):
    for response in (tracks(admin, type="instance"), tracks(staff, type="instance"), tracks(staff, type="course")):
        assert response.status_code == 400
        assert set(response.json()["errors"]) == {"/scope"}
    api.create_collection(campus.scope, name="Enrollment tracks")
    assert tracks(staff, type="course", key=KEY).status_code == 409
