"""Nobody learns of collections, their groups or everybody else of them outside what they may see."""

from uuid import uuid4

import pytest

from openedx_user_groups import api
from openedx_user_groups.permissions import Person
from tests.by_api import VERIFIED, a_group, leaf
from tests.factories import a_learner, scope_of_course, scope_of_organization
from tests.rest_api.alike import same
from tests.rest_api.campus import address, course_scope_json
from tests.rest_api.endpoints import a_site


@pytest.fixture
def foreign(campus):
    """A course of another organization, with collections and groups of its own."""
    return a_site(campus, campus.foreign, "_foreign")


@pytest.fixture
def mine(campus):
    return api.create_collection(campus.scope, name="Mine")


@pytest.fixture
def group(campus):
    return a_group(campus.scope, name="My group")


def test_a_collection_elsewhere_is_like_none_whatever_is_sent_to_it(staff, foreign):
    def rename(uuid):
        return staff.patch(address("collection", uuid), {"name": "Mine now"}, format="json")

    def broken(uuid):
        return staff.patch(address("collection", uuid), "{", content_type="application/json")

    def weigh(uuid):
        return staff.patch(address("weights", uuid), {"weights": {str(foreign.drawn.uuid): 9}}, format="json")

    def move(uuid):
        return staff.post(address("collection-groups", uuid), {"group": str(foreign.single.uuid)}, format="json")

    for ask in (
        rename,
        broken,
        weigh,
        move,
        lambda uuid: staff.delete(address("collection", uuid)),
        lambda uuid: staff.get(address("collection-groups", uuid)),
        lambda uuid: staff.delete(address("collection-group", uuid, foreign.team.uuid)),
        lambda uuid: staff.get(address("overlap", uuid, foreign.single.uuid)),
        lambda uuid: staff.get(address("overlap-people", uuid, foreign.single.uuid)),
        lambda uuid: staff.post(address("choices", uuid)),
    ):
        assert same(ask, foreign.collection, uuid4()).status_code == 404
    assert api.get_collection(foreign.collection).name == "Teams"


def test_a_group_elsewhere_is_like_none_to_ones_own_collection(campus, staff, foreign, mine):
    def move(uuid):
        return staff.post(address("collection-groups", mine.uuid), {"group": str(uuid)}, format="json")

    def below(uuid):
        body = {"scope": course_scope_json(campus.course), "name": "x", "parent_group": str(uuid)}
        return staff.post(address("collections"), body, format="json")

    def order(uuid):
        return staff.patch(address("collection", mine.uuid), {"groups": [str(uuid)]}, format="json")

    def weigh(uuid):
        lots = api.get_collection(random.uuid)
        return staff.patch(address("weights", lots.uuid), {"weights": {str(uuid): 1}}, format="json")

    random = api.create_collection(campus.scope, name="Lots", kind="random")
    for ask, status in (
        (move, 400),
        (below, 400),
        (order, 400),
        (weigh, 400),
        (lambda uuid: staff.delete(address("collection-group", mine.uuid, uuid)), 404),
        (lambda uuid: staff.get(address("overlap", mine.uuid, uuid)), 404),
        (lambda uuid: staff.get(address("overlap-people", mine.uuid, uuid)), 404),
        (lambda uuid: staff.get(address("collections"), {"parent_group": uuid}), 200),
        (lambda uuid: staff.get(address("groups"), {"collection": uuid}), 200),
    ):
        assert same(ask, foreign.team.uuid, uuid4()).status_code == status
    assert same(lambda uuid: staff.get(address("groups"), {"collection": uuid}), foreign.collection, uuid4())


def test_everybody_else_elsewhere_is_like_none(staff, foreign):
    def explain(uuid):
        return staff.post(address("explanations", uuid), {"people": ["ana_foreign"]}, format="json")

    for ask in (
        explain,
        lambda uuid: staff.get(address("group", uuid)),
        lambda uuid: staff.patch(address("group", uuid), {"revision": 1}, format="json"),
        lambda uuid: staff.delete(address("group", uuid)),
        lambda uuid: staff.get(address("members", uuid)),
        lambda uuid: staff.get(address("members", uuid), {"format": "csv"}),
        lambda uuid: staff.get(address("member", uuid, "bo_foreign")),
        lambda uuid: staff.get(address("revisions", uuid)),
    ):
        assert same(ask, foreign.rest, uuid4()).status_code == 404


def test_everybody_else_are_people_of_the_scope(campus, staff, mine):
    a_learner(campus.foreign, username="zoe")

    assert same(lambda who: staff.get(address("member", mine.rest_uuid, who)), "zoe", "zed").status_code == 404

    def explain(person):
        return staff.post(address("explanations", mine.rest_uuid), {"people": [person]}, format="json")

    assert same(explain, "zoe", "zed").status_code == 200


@pytest.mark.usefixtures("foreign")
def test_a_name_that_is_taken_elsewhere_is_free(campus, staff, mine):
    assert staff.patch(address("collection", mine.uuid), {"name": "Teams"}, format="json").status_code == 200


