"""The page on which learners choose: they see what is for them, join, switch and leave, without any permission."""

import pytest
from django.urls import reverse

from openedx.core.djangoapps.waffle_utils.models import WaffleFlagCourseOverrideModel
from openedx_user_groups import api
from openedx_user_groups.platform.toggles import NAME
from tests.by_api import a_group, many_learners, member_ids, origins, statements
from tests.factories import a_learner, scope_of_course, scope_of_instance

CHOOSE = "/user_groups/choose/"


@pytest.fixture
def learner(visitor):
    """The browser of a learner of the course."""
    return visitor("learner")


@pytest.fixture
def me(campus):
    return campus.person("learner").pk


@pytest.fixture
def collection(campus):
    return api.create_collection(campus.scope, name="Excursions", kind="self")


@pytest.fixture
def museum(campus, collection):
    return a_group(campus.scope, name="Museum", description="On foot.", collection=collection.uuid, size_limit=2)


@pytest.fixture
def harbour(campus, collection):
    return a_group(campus.scope, name="Harbour", collection=collection.uuid, size_limit=2)


def address(collection):
    return reverse("openedx_user_groups:pages:choice", args=[collection.uuid])


def see(client, collection):
    response = client.get(address(collection))
    assert response.status_code == 200
    return response.content.decode()


def join(client, collection, group):
    return client.post(address(collection), {"join": str(group.uuid)})


def leave(client, collection, group):
    return client.post(address(collection), {"leave": str(group.uuid)})


def fill(campus, group):
    api.add_members(group.uuid, [a_learner(campus.course).pk for _ in range(2)])


def test_it_has_its_addresses(collection):
    assert reverse("openedx_user_groups:pages:choose") == CHOOSE
    assert address(collection) == f"{CHOOSE}{collection.uuid}/"


def test_a_learner_sees_where_there_is_something_to_choose(campus, learner, me, collection, museum):
    api.create_collection(scope_of_instance(), name="Languages", kind="self")
    api.create_collection(scope_of_course(campus.foreign), name="Elsewhere", kind="self")
    api.create_collection(campus.scope, name="By rules")
    api.join_group(museum.uuid, me)

    page = learner.get(CHOOSE).content.decode()

    assert page.index("Excursions") < page.index("Languages")
    assert ("Elsewhere" in page, "By rules" in page) == (False, False)
    assert "You are in <strong>Museum</strong>." in page
    assert page.count("You have not chosen yet.") == 1


def test_where_there_is_nothing_it_says_so(learner):
    assert "nothing for you to choose" in learner.get(CHOOSE).content.decode()


def test_the_queries_do_not_grow_with_collections(campus, learner, me):
    def count(number):
        for _ in range(number):
            made = api.create_collection(campus.scope, name=f"Set {api.all_collections().count()}", kind="self")
            api.join_group(a_group(campus.scope, collection=made.uuid).uuid, me)
        with statements() as sent:
            learner.get(CHOOSE)
        return len(sent)

    few = count(2)

    assert few <= 20
    assert count(8) <= few


def test_the_queries_do_not_grow_with_groups_and_people(campus, learner, me, collection, museum):
    def count():
        with statements() as sent:
            see(learner, collection)
        return len(sent)

    few = count()
    for _ in range(5):
        group = a_group(campus.scope, collection=collection.uuid)
        api.add_members(group.uuid, many_learners(campus.course, 5))

    assert few <= 20
    # Who was put in by hand may have left the course; that is asked about once.
    assert count() <= few + 2


def test_each_group_says_what_it_is_and_how_many_places_are_left(campus, learner, collection, museum, harbour):
    api.add_members(museum.uuid, [a_learner(campus.course).pk])
    fill(campus, harbour)

    page = see(learner, collection)

    assert "On foot." in page
    assert "1 place left" in page
    assert "Full" in page
    # One cannot try what is full.
    assert (f'value="{museum.uuid}"' in page, f'value="{harbour.uuid}"' in page) == (True, False)


def test_a_learner_joins_switches_and_leaves(learner, me, collection, museum, harbour):
    assert join(learner, collection, museum).url == address(collection)
    assert origins(museum) == {me: "self"}
    page = see(learner, collection)
    assert "You are in “Museum” now." in page
    assert "Switch to" in page

    join(learner, collection, harbour)
    assert (member_ids(museum), member_ids(harbour)) == (set(), {me})

    leave(learner, collection, harbour)
    assert member_ids(harbour) == set()
    assert "You have left “Harbour”." in see(learner, collection)


