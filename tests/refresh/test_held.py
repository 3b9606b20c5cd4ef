"""Held refreshes: nothing is written until somebody decides, and then only what they have seen and what still holds."""

import pytest
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api, batches
from openedx_user_groups.criteria.registry import temporarily
from openedx_user_groups.exceptions import FeatureDisabled, RunNotFound, WrongStatus
from openedx_user_groups.models import Announcement, HeldUser, Membership, RefreshRun
from openedx_user_groups.outbox import store
from openedx_user_groups.outbox.announcements import GROUP_UPDATED
from openedx_user_groups.refresh import held
from openedx_user_groups.upkeep import drain
from tests.by_api import (
    VERIFIED,
    Answer,
    Raises,
    a_group,
    edited,
    in_mode,
    leaf,
    many_learners,
    member_ids,
    refreshed,
    row_of,
)
from tests.factories import a_learner, a_user

pytestmark = pytest.mark.django_db

ENROLLED = "org.openedx.learning.course.enrollment.changed.v1"


@pytest.fixture
def group(scope):
    return a_group(scope, VERIFIED)


@pytest.fixture
def learners(course, group):
    found = many_learners(course, 30)
    refreshed(group)
    return found


def move(users, mode):
    CourseEnrollment.objects.filter(user__in=users).update(mode=mode)


def ids(users):
    return set(users.values_list("pk", flat=True))


def test_nothing_is_written_and_everything_is_kept(course, group, learners):
    ben = a_learner(course, "verified")
    move(learners[:20], "audit")

    run = refreshed(group)

    assert (run.status, run.joined, run.left) == ("held", 0, 0)
    assert member_ids(group) == set(learners)
    assert ids(api.held_users(run.uuid, joins=False)) == set(learners[:20])
    assert ids(api.held_users(run.uuid, joins=True)) == {ben.pk}
    assert api.get_group(group.uuid).health == "held"


def test_approved_it_is_written(course, group, learners):
    ben, boss = a_learner(course, "verified"), a_user()
    move(learners[:20], "audit")
    run = refreshed(group)

    api.approve_refresh(run.uuid, acting_user=boss)

    assert member_ids(group) == {*learners[20:], ben.pk}
    assert api.get_group(group.uuid).health == "ok"
    written = RefreshRun.objects.exclude(uuid=run.uuid).order_by("pk").last()
    assert (written.causes, written.joined, written.left, written.requested_by) == (["approved"], 1, 20, boss)
    kept = RefreshRun.objects.get(uuid=run.uuid)
    assert (kept.decision, kept.decided_by) == ("approved", boss)
    assert not HeldUser.objects.exists()


def test_those_who_no_longer_qualify_are_left_alone_and_others_are_not_touched(course, group, learners):
    joins = a_learner(course, "verified")
    move(learners[:20], "audit")
    run = refreshed(group)
    move(learners[:1], "verified")
    move([joins.pk], "audit")
    move(learners[25:26], "audit")
    newcomer = a_learner(course, "verified")

    api.approve_refresh(run.uuid)

    assert member_ids(group) == {learners[0], *learners[20:]}
    assert newcomer.pk not in member_ids(group)
    assert refreshed(group).outcome == "done"
    assert member_ids(group) == {learners[0], newcomer.pk, *learners[20:]} - {learners[25]}


def test_discarded_the_group_is_paused_with_that_reason(group, learners):
    boss = a_user()
    move(learners[:20], "audit")
    run = refreshed(group)

    api.discard_refresh(run.uuid, acting_user=boss)

    row = row_of(group)
    assert (row.status, row.status_reason) == ("paused", "A refresh that was held has been discarded.")
    assert member_ids(group) == set(learners)
    assert not HeldUser.objects.exists()
    kept = RefreshRun.objects.get(uuid=run.uuid)
    assert (kept.decision, kept.decided_by) == ("discarded", boss)


def test_what_is_approved_and_not_written_yet_is_not_held_once_more(group, learners):
    move(learners[:20], "audit")
    run = refreshed(group)
    # Whoever approved it died before it was written.
    held.approve(RefreshRun.objects.get(uuid=run.uuid), None)

    again = refreshed(group)

    assert (again.outcome, member_ids(group)) == ("nothing", set(learners[20:]))
    assert not HeldUser.objects.exists()


@pytest.mark.parametrize("first", [api.approve_refresh, api.discard_refresh])
@pytest.mark.parametrize("second", [api.approve_refresh, api.discard_refresh])
def test_it_is_decided_once(group, learners, first, second):
    move(learners[:20], "audit")
    run = refreshed(group)
    first(run.uuid)

    with pytest.raises(WrongStatus, match="does not wait for a decision"):
        second(run.uuid)


