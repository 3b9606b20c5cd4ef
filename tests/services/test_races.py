"""Several processes want the same at the same time: each gets it or a clear answer, and nobody is in two groups."""

import time

import pytest
from django.contrib.auth.models import User

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.models import HeldUser, Membership, RefreshRun, UserGroup
from openedx_user_groups.upkeep import drain
from tests.by_api import VERIFIED, a_group, edited, in_mode, leaf, many_learners, member_ids, outcomes, refreshed
from tests.factories import a_learner
from tests.happenings import unenrolls
from tests.services.together import FORK, Raised, apart, names_of
from tests.soundness import assert_sound

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

# A race that only seldom goes wrong is run more than once.
ROUNDS = range(5)


@pytest.fixture
def tracks(scope):
    return api.create_collection(scope, name="Tracks")


def on(group):
    return {"all": [leaf("group_member", "in", groups=[str(group.uuid)])]}


def assert_none_failed(results):
    assert not [each for each in results if isinstance(each, Raised)], results


def test_two_refreshes_of_one_collection(course, scope, tracks):
    groups = [a_group(scope, in_mode(*modes), collection=tracks.uuid) for modes in (["verified"], ["audit", "honor"])]
    verified, audit = many_learners(course, 2_000), many_learners(course, 1_000, "audit")

    results = apart(*[lambda: refreshed(groups[0]).joined, lambda: refreshed(groups[1]).joined] * 2)

    assert set(names_of(results)) <= {"", "RefreshInProgress"}
    assert [member_ids(group) for group in groups] == [set(verified), set(audit)]
    assert sum(RefreshRun.objects.values_list("joined", flat=True)) == 3_000
    assert not RefreshRun.objects.filter(finished=None).exists()
    assert_sound()


def test_an_unenrollment_between_what_a_refresh_reads_and_what_it_writes(course, scope):
    group = a_group(scope, VERIFIED)
    learners = many_learners(course, 300)
    gone = learners[::10]
    has_read, has_happened = FORK.Event(), FORK.Event()

    def refresh():
        def wait(done, total):
            if not done:
                has_read.set()
                has_happened.wait(timeout=120)

        return refreshed(group, progress=wait).joined

    def leave():
        has_read.wait(timeout=120)
        for user in User.objects.filter(pk__in=gone):
            unenrolls(user, course)
        has_happened.set()
        drain.drain()

    results = apart(refresh, leave)

    assert results == [len(learners) - len(gone), None]
    assert member_ids(group) == set(learners) - set(gone)
    assert_sound()


def test_unenrollments_at_any_moment_of_refreshes(course, scope):
    group = a_group(scope, VERIFIED)
    learners = many_learners(course, 400)

    def refresh():
        for _ in range(12):
            api.refresh(group.uuid, users=learners)

    def leave(users):
        for user in User.objects.filter(pk__in=users):
            unenrolls(user, course)
            drain.drain()

    results = apart(refresh, lambda: leave(learners[:25]), lambda: leave(learners[25:50]))

    assert_none_failed(results)
    drain.drain()
    assert member_ids(group) == set(learners[50:])
    assert refreshed(group).outcome == "nothing"
    assert_sound()


def test_two_assignments_of_one_user_to_two_groups_of_a_collection(course, scope, tracks):
    groups = [a_group(scope, collection=tracks.uuid) for _ in range(4)]
    ana = a_learner(course)

    for _ in ROUNDS:
        results = apart(*[lambda group=group: outcomes(api.add_members(group.uuid, [ana.pk])) for group in groups])

        assert_none_failed(results)
        assert Membership.objects.filter(user=ana).count() == 1
    assert {told for (told,) in results} <= {"added", "moved", "already_in"}
    assert_sound()


def test_the_last_place_of_a_group(course, scope):
    collection = api.create_collection(scope, name="Teams", kind="self")
    group = a_group(scope, collection=collection.uuid, size_limit=2)
    learners = [a_learner(course).pk for _ in range(8)]
    api.join_group(group.uuid, learners.pop())

    results = apart(*[lambda pk=pk: api.join_group(group.uuid, pk) for pk in learners])

    assert names_of(results) == ["", *["GroupFull"] * 6]
    assert all("choose another group" in each.message for each in results if isinstance(each, Raised))
    assert api.count_members(group.uuid) == 2
    assert_sound()


def test_a_cycle_made_from_both_ends(scope):
    for _ in ROUNDS:
        one, other = a_group(scope, VERIFIED), a_group(scope, VERIFIED)

        results = apart(
            lambda one=one, other=other: edited(one, rule=on(other)).revision,
            lambda one=one, other=other: edited(other, rule=on(one)).revision,
        )

        assert names_of(results) == ["", "InvalidGroup"], results
        (refused,) = [each for each in results if isinstance(each, Raised)]
        assert "built on itself" in refused.message