def test_a_double_click_does_it_once(learner, me, collection, museum):
    assert [join(learner, collection, museum).status_code for _ in range(2)] == [302, 302]
    assert member_ids(museum) == {me}
    assert [leave(learner, collection, museum).status_code for _ in range(2)] == [302, 302]
    assert member_ids(museum) == set()


def test_who_was_too_late_for_the_last_place_sees_what_is_left(campus, learner, me, collection, museum, harbour):
    fill(campus, museum)

    response = join(learner, collection, museum)

    assert response.status_code == 409
    page = response.content.decode()
    assert "“Museum” is full; choose another group." in page
    assert "These have places left:" in page
    assert "2 places left" in page
    assert me not in member_ids(museum)


def test_who_cannot_switch_is_still_where_they_were(campus, learner, me, collection, museum, harbour):
    join(learner, collection, harbour)
    fill(campus, museum)

    page = join(learner, collection, museum).content.decode()

    assert "You are still in “Harbour”." in page
    assert member_ids(harbour) == {me}


def test_when_nothing_is_left_the_course_team_is_named(campus, learner, collection, museum):
    fill(campus, museum)

    assert "No group has a place left" in join(learner, collection, museum).content.decode()


def test_who_was_put_in_is_told_to_ask(learner, collection, museum, harbour):
    api.add_members(museum.uuid, ["learner"])

    answers = [join(learner, collection, harbour), leave(learner, collection, museum)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert all("ask the course team" in answer.content.decode() for answer in answers)


def test_who_is_kept_out_is_not_told_why(campus, learner, collection, museum):
    api.exclude(museum.uuid, ["learner"], reason="A secret")

    response = join(learner, collection, museum)

    assert response.status_code == 409
    assert "A secret" not in response.content.decode()


def test_while_a_group_is_paused_it_is_only_shown(learner, collection, museum):
    api.pause_group(museum.uuid)

    assert "Nobody can join or leave it at the moment." in see(learner, collection)
    assert join(learner, collection, museum).status_code == 409


@pytest.mark.parametrize("fields", [{}, {"join": ""}, {"join": "nonsense"}, {"leave": "\0"}, {"join": "0" * 32}])
def test_what_is_no_group_here_is_told_kindly(learner, collection, museum, fields):
    response = learner.post(address(collection), fields)

    assert response.status_code == 409
    assert "Museum" in response.content.decode()


def test_a_group_of_another_collection_is_not_joined_here(campus, learner, me, collection, museum):
    other = api.create_collection(campus.scope, name="Other", kind="self")
    group = a_group(campus.scope, collection=other.uuid)

    assert join(learner, collection, group).status_code == 409
    assert member_ids(group) == set()


@pytest.mark.parametrize("who", ["staff", "staff_of_another_course", "disabled"])
def test_who_does_not_study_there_finds_nothing(visitor, collection, museum, who):
    client = visitor(who)

    assert client.get(address(collection)).status_code == 404
    assert join(client, collection, museum).status_code == 404
    assert "Excursions" not in client.get(CHOOSE).content.decode()


def test_who_has_left_the_course_finds_nothing(campus, learner, me, collection, museum):
    campus.course.courseenrollment_set.filter(user=me).update(is_active=False)

    assert learner.get(address(collection)).status_code == 404
    assert join(learner, collection, museum).status_code == 404


def test_where_groups_are_switched_off_there_is_nothing(campus, learner, collection, museum):
    WaffleFlagCourseOverrideModel.objects.create(
        waffle_flag=NAME, course_id=campus.course.id, override_choice="off", enabled=True
    )

    assert learner.get(address(collection)).status_code == 404
    assert join(learner, collection, museum).status_code == 404
    assert "Excursions" not in learner.get(CHOOSE).content.decode()


def test_another_collection_is_not_for_learners(campus, learner):
    ruled = api.create_collection(campus.scope, name="By rules")

    assert learner.get(address(ruled)).status_code == 404


def test_only_a_post_changes_something(learner, collection, museum):
    learner.get(address(collection), {"join": str(museum.uuid)})

    assert member_ids(museum) == set()


def test_whoever_is_not_logged_in_is_asked_to(client, collection):
    assert client.get(CHOOSE).url == f"/login/?next={CHOOSE}"
    assert client.post(address(collection)).url.startswith("/login/")


def test_names_are_text(campus, learner):
    evil = "<script>alert(1)</script>"
    made = api.create_collection(campus.scope, name=evil, kind="self")
    a_group(campus.scope, name=evil, description=evil, collection=made.uuid)

    assert "<script>alert" not in learner.get(CHOOSE).content.decode() + see(learner, made)
