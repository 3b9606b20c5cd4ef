"""Whatever happens at the same time, a user is in one group of a collection, and nothing is lost."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.exceptions import DuplicateName, RefreshInProgress, StaleRevision
from openedx_user_groups.models import GroupCollection, GroupCriterion, Membership, PastMembership, RefreshRun, Revision
from tests.by_api import VERIFIED, a_group, edited, in_mode, many_learners, member_ids, outcomes, refreshed, row_of
from tests.services.together import together

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def pair(scope):
    """Two static groups that exclude each other."""
    collection = api.create_collection(scope, name="Exclusive")
    return [a_group(scope, collection=collection.uuid) for _ in range(2)]


def assert_sound():
    """What holds always of the stored rows."""
    rows = list(Membership.objects.select_related("group").all())
    assert len({(row.collection_id, row.user_id) for row in rows}) == len(rows)
    assert all(row.collection_id == row.group.collection_id for row in rows)


def test_of_two_refreshes_at_once_one_does_it_and_the_other_finds_it_done_or_in_progress(course, scope):
    group = a_group(scope, VERIFIED)
    learners = many_learners(course, 6_000)

    results = together(*[lambda: refreshed(group)] * 4)

    assert all(isinstance(one, RefreshInProgress) or one.outcome in ("done", "nothing") for one in results)
    assert sum(getattr(one, "joined", 0) for one in results) == 6_000
    assert member_ids(group) == set(learners)
    assert not PastMembership.objects.exists()
    assert not RefreshRun.objects.filter(finished__isnull=True).exists()
    assert GroupCollection.objects.get(uuid=group.collection_uuid).lease_expires is None


def test_a_user_assigned_to_two_groups_at_once_ends_in_exactly_one(course, pair):
    learners = many_learners(course, 200)

    results = together(
        lambda: api.add_members(pair[0].uuid, learners), lambda: api.add_members(pair[1].uuid, learners[::-1])
    )

    assert sorted(set(outcomes(results[0])) | set(outcomes(results[1]))) == ["added", "moved"]
    assert Membership.objects.count() == 200
    assert sorted(len(member_ids(group)) for group in pair) == [0, 200]
    assert PastMembership.objects.count() == 200
    assert [api.get_group(group.uuid).member_count for group in pair] == [len(member_ids(group)) for group in pair]
    assert_sound()


def test_lists_in_small_pieces_from_many_sides_leave_one_row_each(course, pair):
    learners = many_learners(course, 40)

    def assign(place):
        for start in range(0, 40, 10):
            api.add_members(pair[place % 2].uuid, learners[start : start + 10])

    results = together(*(lambda place=place: assign(place) for place in range(6)))

    assert results == [None] * 6
    assert Membership.objects.count() == 40
    assert [api.get_group(group.uuid).member_count for group in pair] == [len(member_ids(group)) for group in pair]
    assert_sound()


def test_an_assignment_during_a_refresh_wins_over_the_rule(course, scope):
    collection = api.create_collection(scope, name="Exclusive")
    by_rule = a_group(scope, VERIFIED, collection=collection.uuid)
    by_hand = a_group(scope, collection=collection.uuid)
    learners = many_learners(course, 5_500)

    results = together(
        lambda: refreshed(by_rule), *[lambda: api.add_members(by_hand.uuid, learners[-50:] + learners[:50])] * 2
    )

    assert not any(isinstance(result, Exception) for result in results), results
    assert member_ids(by_hand) == {*learners[-50:], *learners[:50]}
    refreshed(by_rule)
    assert member_ids(by_rule) == set(learners[50:-50])
    assert [api.get_group(group.uuid).member_count for group in (by_rule, by_hand)] == [5_400, 100]
    assert_sound()


def test_who_unenrolls_during_a_refresh_is_out_when_their_own_refresh_has_run(course, scope):
    group = a_group(scope, VERIFIED)
    learners = many_learners(course, 5_500)
    begun = threading.Event()

    def refresh():
        return refreshed(group, progress=lambda done, total: begun.set())

    def unenroll():
        begun.wait(timeout=120)
        for users in (learners[:20], learners[-20:]):
            CourseEnrollment.objects.filter(user__in=users).update(is_active=False)
            api.refresh(group.uuid, users=users)

    results = together(refresh, unenroll)

    assert not any(isinstance(result, Exception) for result in results), results
    assert member_ids(group) == set(learners[20:-20])
    assert refreshed(group).outcome == "nothing"
    assert api.get_group(group.uuid).member_count == 5_460


def test_members_can_log_in_while_a_batch_is_being_written(course, scope):
    group = a_group(scope, VERIFIED)
    learners = many_learners(course, 5_500)
    waits = []
    ended = threading.Event()

    def refresh():
        try:
            return refreshed(group)
        finally:
            ended.set()

    def log_in():
        while not ended.is_set():
            began = timezone.now()
            User.objects.filter(pk=learners[0]).update(last_login=began)
            waits.append((timezone.now() - began).total_seconds())

    results = together(refresh, log_in)

    assert results[0].joined == 5_500
    assert waits
    # A refresh holds no lock on accounts; the rest is the machine's.
    assert sorted(waits)[int(len(waits) * 0.9)] < 0.1


def test_of_two_edits_of_one_revision_one_is_stale(scope):
    group = a_group(scope, VERIFIED)

    results = together(
        *(
            lambda mode=mode: api.update_group(group.uuid, revision=1, rule=in_mode(mode), tags=[mode])
            for mode in ("audit", "honor", "professional")
        )
    )

    stale = [one for one in results if isinstance(one, StaleRevision)]
    (kept,) = [one for one in results if one not in stale]
    assert len(stale) == 2
    assert api.get_group(group.uuid) == kept
    assert list(Revision.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3]
    assert (kept.revision, kept.draft_revision, GroupCriterion.objects.count()) == (2, 3, 2)


def test_of_two_groups_with_one_name_one_is_made(scope):
    results = together(*(lambda name=name: api.create_group(scope, name=name) for name in ("Pilot", "PILOT", "pilot")))

    assert sorted(type(one).__name__ for one in results) == ["DuplicateName", "DuplicateName", "GroupData"]
    assert any(isinstance(one, DuplicateName) for one in results)
    assert api.groups_in(scope).count() == 1
    assert GroupCollection.objects.count() == 1


def test_an_edit_during_a_refresh_is_what_counts_in_the_end(course, scope):
    group = a_group(scope, VERIFIED)
    many_learners(course, 5_500)
    audit = many_learners(course, 10, "audit")
    begun = threading.Event()

    def edit():
        begun.wait(timeout=120)
        return edited(group, rule=in_mode("audit"))

    run, _edited = together(lambda: refreshed(group, progress=lambda done, total: begun.set()), edit)

    assert run.outcome in ("superseded", "done")
    if (last := refreshed(group)).outcome == "held":
        # What the first rule has written is no small part of the group.
        api.approve_refresh(last.uuid)
    assert member_ids(group) == set(audit)


KILLED = """
import django, sys, time
django.setup()
from openedx_user_groups import api

def wait(done, total):
    if done:
        print("written", flush=True)
        time.sleep(600)

api.refresh(sys.argv[1], progress=wait)
"""


def test_a_killed_process_leaves_a_prefix_and_the_next_refresh_completes_it(course, scope, environment):
    group = a_group(scope, VERIFIED)
    learners = many_learners(course, 6_000)
    command = [sys.executable, "-c", KILLED, str(group.uuid)]
    with subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "written\n"
        with pytest.raises(RefreshInProgress):
            refreshed(group)
        process.kill()
    assert member_ids(group) == set(learners[:5_000])

    # As if its time were over.
    GroupCollection.objects.update(lease_expires=timezone.now())
    run = refreshed(group)

    assert (run.outcome, run.matched, run.joined) == ("done", 6_000, 1_000)
    assert member_ids(group) == set(learners)
    assert [one.outcome for one in RefreshRun.objects.order_by("pk")] == ["failed", "done"]
    assert row_of(group).member_count == 6_000