def test_a_run_that_does_not_exist_or_was_never_held_cannot_be_decided(group, learners):
    with pytest.raises(RunNotFound):
        api.approve_refresh("1e5f7a52-6a3c-4f0e-9c0b-0d5c8e1b7f10")
    with pytest.raises(RunNotFound):
        api.discard_refresh("nonsense")
    with pytest.raises(WrongStatus):
        api.approve_refresh(refreshed(group).uuid)


def test_a_later_refresh_takes_its_place(group, learners):
    move(learners[:20], "audit")
    first = refreshed(group)
    move(learners[:2], "verified")

    second = refreshed(group)

    assert second.outcome == "held"
    assert RefreshRun.objects.get(uuid=first.uuid).decision == "overtaken"
    with pytest.raises(WrongStatus):
        api.approve_refresh(first.uuid)
    assert ids(api.held_users(second.uuid, joins=False)) == set(learners[2:20])


def test_when_the_cause_is_gone_it_heals_by_itself(group, learners):
    move(learners, "audit")
    run = refreshed(group)
    move(learners, "verified")

    assert refreshed(group).outcome == "nothing"
    assert api.get_group(group.uuid).health == "ok"
    assert RefreshRun.objects.get(uuid=run.uuid).decision == "overtaken"
    assert not HeldUser.objects.exists()


def test_events_do_not_get_around_it(group, learners):
    move(learners[:20], "audit")
    scope_id = row_of(group).scope_id
    store.note(learners[:20], ENROLLED, scopes=[scope_id])

    drain.drain()

    assert member_ids(group) == set(learners)
    run = RefreshRun.objects.get(outcome="held")
    assert ids(api.held_users(run.uuid, joins=False)) == set(learners[:20])
    assert ENROLLED in run.causes


def test_while_it_is_held_events_change_nothing(course, group, learners):
    move(learners[:20], "audit")
    refreshed(group)
    ben = a_learner(course, "verified")
    store.note([ben.pk], ENROLLED, scopes=[row_of(group).scope_id])

    drain.drain()

    assert member_ids(group) == set(learners)


def test_what_one_group_loses_another_one_gets_so_a_collection_is_held_as_a_whole(course, scope):
    collection = api.create_collection(scope, name="Tracks")
    verified, audit = (a_group(scope, in_mode(mode), collection=collection.uuid) for mode in ("verified", "audit"))
    learners = many_learners(course, 30)
    refreshed(verified)
    move(learners[:20], "audit")

    assert refreshed(verified).outcome == "held"
    waiting = RefreshRun.objects.get(group__uuid=audit.uuid, outcome="held")
    assert "Another group" in api.get_group(audit.uuid).health_reason
    api.approve_refresh(waiting.uuid)

    assert member_ids(verified) == set(learners[20:])
    assert member_ids(audit) == set(learners[:20])


@pytest.mark.parametrize("put_away", [api.pause_group, api.archive_group, api.delete_group])
def test_the_others_go_on_when_what_held_them_up_is_put_away(course, scope, put_away):
    collection = api.create_collection(scope, name="Tracks")
    verified, audit = (a_group(scope, in_mode(mode), collection=collection.uuid) for mode in ("verified", "audit"))
    learners = many_learners(course, 30)
    refreshed(verified)
    move(learners[:20], "honor")
    refreshed(verified)
    newcomer = a_learner(course, "audit")
    assert row_of(audit).health == "held"

    put_away(verified.uuid)

    assert [group.uuid for group in api.groups_to_refresh(due_only=True)] == [audit.uuid]
    refreshed(audit)
    assert member_ids(audit) == {newcomer.pk}
    assert row_of(audit).health == "ok"


def test_where_the_feature_is_off_nothing_is_approved_or_written(group, learners, settings):
    move(learners[:20], "audit")
    run = refreshed(group)
    settings.OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT = False
    with pytest.raises(FeatureDisabled):
        api.approve_refresh(run.uuid)
    assert RefreshRun.objects.get(uuid=run.uuid).decision == ""

    # Approved before it was switched off.
    RefreshRun.objects.filter(uuid=run.uuid).update(decision="approved", decided_at=timezone.now())
    drain.drain()
    assert member_ids(group) == set(learners)

    settings.OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT = True
    drain.drain()
    assert member_ids(group) == set(learners[20:])


