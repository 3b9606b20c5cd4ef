"""collections/{uuid}/groups/ and beside it: groups moved in and out, their weights, and those made of choices."""

from uuid import uuid4

import pytest

from openedx_user_groups import api
from tests.by_api import a_group, in_mode, leaf, member_ids, refreshed, statements
from tests.factories import a_learner, scope_of_course
from tests.rest_api.campus import KEY, address


@pytest.fixture
def collection(campus):
    return api.create_collection(campus.scope, name="Teams")


@pytest.fixture
def red(campus, collection):
    return a_group(campus.scope, name="Red", collection=collection.uuid)


@pytest.fixture
def single(campus):
    return a_group(campus.scope, name="By itself")


def seats(client, collection, **query):
    return client.get(address("collection-groups", collection.uuid), query).json()["results"]


def put(client, collection, group_uuid):
    return client.post(address("collection-groups", collection.uuid), {"group": str(group_uuid)}, format="json")


def test_they_are_listed_by_priority(campus, staff, collection):
    groups = [a_group(campus.scope, name=name, collection=collection.uuid) for name in ("b", "a")]
    api.delete_group(a_group(campus.scope, collection=collection.uuid).uuid)

    first, second = seats(staff, collection)

    assert (first["uuid"], second["uuid"]) == tuple(str(group.uuid) for group in groups)
    assert first == {
        "uuid": str(groups[0].uuid),
        "name": "b",
        "status": "active",
        "is_dynamic": False,
        "member_count": 0,
        "weight": 1,
    }
    assert [seat["name"] for seat in seats(staff, collection, page_size=1, page=2)] == ["a"]


def test_the_queries_do_not_grow_with_groups(campus, staff, collection, red):
    seats(staff, collection)
    with statements() as few:
        assert len(seats(staff, collection)) == 1
    for _ in range(5):
        a_group(campus.scope, collection=collection.uuid)
    with statements() as many:
        assert len(seats(staff, collection)) == 6

    assert len(many) <= len(few)


@pytest.fixture
def people(campus, collection, red, single):
    """Ana and bo are in both groups, ana by the rule of the one that is there; cy is in the one that moves only."""
    tracks = a_group(campus.scope, in_mode("verified"), name="Verified", collection=collection.uuid)
    found = {name: a_learner(campus.course, username=name).pk for name in ("bo", "cy")}
    found["ana"] = a_learner(campus.course, "verified", username="ana").pk
    refreshed(tracks)
    api.add_members(red.uuid, ["bo"])
    api.add_members(single.uuid, ["ana", "bo", "cy"])
    return found


def test_what_moving_a_group_would_do_is_told_before(staff, collection, red, single, people):
    numbers = staff.get(address("overlap", collection.uuid, single.uuid)).json()
    page = staff.get(address("overlap-people", collection.uuid, single.uuid)).json()

    assert numbers == {
        "group": str(single.uuid),
        "collection": str(collection.uuid),
        "members": 3,
        "in_two": 2,
        "kept": 1,
    }
    assert page["count"] == 2
    assert [(row["username"], row["email"], row["is_kept"]) for row in page["results"]] == [
        ("ana", "ana@example.com", True),
        ("bo", "bo@example.com", False),
    ]
    # Nothing has happened.
    assert member_ids(red) == {people["bo"]}
    assert api.get_group(single.uuid).collection_uuid != collection.uuid


def test_of_who_has_left_the_course_its_staff_see_the_name_only(campus, staff, admin, collection, single, people):
    campus.course.courseenrollment_set.filter(user=people["bo"]).update(is_active=False)

    def bo(client):
        rows = client.get(address("overlap-people", collection.uuid, single.uuid)).json()["results"]
        return next(row["email"] for row in rows if row["username"] == "bo")

    assert (bo(staff), bo(admin)) == ("", "bo@example.com")


def test_the_queries_do_not_grow_with_people_who_would_be_in_two(campus, staff, collection, red, single):
    def count(number):
        learners = [a_learner(campus.course).username for _ in range(number)]
        for group in (red, single):
            api.add_members(group.uuid, learners)
        with statements() as sent:
            page = staff.get(address("overlap-people", collection.uuid, single.uuid), {"page_size": 100}).json()
        return page["count"], len(sent)

    count(1)
    few, many = count(1), count(6)

    assert (few[0], many[0]) == (2, 8)
    assert many[1] <= few[1]


def test_a_group_is_moved_in_with_its_members(staff, collection, red, single, people):
    response = put(staff, collection, single.uuid)

    assert response.status_code == 200
    assert {name: response.json()[name] for name in ("members", "in_two", "kept")} == {
        "members": 3,
        "in_two": 2,
        "kept": 1,
    }
    assert api.get_collection(collection.uuid).group_uuids[-1] == single.uuid
    assert member_ids(single) == {people["ana"], people["cy"]}
    assert member_ids(red) == {people["bo"]}