@pytest.mark.usefixtures("foreign")
def test_lists_tell_nothing_of_collections_elsewhere(staff, mine):
    for query in ({}, {"kind": "rules"}, {"ordering": "-created"}, {"view": "minimal"}, {"search": "i"}):
        page = staff.get(address("collections"), query).json()
        assert [each["name"] for each in page["results"]] == ["Mine"]
        assert page["count"] == 1
    assert staff.get(address("collections"), {"kind": "random"}).json()["count"] == 0


def test_what_is_built_on_a_group_elsewhere_is_not_named(campus, staff, admin, group):
    """Somebody with wider rights has built on it; that there is something is all that is told."""
    rule = {"all": [leaf("group_member", "in", groups=[str(group.uuid)])]}
    outer = a_group(scope_of_organization(), rule, name="Of Acme")

    told = [
        staff.delete(address("group", group.uuid)),
        staff.patch(address("group", group.uuid), {"revision": 1, "status": "archived"}, format="json"),
    ]

    for response in told:
        assert response.status_code == 409
        assert response.json()["uses"] == ["a group that you may not see"]
        assert "Of Acme" not in response.text
        assert str(outer.uuid) not in response.text
    assert admin.delete(address("group", group.uuid)).json()["uses"] == ["“Of Acme” of Acme"]


def test_what_is_built_on_everybody_else_elsewhere_is_not_named(campus, staff, admin, group, mine):
    single = api.get_collection(group.collection_uuid)
    for number, rest in enumerate((mine.rest_uuid, single.rest_uuid)):
        rule = {"all": [leaf("group_member", "in", groups=[str(rest)])]}
        a_group(scope_of_organization(), rule, name=f"Of Acme {number}")

    told = [
        staff.delete(address("collection", mine.uuid)),
        staff.post(address("collection-groups", mine.uuid), {"group": str(group.uuid)}, format="json"),
    ]

    for response in told:
        assert response.status_code == 409
        assert response.json()["uses"] == ["a group that you may not see"]
        assert "Of Acme" not in response.text


@pytest.fixture
def wide(campus):
    """Whoever writes rules may see everything."""
    return {"asker": Person(campus.person("global_staff"))}


def test_a_cycle_through_groups_elsewhere_does_not_name_them(campus, staff, wide):
    group = a_group(campus.scope, VERIFIED, name="Mine")
    outer = a_group(
        scope_of_organization(), {"all": [leaf("group_member", "in", groups=[str(group.uuid)])]}, name="Of Acme"
    )
    inner = a_group(
        campus.scope,
        {"all": [leaf("group_member", "in", groups=[str(outer.uuid)])]},
        name="Between",
        **wide,
    )

    response = staff.patch(
        address("group", group.uuid),
        {"revision": 1, "rule": {"all": [leaf("group_member", "in", groups=[str(inner.uuid)])]}},
        format="json",
    )

    assert response.status_code == 400
    (sentence,) = response.json()["errors"]["/rule"]
    assert "“Between”" in sentence
    assert "a group that you may not see" in sentence
    assert "Of Acme" not in response.text


def test_a_move_that_makes_a_circle_does_not_name_groups_elsewhere(campus, staff, wide):
    """A group asks about everybody else of the collection by way of one elsewhere."""
    teams = api.create_collection(campus.scope, name="Teams")
    outer = a_group(
        scope_of_organization(), {"all": [leaf("group_member", "in", groups=[str(teams.rest_uuid)])]}, name="Of Acme"
    )
    group = a_group(campus.scope, {"all": [leaf("group_member", "in", groups=[str(outer.uuid)])]}, name="Mine", **wide)

    response = staff.post(address("collection-groups", teams.uuid), {"group": str(group.uuid)}, format="json")

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {"/group"}
    assert "a group that you may not see" in response.text
    assert "Of Acme" not in response.text


def test_learners_learn_nothing_of_how_groups_are_run(campus):
    chosen = api.create_collection(campus.scope, name="Chosen", kind="self")
    group = a_group(campus.scope, name="Museum", tags=["secret"], collection=chosen.uuid)
    api.add_members(group.uuid, [a_learner(campus.course, username="ana").pk])
    client = campus.client("learner")

    for path in (address("offers"), address("offer", chosen.uuid), address("place", group.uuid)):
        text = client.get(path).text
        for secret in ("secret", "ana", str(chosen.rest_uuid), "member"):
            assert secret not in text


def test_a_place_elsewhere_is_like_none(campus, foreign):
    scope = scope_of_course(campus.sibling)
    chosen = api.create_collection(scope, name="Chosen", kind="self")
    place = a_group(scope, collection=chosen.uuid)
    client = campus.client("learner")

    for hidden in (place.uuid, foreign.place.uuid):
        for ask in (client.get, client.put, client.delete):
            assert same(lambda uuid, ask=ask: ask(address("place", uuid)), hidden, uuid4()).status_code == 404
    for hidden in (chosen.uuid, foreign.offer):
        assert same(lambda uuid: client.get(address("offer", uuid)), hidden, uuid4()).status_code == 404
