"""Whatever changes groups and their members, one by one or many at once: who follows the events knows them exactly."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api, batches
from openedx_user_groups.models import Membership
from openedx_user_groups.outbox import announcing
from openedx_user_groups.refresh import settling
from openedx_user_groups.upkeep import clearing, drain, rounds
from tests.audience import Follower, an_audience, stored_groups, stored_seats
from tests.by_api import VERIFIED, a_group, edited, in_mode, leaf, many_learners, member_ids, refreshed, row_of
from tests.factories import a_learner
from tests.happenings import enrolls, unenrolls

pytestmark = pytest.mark.django_db


@pytest.fixture
def follower():
    with an_audience() as heard:
        yield Follower(heard)


@pytest.fixture
def knows_all(follower):
    """Asserts that who follows the events knows all groups and members, which are so many in that group."""

    def check(group=None, members=None):
        announcing.send()
        follower.follow()
        assert follower.groups == stored_groups()
        assert follower.seats == stored_seats()
        if group is not None:
            assert len(follower.members[str(group.uuid)]) == members

    return check


def test_groups_are_made_renamed_activated_paused_and_archived(scope, knows_all):
    group = api.create_group(scope, name="First", rule=VERIFIED)
    knows_all()
    for act in (api.activate_group, api.pause_group, api.archive_group, api.activate_group):
        act(group.uuid)
        knows_all()
    edited(group, name="Second", tags=["one", "two"])
    knows_all()
    edited(group, rule=in_mode("audit"))
    knows_all()
    # A draft is nobody's business until it is in force.
    draft = api.update_group(group.uuid, revision=api.get_group(group.uuid).revision, rule=VERIFIED)
    knows_all()
    api.activate_group(group.uuid, revision=draft.draft_revision)
    knows_all()


def test_a_refresh_of_everyone_in_several_batches(course, scope, knows_all, monkeypatch):
    monkeypatch.setattr(batches, "SIZE", 10)
    group = a_group(scope, VERIFIED)
    learners = many_learners(course, 35)
    refreshed(group)
    knows_all(group, 35)

    CourseEnrollment.objects.filter(user__in=learners[:12]).update(mode="audit")
    refreshed(group)
    knows_all(group, 23)


def test_some_users_are_refreshed_and_events_are_followed(course, scope, knows_all):
    group = a_group(scope, VERIFIED)
    learners = many_learners(course, 3)
    api.refresh(group.uuid, users=learners[:2])
    knows_all(group, 2)

    ana = User.objects.get(pk=learners[2])
    enrolls(ana, course, "verified")
    drain.drain()
    knows_all(group, 3)
    unenrolls(ana, course)
    drain.drain()
    knows_all(group, 2)


def test_people_are_put_in_moved_taken_out_and_kept_out_by_hand(course, scope, knows_all):
    collection = api.create_collection(scope, name="Teams")
    blue, red = (a_group(scope, name=name, collection=collection.uuid) for name in ("Blue", "Red"))
    people = many_learners(course, 6)
    api.add_members(blue.uuid, [*people, 2**30])
    knows_all(blue, 6)
    api.add_members(red.uuid, people[:4])
    knows_all(blue, 2)
    api.remove_members(red.uuid, people[:1])
    knows_all(red, 3)
    api.exclude(red.uuid, people[:2])
    knows_all(red, 2)
    api.lift_exclusions(red.uuid, people[:2])
    api.import_members(red.uuid, f"many_{people[0]}\nmany_{people[4]}\nnobody\n".encode())
    knows_all(red, 4)


def test_who_was_put_in_by_the_rule_and_is_then_put_in_by_hand_has_joined_once(course, scope, knows_all):
    group = a_group(scope, VERIFIED)
    ana = a_learner(course, "verified")
    refreshed(group)
    api.add_members(group.uuid, [ana.pk])
    knows_all(group, 1)
    api.remove_members(group.uuid, [ana.pk])
    knows_all(group, 0)
    refreshed(group)
    knows_all(group, 0)


def test_memberships_for_a_time_end(course, scope, knows_all):
    group = a_group(scope)
    api.add_members(group.uuid, many_learners(course, 3), expires_at=timezone.now() + timedelta(hours=1))
    knows_all(group, 3)
    Membership.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    rounds.do_all_but_refreshes()

    knows_all(group, 0)


def test_who_matches_several_groups_of_a_collection(course, scope, knows_all):
    collection = api.create_collection(scope, name="Tracks")
    first, second = (
        a_group(scope, rule, collection=collection.uuid) for rule in (VERIFIED, in_mode("verified", "audit"))
    )
    learners = many_learners(course, 8)
    refreshed(first)
    knows_all(first, 8)
    CourseEnrollment.objects.filter(user__in=learners[:3]).update(mode="audit")
    refreshed(first)
    knows_all(second, 3)
    api.order_collection(collection.uuid, [second.uuid, first.uuid])
    drain.drain()
    knows_all(second, 8)


def test_learners_choose_by_themselves(course, scope, knows_all):
    collection = api.create_collection(scope, name="Projects", kind="self")
    one, two = (a_group(scope, name=name, collection=collection.uuid) for name in ("One", "Two"))
    ana = a_learner(course)
    api.join_group(one.uuid, ana.pk)
    knows_all(one, 1)
    api.join_group(two.uuid, ana.pk)
    knows_all(one, 0)
    api.leave_group(two.uuid, ana.pk)
    knows_all(two, 0)


def test_chance_draws_and_moves_the_surplus(course, scope, knows_all):
    collection = api.create_collection(scope, name="A or B", kind="random")
    a, b = (a_group(scope, name=name, collection=collection.uuid) for name in ("A", "B"))
    many_learners(course, 40)
    api.draw_newcomers(collection.uuid)
    knows_all()
    assert len(member_ids(a)) + len(member_ids(b)) == 40

    api.set_weights(collection.uuid, {a.uuid: 3, b.uuid: 1})
    drain.drain()
    knows_all(a, 30)


def test_collections_generated_from_choices(course, scope, knows_all):
    many_learners(course, 5)
    many_learners(course, 2, "audit")
    api.create_generated_collection(scope, name="Tracks", criterion="enrollment_mode")
    rounds.do_all_but_refreshes()
    for group in api.groups_in(scope):
        api.refresh(group.uuid)
    knows_all()


def test_groups_move_and_collections_are_dissolved(course, scope, knows_all):
    collection = api.create_collection(scope, name="Teams")
    blue, red = (a_group(scope, name=name, collection=collection.uuid) for name in ("Blue", "Red"))
    alone = a_group(scope, name="Alone")
    people = many_learners(course, 9)
    api.add_members(blue.uuid, people[:4])
    api.add_members(red.uuid, people[4:6])
    api.add_members(alone.uuid, people[3:])
    knows_all(alone, 6)
    api.move_group(alone.uuid, collection=collection.uuid)
    drain.drain()
    knows_all(alone, 3)
    api.dissolve_collection(collection.uuid)
    drain.drain()
    knows_all(blue, 4)


def test_a_refresh_is_held_and_approved_or_discarded(course, scope, knows_all):
    for decide, left in ((api.approve_refresh, 5), (api.discard_refresh, 30)):
        group = a_group(scope, VERIFIED)
        learners = many_learners(course, 30)
        refreshed(group)
        CourseEnrollment.objects.filter(user__in=learners[5:]).update(mode="audit")
        run = refreshed(group)
        assert run.outcome == "held"
        knows_all(group, 30)
        decide(run.uuid)
        knows_all(group, left)
        CourseEnrollment.objects.all().delete()
        api.archive_group(group.uuid)


def test_a_refresh_is_undone(course, scope, knows_all):
    group = a_group(scope, VERIFIED)
    learners = many_learners(course, 12)
    refreshed(group)
    CourseEnrollment.objects.filter(user__in=learners[:4]).update(mode="audit")
    a_learner(course, "verified")
    refreshed(group)
    knows_all(group, 9)

    api.undo_refresh(group.uuid)

    assert row_of(group).status == "paused"
    knows_all(group, 12)


def test_what_is_built_on_groups_follows(course, scope, knows_all):
    base = a_group(scope, VERIFIED)
    above = a_group(scope, {"all": [leaf("group_member", "in", groups=[str(base.uuid)])]})
    teams = api.create_collection(scope, name="Teams", parent_group=base.uuid)
    team = a_group(scope, name="Team", collection=teams.uuid)
    learners = many_learners(course, 4)
    refreshed(base)
    drain.drain()
    api.add_members(team.uuid, learners)
    knows_all(above, 4)

    CourseEnrollment.objects.filter(user=learners[0]).update(mode="audit")
    refreshed(base)
    drain.drain()
    knows_all(team, 3)


def test_people_retire_and_accounts_are_deleted(course, scope, knows_all):
    group, other = a_group(scope), a_group(scope)
    ana, ben, eve = many_learners(course, 3)
    for each in (group, other):
        api.add_members(each.uuid, [ana, ben, eve])
    knows_all(group, 3)
    api.retire_user(ana)
    knows_all(other, 2)
    CourseEnrollment.objects.filter(user=ben).delete()
    User.objects.filter(pk=ben)._raw_delete("default")
    clearing.sweep_orphans()
    knows_all(group, 1)
    assert row_of(group).member_count == 1


def test_a_deleted_group_holds_nobody(course, scope, knows_all, monkeypatch):
    monkeypatch.setattr("openedx_user_groups.groups.deleting.SIZE", 4)
    group = a_group(scope)
    api.add_members(group.uuid, many_learners(course, 10))
    knows_all(group, 10)
    api.delete_group(group.uuid)
    knows_all(group, 0)


def test_one_user_and_many_are_told_alike(course, scope, follower):
    group = a_group(scope, VERIFIED)
    ana, *others = many_learners(course, 4)
    settling.settle([row_of(group).collection_id], [ana], ["event"])
    settling.settle([row_of(group).collection_id], others, ["event"])
    announcing.send()

    one, many = (event.membership for event in follower.heard if event.membership)
    assert (one.joined, many.joined) == ([ana], others)
    assert (one.left, one.causes, one.batch, bool(one.run_uuid)) == (many.left, many.causes, many.batch, True)