def test_a_group_is_moved_while_its_collection_is_refreshed(course, scope, tracks):
    first = a_group(scope, VERIFIED, collection=tracks.uuid)
    moved = a_group(scope, in_mode("verified", "audit"))
    verified, audit = many_learners(course, 1_000), many_learners(course, 1_000, "audit")
    refreshed(moved)

    results = apart(
        lambda: api.refresh(first.uuid) and None,
        lambda: api.move_group(moved.uuid, collection=tracks.uuid).members,
        lambda: api.refresh(moved.uuid) and None,
    )

    assert set(names_of(results)) <= {"", "RefreshInProgress"}
    assert results[1] == 2_000
    drain.drain()
    assert (member_ids(first), member_ids(moved)) == (set(verified), set(audit))
    assert api.get_group(moved.uuid).collection_uuid == tracks.uuid
    assert_sound()


def test_a_collection_is_ordered_while_it_is_refreshed(course, scope, tracks):
    groups = [a_group(scope, in_mode("verified", "audit"), collection=tracks.uuid) for _ in range(2)]
    learners = many_learners(course, 1_000)
    has_read, has_happened = FORK.Event(), FORK.Event()

    def refresh():
        def wait(done, total):
            if not done and not has_happened.is_set():
                has_read.set()
                has_happened.wait(timeout=120)

        return refreshed(groups[0], progress=wait).outcome

    def order():
        has_read.wait(timeout=120)
        api.order_collection(tracks.uuid, [groups[1].uuid, groups[0].uuid])
        has_happened.set()

    results = apart(refresh, order)

    assert results == ["superseded", None]
    drain.drain()
    assert [member_ids(group) for group in groups] == [set(), set(learners)]
    assert_sound()


def test_a_group_is_archived_while_another_one_is_built_on_it(scope):
    for _ in ROUNDS:
        base, above = a_group(scope, VERIFIED), a_group(scope, VERIFIED)

        results = apart(
            lambda base=base: api.archive_group(base.uuid).status,
            lambda base=base, above=above: edited(above, rule=on(base)).revision,
        )

        is_archived = api.get_group(base.uuid).status == "archived"
        assert names_of(results) == (["", ""] if is_archived else ["", "GroupInUse"])
        if is_archived:
            # It was archived first; what is built on it afterwards is told of that when it is edited, not torn away.
            assert isinstance(results[1], int)


def test_two_workers_keep_one_generated_collection(course, scope):
    a_learner(course, "audit")
    collection = api.create_generated_collection(scope, name="Tracks", criterion="enrollment_mode")
    for mode in ("verified", "honor", "professional"):
        a_learner(course, mode)

    results = apart(*[lambda: api.keep_generated(collection.uuid)] * 4)

    assert_none_failed(results)
    choices = sorted(UserGroup.objects.filter(collection__uuid=collection.uuid).values_list("choice", flat=True))
    assert len(choices) == len(set(choices))
    assert {"audit", "verified", "honor", "professional"} <= set(choices)


def test_one_approves_and_another_one_discards(course, scope):
    for _ in ROUNDS:
        group = a_group(scope, VERIFIED)
        CourseEnrollment.objects.update(mode="audit")
        learners = many_learners(course, 40)
        refreshed(group)
        CourseEnrollment.objects.filter(user__in=learners[:30]).update(mode="audit")
        held = refreshed(group)
        assert held.outcome == "held"

        results = apart(
            lambda held=held: api.approve_refresh(held.uuid), lambda held=held: api.discard_refresh(held.uuid)
        )

        assert names_of(results) == ["", "WrongStatus"]
        is_approved = results[0] is None
        assert member_ids(group) == set(learners[30:] if is_approved else learners)
        assert api.get_group(group.uuid).status == ("active" if is_approved else "paused")
        assert not HeldUser.objects.exists()


def test_a_group_is_deleted_while_people_are_put_into_it(course, scope, tracks):
    doomed, by_rule = a_group(scope, collection=tracks.uuid), a_group(scope, VERIFIED, collection=tracks.uuid)
    learners = many_learners(course, 300)

    def add():
        for start in range(0, 300, 20):
            api.add_members(doomed.uuid, learners[start : start + 20])

    results = apart(add, lambda: time.sleep(0.2) or api.delete_group(doomed.uuid))

    assert results[1] is None
    assert set(names_of(results)) <= {"", "GroupNotFound", "WrongStatus"}
    drain.drain()
    assert not Membership.objects.filter(collection__uuid=tracks.uuid).exclude(group__uuid=by_rule.uuid).exists()
    refreshed(by_rule)
    assert member_ids(by_rule) == set(learners)
