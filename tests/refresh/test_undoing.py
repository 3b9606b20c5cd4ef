"""Undoing: the members are again who they were before the last refresh, and the group is paused with that reason."""

import pytest

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api, batches
from openedx_user_groups.exceptions import GroupNotFound, WrongStatus
from openedx_user_groups.models import Membership, PastMembership, RefreshRun
from openedx_user_groups.outbox import store
from openedx_user_groups.refresh import undoing
from openedx_user_groups.upkeep import drain
from tests.by_api import VERIFIED, a_group, in_mode, many_learners, member_ids, origins, refreshed, row_of
from tests.factories import a_learner, a_user
from tests.soundness import killed

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(scope):
    return a_group(scope, VERIFIED)


def move(users, mode):
    CourseEnrollment.objects.filter(user__in=users).update(mode=mode)


def memberships():
    return set(Membership.objects.values_list("user_id", "group_id", "origin", "joined_at"))


def test_who_joined_leaves_and_who_left_is_back_since_when_they_were(course, group):
    learners = many_learners(course, 12)
    refreshed(group)
    before = memberships()
    move(learners[:4], "audit")
    joined = a_learner(course, "verified")
    refreshed(group)
    assert member_ids(group) == {*learners[4:], joined.pk}
    boss = a_user()

    api.undo_refresh(group.uuid, acting_user=boss)

    assert memberships() == before
    row = row_of(group)
    assert row.status == "paused"
    assert "was undone" in row.status_reason
    assert row.member_count == 12
    undone = RefreshRun.objects.get(decision="undone")
    assert (undone.joined, undone.left, undone.decided_by) == (1, 4, boss)


def test_runs_that_changed_nothing_are_not_the_last_one(course, group):
    ana = a_learner(course, "verified")
    refreshed(group)
    refreshed(group)

    api.undo_refresh(group.uuid)

    assert ana.pk not in member_ids(group)


def test_once_and_no_further_back(course, group):
    a_learner(course, "verified")
    refreshed(group)
    a_learner(course, "verified")
    refreshed(group)
    api.undo_refresh(group.uuid)

    with pytest.raises(WrongStatus, match="could be undone"):
        api.undo_refresh(group.uuid)
    assert len(member_ids(group)) == 1


def test_none_but_the_one_that_is_named(course, group):
    a_learner(course, "verified")
    seen = refreshed(group)
    a_learner(course, "verified")
    last = refreshed(group)

    with pytest.raises(WrongStatus, match="another refresh since"):
        api.undo_refresh(group.uuid, run=seen.uuid)
    assert (len(member_ids(group)), api.get_group(group.uuid).status) == (2, "active")

    api.undo_refresh(group.uuid, run=last.uuid)
    assert len(member_ids(group)) == 1


def test_a_group_that_no_refresh_has_changed_has_nothing_to_undo(group):
    with pytest.raises(WrongStatus):
        api.undo_refresh(group.uuid)
    with pytest.raises(GroupNotFound):
        api.undo_refresh("nonsense")


def test_moves_between_the_groups_of_a_collection_are_undone_together(course, scope):
    collection = api.create_collection(scope, name="Tracks")
    verified, audit = (a_group(scope, in_mode(mode), collection=collection.uuid) for mode in ("verified", "audit"))
    learners = many_learners(course, 6)
    refreshed(verified)
    move(learners[:2], "audit")
    refreshed(verified)

    api.undo_refresh(audit.uuid)

    assert member_ids(verified) == set(learners)
    assert member_ids(audit) == set()
    assert {row_of(verified).status, row_of(audit).status} == {"paused"}


def test_what_hands_did_since_stays(course, scope, group):
    ana, ben = a_learner(course, "verified"), a_learner(course, "verified")
    refreshed(group)
    move([ana.pk], "audit")
    cem = a_learner(course, "verified")
    refreshed(group)
    api.add_members(group.uuid, [cem.pk])
    api.exclude(group.uuid, [ana.pk])

    api.undo_refresh(group.uuid)

    # One was put in by hand since, the other is kept out since.
    assert origins(group) == {ben.pk: "rule", cem.pk: "manual"}


def test_whoever_has_left_the_course_does_not_come_back(course, group):
    ana = a_learner(course, "verified")
    refreshed(group)
    CourseEnrollment.objects.filter(user=ana).update(is_active=False)
    refreshed(group)

    api.undo_refresh(group.uuid)

    assert member_ids(group) == set()
    assert not PastMembership.objects.filter(run__isnull=False).exists()


