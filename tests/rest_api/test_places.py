"""users/me/: learners see the groups that they choose from, join, switch and leave, without any permission."""

from uuid import uuid4

import pytest
from django.test import override_settings

from openedx.core.djangoapps.waffle_utils.models import WaffleFlagCourseOverrideModel
from openedx_user_groups import api
from openedx_user_groups.platform.toggles import NAME
from tests.by_api import a_group, member_ids, origins, statements
from tests.factories import a_learner, enroll, scope_of_course, scope_of_instance, scope_of_organization
from tests.rest_api.alike import same
from tests.rest_api.campus import FOREIGN_KEY, KEY, address


@pytest.fixture
def learner(campus):
    return campus.client("learner")


@pytest.fixture
def collection(campus):
    return api.create_collection(campus.scope, name="Excursions", kind="self")


@pytest.fixture
def museum(campus, collection):
    return a_group(campus.scope, name="Museum", description="On foot.", collection=collection.uuid, size_limit=2)


@pytest.fixture
def harbour(campus, collection):
    return a_group(campus.scope, name="Harbour", collection=collection.uuid, size_limit=2)


def places(client, collection):
    response = client.get(address("offer", collection.uuid))
    assert response.status_code == 200, response.content
    return response.json()["places"]


def join(client, group):
    return client.put(address("place", group.uuid))


def leave(client, group):
    return client.delete(address("place", group.uuid))


def test_a_learner_sees_what_there_is_to_choose_from(campus, learner, collection, museum, harbour):
    api.add_members(museum.uuid, [a_learner(campus.course).pk])

    body = learner.get(address("offer", collection.uuid)).json()

    assert {key: body[key] for key in body if key != "places"} == {
        "uuid": str(collection.uuid),
        "scope": {"type": "course", "key": KEY},
        "name": "Excursions",
    }
    assert body["places"] == [
        {
            "group": str(museum.uuid),
            "name": "Museum",
            "description": "On foot.",
            "is_open": True,
            "places_left": 1,
            "is_mine": False,
        },
        {
            "group": str(harbour.uuid),
            "name": "Harbour",
            "description": "",
            "is_open": True,
            "places_left": 2,
            "is_mine": False,
        },
    ]
    assert learner.get(address("place", museum.uuid)).json() == body["places"][0]


def test_a_learner_joins_switches_and_leaves(campus, learner, collection, museum, harbour):
    me = campus.person("learner").pk

    response = join(learner, museum)
    assert response.status_code == 200
    assert (response.json()["is_mine"], response.json()["places_left"]) == (True, 1)
    assert join(learner, museum).status_code == 200
    assert origins(museum) == {me: "self"}

    assert join(learner, harbour).status_code == 200
    assert (member_ids(museum), member_ids(harbour)) == (set(), {me})
    assert [place["is_mine"] for place in places(learner, collection)] == [False, True]

    assert leave(learner, harbour).status_code == 204
    assert leave(learner, harbour).status_code == 204
    assert member_ids(harbour) == set()


def test_the_last_place_is_given_once(campus, learner, museum):
    api.add_members(museum.uuid, [a_learner(campus.course).pk for _ in range(2)])

    response = join(learner, museum)

    assert response.status_code == 409
    assert "full" in response.json()["detail"]
    assert campus.person("learner").pk not in member_ids(museum)


def test_who_is_kept_out_cannot_join(campus, learner, museum):
    api.exclude(museum.uuid, ["learner"], reason="A secret")

    response = join(learner, museum)

    assert response.status_code == 409
    assert "A secret" not in response.text


def test_who_was_put_in_stays_in(learner, museum, harbour):
    api.add_members(museum.uuid, ["learner"])

    assert leave(learner, museum).status_code == 409
    assert join(learner, harbour).status_code == 409


def test_a_paused_group_is_seen_and_closed(learner, collection, museum):
    api.pause_group(museum.uuid)

    assert [place["is_open"] for place in places(learner, collection)] == [False]
    assert join(learner, museum).status_code == 409
    assert leave(learner, museum).status_code == 409


def test_a_collection_without_groups_has_no_places(learner, collection):
    assert places(learner, collection) == []


def offered(client, **query):
    response = client.get(address("offers"), query)
    assert response.status_code == 200, response.content
    return [each["name"] for each in response.json()["results"]]