def test_a_group_is_moved_out_with_its_members(campus, staff, collection, red):
    learner = a_learner(campus.course).pk
    api.add_members(red.uuid, [learner])

    assert staff.delete(address("collection-group", collection.uuid, red.uuid)).status_code == 204

    assert member_ids(red) == {learner}
    assert api.get_collection(collection.uuid).group_uuids == ()
    # Once is enough.
    assert staff.delete(address("collection-group", collection.uuid, red.uuid)).status_code == 404


def test_a_group_by_itself_is_in_no_other_collection(staff, collection, single):
    assert staff.delete(address("collection-group", collection.uuid, single.uuid)).status_code == 404
    assert staff.delete(address("collection-group", single.collection_uuid, single.uuid)).status_code == 409


def test_a_group_that_does_not_fit_is_refused(campus, admin, collection, red, single):
    chosen = api.create_collection(campus.scope, name="Chosen", kind="self")
    dynamic = a_group(campus.scope, in_mode("audit"))
    elsewhere = a_group(scope_of_course(campus.foreign))
    rest = api.get_collection(single.collection_uuid).rest_uuid

    for target, group_uuid in (
        (collection, elsewhere.uuid),
        (chosen, dynamic.uuid),
        (api.get_collection(single.collection_uuid), red.uuid),
        (collection, uuid4()),
        (collection, rest),
    ):
        response = put(admin, target, group_uuid)
        assert response.status_code == 400
        assert set(response.json()["errors"]) == {"/group"}
    assert admin.get(address("overlap", chosen.uuid, dynamic.uuid)).status_code == 400
    assert admin.get(address("overlap-people", chosen.uuid, dynamic.uuid)).status_code == 400
    assert admin.get(address("overlap", chosen.uuid, uuid4())).status_code == 404


def test_what_others_are_built_on_is_not_moved(campus, staff, collection, single):
    rest = api.get_collection(single.collection_uuid).rest_uuid
    a_group(campus.scope, {"all": [leaf("group_member", "in", groups=[str(rest)])]}, name="Others")

    response = put(staff, collection, single.uuid)

    assert response.status_code == 409
    assert response.json()["uses"] == [f"“Others” of {KEY}"]


@pytest.mark.parametrize("body", [{}, {"group": None}, {"group": "nonsense"}, {"group": [], "x": 1}, {"groups": []}])
def test_which_group_moves_has_to_be_said(staff, collection, body):
    assert staff.post(address("collection-groups", collection.uuid), body, format="json").status_code == 400


def weigh(client, collection, weights):
    return client.patch(address("weights", collection.uuid), {"weights": weights}, format="json")


@pytest.fixture
def lots(campus):
    return api.create_collection(campus.scope, name="Lots", kind="random")


@pytest.fixture
def halves(campus, lots):
    groups = [a_group(campus.scope, name=name, collection=lots.uuid) for name in ("A", "B")]
    for _ in range(20):
        a_learner(campus.course)
    api.draw_newcomers(lots.uuid)
    return groups


def test_other_weights_move_the_surplus_only(staff, lots, halves):
    first, second = halves
    before = len(member_ids(first))

    response = weigh(staff, lots, {str(first.uuid): 0, str(second.uuid): 4})

    assert response.json() == {"moved": before}
    assert (len(member_ids(first)), len(member_ids(second))) == (0, 20)
    assert [seat["weight"] for seat in seats(staff, lots)] == [0, 4]
    assert weigh(staff, lots, {str(second.uuid): 9}).json() == {"moved": 0}


@pytest.mark.parametrize("weight", [-1, 1001, "1", 1.5, None, True])
def test_a_weight_is_a_whole_number(staff, lots, halves, weight):
    uuid = str(halves[0].uuid)

    response = weigh(staff, lots, {uuid: weight})

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {f"/weights/{uuid}"}


def test_weights_are_of_groups_of_the_collection(staff, lots, halves, single):
    for weights in ({str(single.uuid): 1}, {str(uuid4()): 1}, {str(group.uuid): 0 for group in halves}, {}, [], None):
        response = weigh(staff, lots, weights)
        assert response.status_code == 400
        assert set(response.json()["errors"]) == {"/weights"}
    assert set(weigh(staff, lots, {"a/b": 1}).json()["errors"]) == {"/weights/a~1b"}


def test_only_where_chance_decides_there_are_weights(staff, collection, red):
    assert weigh(staff, collection, {str(red.uuid): 1}).status_code == 409


def test_new_choices_become_groups_when_somebody_asks_for_it(campus, staff):
    a_learner(campus.course, "audit")
    tracks = api.create_generated_collection(campus.scope, name="Tracks", criterion="enrollment_mode")
    a_learner(campus.course, "verified")

    assert staff.post(address("choices", tracks.uuid)).json() == {"made": 1}
    assert staff.post(address("choices", tracks.uuid)).json() == {"made": 0}
    assert len(api.get_collection(tracks.uuid).group_uuids) == 2


def test_other_collections_are_not_made_of_choices(staff, collection):
    assert staff.post(address("choices", collection.uuid)).status_code == 409