def test_and_stays_in_its_history(course, group):
    ana = a_learner(course, "verified")
    refreshed(group)
    move([ana.pk], "audit")
    refreshed(group)
    api.exclude(group.uuid, [ana.pk])

    api.undo_refresh(group.uuid)

    assert PastMembership.objects.get().user == ana


def test_an_archived_group_is_not_changed(course, group):
    ana = a_learner(course, "verified")
    refreshed(group)
    api.archive_group(group.uuid)

    with pytest.raises(WrongStatus, match="archived"):
        api.undo_refresh(group.uuid)

    assert member_ids(group) == {ana.pk}


def test_a_group_that_was_archived_or_moved_since_is_left_alone(course, scope):
    collection = api.create_collection(scope, name="Modes")
    groups = [a_group(scope, in_mode(mode), collection=collection.uuid) for mode in ("verified", "audit", "honor")]
    verified, audit, honor = groups
    learners = [many_learners(course, 3, mode) for mode in ("verified", "audit", "honor")]
    refreshed(verified)
    api.archive_group(audit.uuid)
    api.move_group(honor.uuid, collection=None)

    api.undo_refresh(verified.uuid)

    assert [member_ids(group) for group in groups] == [set(), set(learners[1]), set(learners[2])]
    assert [row_of(group).status for group in groups] == ["paused", "archived", "active"]


def test_what_a_refresh_wrote_before_its_end_is_undone_and_nothing_before_it(course, group, monkeypatch):
    monkeypatch.setattr(batches, "SIZE", 5)
    first = many_learners(course, 3)
    refreshed(group)
    many_learners(course, 12)
    killed(lambda: api.refresh(group.uuid), "INSERT (IGNORE )?INTO openedx_user_groups_membership ", 2)
    assert len(member_ids(group)) == 8

    api.undo_refresh(group.uuid)

    assert member_ids(group) == set(first)
    with pytest.raises(WrongStatus):
        api.undo_refresh(group.uuid)


def test_what_an_event_did_is_undone_in_the_same_way(course, group):
    ana = a_learner(course, "verified")
    store.note([ana.pk], "org.openedx.learning.course.enrollment.created.v1", scopes=[row_of(group).scope_id])
    drain.drain()
    assert member_ids(group) == {ana.pk}

    api.undo_refresh(group.uuid)

    assert member_ids(group) == set()


def test_stopped_half_way_it_goes_on(course, group, monkeypatch):
    monkeypatch.setattr(batches, "SIZE", 5)
    learners = many_learners(course, 18)
    refreshed(group)
    before = memberships()
    move(learners[:8], "audit")
    many_learners(course, 7)
    refreshed(group)
    taken_out = undoing._take_out_some
    calls = []

    def die(*args):
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return taken_out(*args)

    with monkeypatch.context() as patched:
        patched.setattr(undoing, "_take_out_some", die)
        with pytest.raises(KeyboardInterrupt):
            api.undo_refresh(group.uuid)
    assert memberships() != before

    api.undo_refresh(group.uuid)

    assert memberships() == before


def test_who_was_moved_by_hand_meanwhile_stays_there(course, scope):
    collection = api.create_collection(scope, name="Tracks")
    verified, audit = (a_group(scope, in_mode(mode), collection=collection.uuid) for mode in ("verified", "audit"))
    by_hand = a_group(scope, collection=collection.uuid)
    learners = many_learners(course, 6)
    refreshed(verified)
    move(learners[:3], "audit")
    refreshed(verified)
    api.add_members(by_hand.uuid, learners[:1])

    api.undo_refresh(verified.uuid)

    assert origins(by_hand) == {learners[0]: "manual"}
    assert member_ids(verified) == set(learners[1:])
    assert member_ids(audit) == set()


def test_going_on_after_it_the_rule_decides_again(course, group):
    learners = many_learners(course, 12)
    refreshed(group)
    move(learners[:4], "audit")
    refreshed(group)
    api.undo_refresh(group.uuid)
    assert api.refresh(group.uuid) is None
    assert member_ids(group) == set(learners)

    api.activate_group(group.uuid)
    refreshed(group)

    assert member_ids(group) == set(learners[4:])


def test_what_it_takes_out_and_puts_back_is_no_removal_for_the_guard(course, group):
    learners = many_learners(course, 40)
    refreshed(group)
    move(learners[:20], "audit")
    refreshed(group)
    api.undo_refresh(group.uuid)
    move(learners[:20], "verified")
    api.activate_group(group.uuid)
    move(learners[20:40], "audit")

    assert refreshed(group).outcome == "done"