def test_a_writer_that_dies_leaves_the_rest_to_the_next_drain(group, learners, monkeypatch):
    monkeypatch.setattr(batches, "SIZE", 7)
    move(learners[:20], "audit")
    run = RefreshRun.objects.get(uuid=refreshed(group).uuid)
    held.approve(run, None)
    held._write_some(run.collection_id)
    assert Membership.objects.count() == 23

    drain.drain()

    assert member_ids(group) == set(learners[20:])
    assert not HeldUser.objects.exists()


def test_approved_in_studio_it_is_written_by_the_next_drain_of_the_lms(group, learners, settings):
    move(learners[:20], "audit")
    run = refreshed(group)

    settings.SERVICE_VARIANT = "cms"
    api.approve_refresh(run.uuid)
    assert member_ids(group) == set(learners)

    settings.SERVICE_VARIANT = "lms"
    drain.drain()
    assert member_ids(group) == set(learners[20:])


def test_an_approval_that_is_written_in_batches_is_undone_as_one(course, group, learners, monkeypatch):
    monkeypatch.setattr(batches, "SIZE", 7)
    before = set(Membership.objects.values_list("user_id", "joined_at"))
    joins = a_learner(course, "verified").pk
    move(learners[:20], "audit")
    api.approve_refresh(refreshed(group).uuid)
    assert member_ids(group) == {*learners[20:], joins}

    api.undo_refresh(group.uuid)

    assert set(Membership.objects.values_list("user_id", "joined_at")) == before


def test_what_cannot_be_evaluated_is_written_when_it_has_healed_and_keeps_nobody_else_waiting(course, scope, learners):
    by_plugin = {"all": [leaf("test.answer", "in", ids=learners)]}
    with temporarily(test__answer=Answer):
        group = a_group(scope, by_plugin)
        refreshed(group)
        CourseEnrollment.objects.filter(user__in=learners[:20]).update(is_active=False)
        run = refreshed(group)
        assert run.outcome == "held"
    other = a_group(scope, in_mode("honor"))
    late = a_learner(course, "honor").pk
    with temporarily(test__answer=Raises):
        api.approve_refresh(run.uuid)
        assert api.get_group(group.uuid).health == "broken"
        store.note([late], ENROLLED, scopes=[row_of(group).scope_id])
        failures = row_of(group).failures

        drain.drain()

        assert member_ids(other) == {late}
        assert member_ids(group) == set(learners)
        assert row_of(group).failures == failures, "it is not tried with every drain"
    with temporarily(test__answer=Answer):
        refreshed(group)
        drain.drain()

    assert member_ids(group) == set(learners[20:])
    assert not HeldUser.objects.exists()


def test_a_group_that_is_paused_meanwhile_keeps_its_members_whatever_is_decided(group, learners):
    move(learners[:20], "audit")
    run = refreshed(group)
    api.pause_group(group.uuid)

    api.approve_refresh(run.uuid)

    assert member_ids(group) == set(learners)
    assert not HeldUser.objects.exists()
    api.activate_group(group.uuid)
    assert refreshed(group).outcome == "held"


def test_another_rule_decides_who_still_qualifies(course, group, learners):
    move(learners[:20], "audit")
    run = refreshed(group)
    edited(group, rule=in_mode("verified", "audit"))

    api.approve_refresh(run.uuid)

    assert member_ids(group) == set(learners)


def test_what_happens_meanwhile_is_made_up_for_after_the_decision(course, group, learners):
    move(learners[:20], "audit")
    run = refreshed(group)
    ben = a_learner(course, "verified").pk
    store.note([ben], ENROLLED, scopes=[row_of(group).scope_id])
    drain.drain()
    assert ben not in member_ids(group)

    api.approve_refresh(run.uuid)

    assert row_of(group).next_due <= timezone.now()
    refreshed(group)
    assert member_ids(group) == {*learners[20:], ben}


def test_others_are_told_when_it_is_decided(group, learners):
    move(learners[:20], "audit")
    run = refreshed(group)
    updated = Announcement.objects.filter(event_type=GROUP_UPDATED)
    before = updated.count()

    api.discard_refresh(run.uuid)

    assert updated.count() == before + 1


def test_who_is_held_is_nobody_who_was_retired_meanwhile(group, learners):
    move(learners[:20], "audit")
    run = refreshed(group)

    api.retire_user(learners[0])

    assert ids(api.held_users(run.uuid, joins=False)) == set(learners[1:20])
    api.approve_refresh(run.uuid)
    assert member_ids(group) == set(learners[20:])