def test_it_is_listed_where_one_chooses(campus, learner, collection):
    me = campus.person("learner")
    api.create_collection(campus.scope, name="By rules")
    api.create_collection(scope_of_course(campus.foreign), name="Elsewhere", kind="self")
    api.create_collection(scope_of_instance(), name="Anywhere", kind="self")
    api.create_collection(scope_of_organization(), name="Acme's", kind="self")
    parent = a_group(campus.scope)
    api.create_collection(campus.scope, name="Of a group", kind="self", parent_group=parent.uuid)

    assert offered(learner) == ["Acme's", "Anywhere", "Excursions"]
    assert offered(learner, course_key=KEY) == ["Excursions"]
    assert offered(learner, course_key=FOREIGN_KEY) == []
    assert offered(learner, organization="Acme") == ["Acme's", "Excursions"]
    assert offered(learner, scope_type="instance") == ["Anywhere"]
    assert offered(learner, page_size=1, page=2) == ["Anywhere"]
    api.add_members(parent.uuid, [me.pk])
    assert offered(learner, course_key=KEY) == ["Excursions", "Of a group"]
    enroll(me, campus.foreign)
    assert offered(learner, course_key=FOREIGN_KEY) == ["Elsewhere"]


def test_the_queries_do_not_grow_with_collections(campus, learner, collection):
    offered(learner)
    with statements() as few:
        assert len(offered(learner)) == 1
    parent = a_group(campus.scope)
    api.add_members(parent.uuid, ["learner"])
    for number in range(4):
        api.create_collection(campus.scope, name=f"{number}", kind="self", parent_group=parent.uuid)
        api.create_collection(scope_of_organization(), name=f"{number}", kind="self")
    with statements() as many:
        assert len(offered(learner)) == 9

    assert len(many) <= len(few)


def test_nobody_chooses_who_is_not_of_the_scope(campus, collection, museum):
    for who in ("staff", "staff_of_another_course", "disabled", "global_staff"):
        client = campus.client(who)
        assert offered(client) == []
        for ask in (client.get, client.put, client.delete):
            assert ask(address("place", museum.uuid)).status_code == 404
        assert client.get(address("offer", collection.uuid)).status_code == 404
    assert member_ids(museum) == set()


def test_a_learner_learns_of_no_other_group(campus, learner, collection, museum):
    """What is not to be chosen is answered like what does not exist, also in one's own course."""
    draft = api.create_collection(campus.scope, name="Teams")
    elsewhere = api.create_collection(scope_of_course(campus.foreign), name="Elsewhere", kind="self")
    others = [
        a_group(campus.scope),
        a_group(campus.scope, collection=draft.uuid),
        a_group(scope_of_course(campus.foreign), collection=elsewhere.uuid),
        api.archive_group(a_group(campus.scope, collection=collection.uuid).uuid),
    ]

    for ask in (learner.get, learner.put, learner.delete):
        for group in others:
            assert same(lambda uuid, ask=ask: ask(address("place", uuid)), group.uuid, uuid4()).status_code == 404
    for hidden in (draft, elsewhere):
        assert same(lambda uuid: learner.get(address("offer", uuid)), hidden.uuid, uuid4()).status_code == 404
    # The collection and its groups are to be chosen from, and that is all.
    for name, uuid in (("collection", collection.uuid), ("group", museum.uuid), ("members", museum.uuid)):
        assert learner.get(address(name, uuid)).status_code == 404


def test_addresses_that_are_none_are_not_found(learner):
    for uuid in ("nonsense", "5", "\0"):
        assert learner.get(address("offer", uuid)).status_code == 404
        assert learner.put(address("place", uuid)).status_code == 404


def test_where_groups_are_off_there_is_nothing_to_choose(campus, learner, collection, museum):
    WaffleFlagCourseOverrideModel.objects.create(
        waffle_flag=NAME, course_id=campus.course.id, override_choice="off", enabled=True
    )

    assert offered(learner) == []
    for ask in (learner.get, learner.put, learner.delete):
        assert same(lambda uuid, ask=ask: ask(address("place", uuid)), museum.uuid, uuid4()).status_code == 404
    assert same(lambda uuid: learner.get(address("offer", uuid)), collection.uuid, uuid4()).status_code == 404


@override_settings(OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT=False)
def test_where_they_are_off_everywhere_there_is_nothing_either(learner, collection):
    assert offered(learner) == []


def test_somebody_called_me_is_not_taken_for_the_one_who_asks(campus, staff):
    a_learner(campus.course, username="me")
    group = a_group(campus.scope, name="Tutors")
    api.add_members(group.uuid, ["me"])

    assert [row["name"] for row in staff.get(address("user-groups", "me")).json()["results"]] == ["Tutors"]
