"""Moving: a group becomes one of another collection with its members, and nobody is ever in two groups of one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.collections import moving
from openedx_user_groups.exceptions import GroupInUse, InvalidGroup, WrongStatus
from openedx_user_groups.models import Announcement, HeldUser, Membership, PastMembership, RefreshRun, UserGroup
from openedx_user_groups.refresh import settling
from openedx_user_groups.upkeep import drain
from tests.by_api import VERIFIED, a_group, in_mode, leaf, many_learners, member_ids, origins, refreshed, row_of
from tests.factories import a_course, a_learner, scope_of_course, scope_of_instance
from tests.soundness import BATCH, LAST, assert_sound, killed
from tests.world import rolled_back

pytestmark = pytest.mark.django_db


@pytest.fixture
def tracks(scope):
    return api.create_collection(scope, name="Tracks")


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(moving, "SIZE", 3)


def test_a_group_goes_into_a_collection_with_its_members(course, scope, tracks):
    first, group = a_group(scope, collection=tracks.uuid), a_group(scope, VERIFIED)
    learner = a_learner(course, "verified")
    refreshed(group)
    joined_at = Membership.objects.get().joined_at

    moved = api.move_group(group.uuid, collection=tracks.uuid)

    assert (moved.members, moved.in_two, moved.kept) == (1, 0, 0)
    assert api.get_collection(tracks.uuid).group_uuids == (first.uuid, group.uuid)
    assert member_ids(group) == {learner.pk}
    # They are the same memberships as before.
    assert Membership.objects.get().joined_at == joined_at
    assert not PastMembership.objects.exists()
    assert_sound()


def test_it_comes_out_into_one_of_its_own(course, scope, tracks):
    group = a_group(scope, VERIFIED, collection=tracks.uuid)
    a_learner(course, "verified")
    refreshed(group)

    api.move_group(group.uuid, collection=None)

    home = api.get_collection(api.get_group(group.uuid).collection_uuid)
    assert (home.is_implicit, home.group_uuids) == (True, (group.uuid,))
    assert api.get_collection(tracks.uuid).group_uuids == ()
    assert len(member_ids(group)) == 1
    assert_sound()


def test_what_is_there_already_stays_as_it_is(scope, tracks):
    inside, alone = a_group(scope, collection=tracks.uuid), a_group(scope)

    api.move_group(inside.uuid, collection=tracks.uuid)
    api.move_group(alone.uuid, collection=None)

    assert api.get_group(inside.uuid).collection_uuid == tracks.uuid
    assert api.get_group(alone.uuid).collection_uuid == alone.collection_uuid


@pytest.mark.parametrize(
    ("moving_origin", "there_origin", "kept"),
    [
        ("rule", "rule", False),
        ("manual", "rule", True),
        ("self", "rule", True),
        ("random", "rule", True),
        ("rule", "manual", False),
        ("manual", "manual", False),
        ("self", "manual", False),
        ("manual", "random", False),
    ],
)
def test_who_is_in_two_groups_stays_in_one(course, scope, tracks, moving_origin, there_origin, kept):
    there, group = a_group(scope, VERIFIED, collection=tracks.uuid), a_group(scope, VERIFIED)
    learner = a_learner(course, "verified")
    refreshed(there)
    refreshed(group)
    Membership.objects.filter(group__uuid=there.uuid).update(origin=there_origin)
    Membership.objects.filter(group__uuid=group.uuid).update(origin=moving_origin)
    told = api.preview_move(tracks.uuid, group.uuid)
    who = api.users_in_two(tracks.uuid, group.uuid)

    moved = api.move_group(group.uuid, collection=tracks.uuid)

    assert who == ([learner.pk], {learner.pk} if kept else set())
    assert moved == told
    assert (moved.members, moved.in_two, moved.kept) == (1, 1, int(kept))
    winner, loser = (group, there) if kept else (there, group)
    assert (member_ids(winner), member_ids(loser)) == ({learner.pk}, set())
    assert PastMembership.objects.get().group_id == row_of(loser).pk
    told_of = Announcement.objects.filter(group=row_of(loser), event_type__contains="membership").last()
    assert (told_of.joined, told_of.left) == ([], [learner.pk])
    assert_sound()


def test_a_preview_writes_nothing(course, scope, tracks):
    group = a_group(scope, VERIFIED)
    a_learner(course, "verified")
    refreshed(group)

    assert api.preview_move(tracks.uuid, group.uuid).members == 1

    assert api.get_group(group.uuid).collection_uuid == group.collection_uuid


def refusal(group, collection):
    with pytest.raises(InvalidGroup) as refused:
        api.move_group(group.uuid, collection=collection.uuid)
    with pytest.raises(InvalidGroup):
        api.preview_move(collection.uuid, group.uuid)
    assert refused.value.field == "group"
    assert api.get_group(group.uuid).collection_uuid == group.collection_uuid
    return refused.value.sentence


def test_groups_of_another_scope_are_refused(scope, tracks):
    assert "another scope" in refusal(a_group(scope_of_instance()), tracks)


def test_nothing_goes_into_the_collection_of_a_single_group(scope):
    other = a_group(scope)
    assert "single group" in refusal(a_group(scope), api.get_collection(other.collection_uuid))


def test_a_group_does_not_become_a_subdivision_of_another_or_of_itself(scope):
    group, other = a_group(scope), a_group(scope)
    teams = api.create_collection(scope, name="Teams", parent_group=group.uuid)

    assert "subdivides" in refusal(other, teams)
    assert "subdivides" in refusal(group, teams)


@pytest.mark.parametrize("kind", ["random", "self"])
def test_a_group_with_a_rule_does_not_go_where_rules_do_not_decide(scope, kind):
    collection = api.create_collection(scope, name="Teams", kind=kind)

    assert "rule" in refusal(a_group(scope, VERIFIED), collection)
    api.move_group(a_group(scope).uuid, collection=collection.uuid)


@pytest.mark.parametrize("kind", ["random", "self"])
def test_nor_does_one_whose_rule_waits_to_be_activated(scope, kind):
    collection = api.create_collection(scope, name="Teams", kind=kind)
    group = a_group(scope)
    api.update_group(group.uuid, revision=1, rule=VERIFIED)

    assert "rule" in refusal(group, collection)


def everybody_else_of(collection):
    return {"all": [leaf("group_member", "in", groups=[str(collection.rest_uuid)])]}


def test_a_circle_through_everybody_else_is_refused(scope, tracks):
    group = a_group(scope, everybody_else_of(tracks))

    with pytest.raises(InvalidGroup) as refused:
        api.move_group(group.uuid, collection=tracks.uuid)

    assert "itself" in refused.value.sentence
    assert row_of(group).collection.uuid == group.collection_uuid
    assert row_of(group).moving_to is None


def test_a_collection_whose_everybody_else_is_used_is_not_left_empty(scope, tracks):
    group = a_group(scope)
    home = api.get_collection(group.collection_uuid)
    a_group(scope, everybody_else_of(home), name="The others")

    with pytest.raises(GroupInUse) as refused:
        api.move_group(group.uuid, collection=tracks.uuid)

    assert "The others" in refused.value.message
    assert row_of(group).moving_to is None


def test_whoever_asks_about_everybody_else_is_refreshed(course, scope, tracks):
    group, others = a_group(scope, VERIFIED), a_group(scope, everybody_else_of(tracks))
    learner = a_learner(course, "verified")
    refreshed(group)
    refreshed(others)
    assert member_ids(others) == {learner.pk}

    api.move_group(group.uuid, collection=tracks.uuid)
    drain.drain()

    assert member_ids(others) == set()


def test_what_the_groups_lose_and_win_is_set_right_by_the_next_refresh(course, scope, tracks):
    """Who had been in the first group only because of priority gets the second one when the first has gone."""
    first = a_group(scope, VERIFIED, collection=tracks.uuid)
    second = a_group(scope, in_mode("verified", "audit"), collection=tracks.uuid)
    learner = a_learner(course, "verified")
    refreshed(first)
    assert member_ids(second) == set()

    api.move_group(first.uuid, collection=None)
    drain.drain()

    assert member_ids(first) == member_ids(second) == {learner.pk}


@pytest.mark.usefixtures("small_batches")
def test_members_go_in_batches(course, scope, tracks):
    group = a_group(scope, VERIFIED)
    learners = many_learners(course, 8)
    refreshed(group)

    moved = api.move_group(group.uuid, collection=tracks.uuid)

    assert moved.members == 8
    assert member_ids(group) == set(learners)
    assert_sound()


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize(("writing", "number"), [(BATCH, 1), (BATCH, 2), (BATCH, 3), (LAST, 1)])
def test_a_move_that_is_killed_goes_on_when_it_is_called_again(course, scope, tracks, writing, number):
    there, group = a_group(scope, collection=tracks.uuid), a_group(scope, VERIFIED)
    learners = many_learners(course, 8)
    refreshed(group)
    api.add_members(there.uuid, learners[:2])

    killed(lambda: api.move_group(group.uuid, collection=tracks.uuid), writing, number)

    rows = Membership.objects.all()
    assert rows.values("collection", "user").distinct().count() == rows.count()
    assert {row.user_id for row in rows} == set(learners)
    assert row_of(group).collection.uuid != tracks.uuid
    api.move_group(group.uuid, collection=tracks.uuid)
    assert row_of(group).collection.uuid == tracks.uuid
    assert member_ids(group) == set(learners[2:])
    assert member_ids(there) == set(learners[:2])
    assert_sound()


@pytest.mark.usefixtures("small_batches")
def test_a_move_that_was_stopped_is_finished_by_the_schedule(course, scope, tracks):
    group = a_group(scope, VERIFIED)
    learners = many_learners(course, 8)
    refreshed(group)
    killed(lambda: api.move_group(group.uuid, collection=tracks.uuid), BATCH, 2)

    moving.finish_all()

    assert row_of(group).collection.uuid == tracks.uuid
    assert member_ids(group) == set(learners)
    assert_sound()


@pytest.fixture
def half_moved(course, scope, tracks, small_batches):
    """A group that is on its way, with the ids of eight members, three of which are there already."""
    group = a_group(scope, VERIFIED)
    learners = many_learners(course, 8)
    refreshed(group)
    killed(lambda: api.move_group(group.uuid, collection=tracks.uuid), BATCH, 2)
    assert Membership.objects.filter(collection__uuid=tracks.uuid).count() == 3
    return group, learners


def test_a_group_on_its_way_is_changed_by_nobody_else(scope, half_moved):
    group, learners = half_moved
    other = api.create_collection(scope, name="Other")

    for act in (
        lambda: api.add_members(group.uuid, learners[:1]),
        lambda: api.remove_members(group.uuid, learners[:1]),
        lambda: api.exclude(group.uuid, learners[:1]),
        lambda: api.move_group(group.uuid, collection=other.uuid),
        lambda: api.move_group(group.uuid, collection=None),
        lambda: api.request_refresh(group.uuid),
        lambda: api.undo_refresh(group.uuid),
    ):
        with pytest.raises(WrongStatus, match=r"another collection|not refreshed"):
            act()
    assert api.refresh(group.uuid) is None
    settling.settle([row_of(group).collection_id], learners)
    assert member_ids(group) == set(learners)


def test_a_group_that_is_deleted_on_its_way_goes_no_further(half_moved, tracks):
    group, _learners = half_moved
    api.delete_group(group.uuid)
    home, told = UserGroup.objects.get(uuid=group.uuid).collection, Announcement.objects.count()

    moving.finish_all()

    assert not Membership.objects.exists()
    assert UserGroup.objects.get(uuid=group.uuid).collection == home
    assert api.get_collection(tracks.uuid).group_uuids == ()
    # That it is gone is the last that others hear of it.
    assert Announcement.objects.count() == told


def test_whom_it_had_taken_along_gets_a_group_there_when_it_is_deleted(course, scope, tracks, half_moved):
    group, learners = half_moved
    there = a_group(scope, VERIFIED, collection=tracks.uuid)
    refreshed(there)
    assert len(member_ids(there)) == 5

    api.delete_group(group.uuid)
    drain.drain()

    assert member_ids(there) == set(learners)


def test_the_groups_that_are_there_go_on(course, scope, tracks, half_moved):
    group, learners = half_moved
    there = a_group(scope, in_mode("verified", "audit"), collection=tracks.uuid)
    newcomer = a_learner(course, "audit")

    # One of those who have come already, and one who has not.
    api.add_members(there.uuid, [learners[0], learners[-1]])
    api.refresh(there.uuid)

    assert member_ids(there) == {learners[0], *learners[3:], newcomer.pk}
    api.move_group(group.uuid, collection=tracks.uuid)
    assert member_ids(group) == set(learners[1:3])
    assert_sound()


def test_a_refresh_that_runs_is_ended_and_asked_for_again(course, scope, tracks):
    group = a_group(scope, VERIFIED)
    a_learner(course, "verified")
    collection_id = row_of(group).collection_id

    def move(done, total):
        if not done:
            api.move_group(group.uuid, collection=tracks.uuid)

    run = refreshed(group, progress=move)

    assert (run.outcome, run.joined) == ("superseded", 0)
    assert not Membership.objects.filter(collection=collection_id).exists()
    drain.drain()
    assert len(member_ids(group)) == 1
    assert_sound()


def test_who_has_asked_for_a_refresh_gets_it_in_the_new_collection(course, scope, tracks):
    group = a_group(scope, VERIFIED)
    a_learner(course, "verified")
    asked = api.request_refresh(group.uuid)

    api.move_group(group.uuid, collection=tracks.uuid)
    drain.drain()

    run = RefreshRun.objects.get(uuid=asked.uuid)
    assert (run.finished is None, run.error, run.collection.uuid) == (False, "", tracks.uuid)
    assert set(run.causes) >= {"request", "move"}


def test_what_was_held_is_compared_anew(course, scope, tracks):
    group = a_group(scope, VERIFIED)
    learners = many_learners(course, 25)
    refreshed(group)
    CourseEnrollment.objects.filter(user__in=learners[:20]).update(is_active=False)
    assert refreshed(group).outcome == "held"

    api.move_group(group.uuid, collection=tracks.uuid)

    assert not HeldUser.objects.exists()
    assert api.get_group(group.uuid).health == "ok"
    assert RefreshRun.objects.get(outcome="held").decision == "overtaken"
    drain.drain()
    assert api.get_group(group.uuid).health == "held"


def test_dormant_members_come_along_and_are_not_counted(course, scope, tracks):
    group = a_group(scope)
    learners = [a_learner(course) for _ in range(2)]
    api.add_members(group.uuid, [learner.pk for learner in learners])
    CourseEnrollment.objects.filter(user=learners[0]).update(is_active=False)

    api.move_group(group.uuid, collection=tracks.uuid)

    assert origins(group) == {learner.pk: "manual" for learner in learners}
    assert api.get_group(group.uuid).member_count == 1


def test_sub_groups_stay_subdivisions_when_they_stand_alone(course, scope):
    group = a_group(scope, VERIFIED)
    learner = a_learner(course, "verified")
    refreshed(group)
    teams = api.create_collection(scope, name="Teams", parent_group=group.uuid)
    team = a_group(scope, collection=teams.uuid)
    api.add_members(team.uuid, [learner.pk])

    api.move_group(team.uuid, collection=None)

    assert api.get_collection(api.get_group(team.uuid).collection_uuid).parent_group_uuid == group.uuid
    api.move_group(team.uuid, collection=teams.uuid)
    api.delete_group(team.uuid)
    api.dissolve_collection(teams.uuid)
    # Nothing is left that subdivides it.
    api.delete_group(group.uuid)


Acts = st.lists(st.tuples(st.sampled_from(["in", "out", "add", "refresh"]), st.integers(0, 2), st.integers(0, 4)))


@given(acts=Acts)
def test_whatever_is_moved_nobody_is_in_two_groups_of_a_collection(acts):
    with rolled_back():
        course = a_course()
        scope = scope_of_course(course)
        tracks = api.create_collection(scope, name="Tracks")
        groups = [a_group(scope, VERIFIED), a_group(scope, in_mode("verified", "audit")), a_group(scope)]
        learners = [a_learner(course, mode).pk for mode in ("verified", "verified", "audit", "audit", "audit")]
        for act, number, who in acts:
            uuid = groups[number].uuid
            if act == "add":
                api.add_members(uuid, [learners[who]])
            elif act == "refresh":
                api.refresh(uuid)
            else:
                api.move_group(uuid, collection=tracks.uuid if act == "in" else None)
            assert_sound()
