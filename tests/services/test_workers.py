"""Refreshes in real workers behind a real broker."""

import os
from itertools import pairwise

import pytest
from celery import current_app

from openedx.core.djangoapps.waffle_utils.models import WaffleFlagCourseOverrideModel, WaffleFlagOrgOverrideModel
from openedx_user_groups import api
from openedx_user_groups.models import GroupCollection, Membership, RefreshRun
from openedx_user_groups.platform.toggles import NAME
from openedx_user_groups.refresh.waiting import NOT_REFRESHED
from tests.by_api import VERIFIED, a_group, in_mode, leaf, many_learners, member_ids, row_of
from tests.factories import a_course, a_learner, scope_of_course
from tests.services.criteria import gated, reached
from tests.services.workers import ended, eventually, newest_run

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

MANY = 16_000


@pytest.fixture
def send(queue, start_worker):
    """Sends a task by its name, as the platform does, to a worker."""
    start_worker()
    return lambda name, *ids: current_app.send_task(f"openedx_user_groups.tasks.{name}", args=ids, queue=queue)


def override(course, choice):
    WaffleFlagCourseOverrideModel.objects.create(
        waffle_flag=NAME, course_id=course.id, override_choice=choice, enabled=True
    )


def test_a_worker_refreshes_a_collection_users_and_a_scope(course, scope, send):
    group = row_of(a_group(scope, VERIFIED))
    first = a_learner(course, "verified")
    send("refresh_collection", group.collection_id)
    eventually(lambda: member_ids(group) == {first.pk}, "The collection is not refreshed.")

    second, third = a_learner(course, "verified"), a_learner(course, "verified")
    send("refresh_users", group.scope_id, [second.pk])
    eventually(lambda: member_ids(group) == {first.pk, second.pk}, "The user is not refreshed.")

    send("refresh_scope", group.scope_id)
    eventually(lambda: third.pk in member_ids(group), "The scope is not refreshed.")


def test_the_switch_works_in_a_worker_and_a_change_is_seen_at_the_next_task(course, scope, send):
    other = a_course("course-v1:Other+A1+2026")
    group, elsewhere = (row_of(a_group(where, VERIFIED)) for where in (scope, scope_of_course(other)))
    ana = a_learner(course, "verified")
    WaffleFlagOrgOverrideModel.objects.create(waffle_flag=NAME, org="Acme", override_choice="off", enabled=True)
    send("refresh_collection", group.collection_id)
    # The worker takes one task after the other: when this one is done, the other one was before it.
    send("refresh_collection", elsewhere.collection_id)
    eventually(lambda: RefreshRun.objects.filter(group=elsewhere, outcome="nothing").exists(), "It is not refreshed.")
    assert not RefreshRun.objects.filter(group=group).exists()

    override(course, "on")
    send("refresh_collection", group.collection_id)
    eventually(lambda: member_ids(group) == {ana.pk}, "It is not refreshed after it was switched on.")


def test_what_is_requested_is_done_in_another_process_and_its_progress_is_seen_from_outside(
    course, scope, start_worker, tmp_path
):
    gate = tmp_path / "gate"
    group = a_group(scope, {"all": [gated(gate), *VERIFIED["all"]]})
    learners = many_learners(course, MANY)
    requested = api.request_refresh(group.uuid)
    assert (requested.status, requested.done, requested.total, member_ids(group)) == ("waiting", 0, None, set())
    seen, busy = [], set()
    worker = start_worker()

    def look():
        seen.append(newest_run(group))
        busy.update(worker.busy)
        if busy and 0 < seen[-1].done < MANY:
            # Both have been seen; now the last batch may be written.
            gate.touch()
        return seen[-1].finished

    eventually(look, "The refresh does not end.", worker.log)

    run = seen[-1]
    assert (run.uuid, run.status) == (requested.uuid, "done")
    assert (run.matched, run.joined, run.done, run.total) == (MANY, MANY, MANY, MANY)
    assert member_ids(group) == set(learners)
    assert not busy & {os.getpid(), worker.process.pid}
    running = [each for each in seen if each.status == "running"]
    assert any(0 < each.done < each.total == MANY for each in running), seen
    assert [each.done for each in running] == sorted(each.done for each in running)


def test_requests_while_a_refresh_is_running_become_one_run_that_sees_what_changed_meanwhile(
    course, scope, start_worker, tmp_path
):
    gate = tmp_path / "gate"
    collection = api.create_collection(scope, name="Exclusive").uuid
    group = a_group(scope, VERIFIED, collection=collection)
    # Nobody is in it; a refresh asks it when the members of the other one have been read.
    gate.touch()
    a_group(scope, {"all": [gated(gate, at="everyone"), *in_mode("honor")["all"]]}, collection=collection)
    gate.unlink()
    reached(gate).unlink(missing_ok=True)
    learners = many_learners(course, 6_000)
    worker = start_worker(concurrency=2)
    first = api.request_refresh(group.uuid)
    eventually(reached(gate).exists, "The refresh does not begin.", worker.log)
    # No event tells of them.
    (late,) = many_learners(course, 1)

    second, third = api.request_refresh(group.uuid, cause="first"), api.request_refresh(group.uuid, cause="second")

    assert first.uuid != second.uuid == third.uuid
    assert (third.status, third.causes) == ("waiting", ("first", "second"))
    gate.touch()
    eventually(lambda: ended(group), "The second refresh does not end.", worker.log)
    last, before = api.runs_data(api.runs_of(group.uuid))
    assert (before.uuid, before.outcome, before.joined) == (first.uuid, "done", 6_000)
    assert (last.uuid, last.outcome, last.joined) == (second.uuid, "done", 1)
    assert member_ids(group) == {*learners, late}


def test_two_workers_refresh_one_collection_in_turn(course, scope, start_worker):
    collection = api.create_collection(scope, name="Exclusive")
    first, second = (
        a_group(scope, rule, collection=collection.uuid) for rule in (VERIFIED, in_mode("verified", "audit"))
    )
    verified, audit = many_learners(course, 3_000), many_learners(course, 3_000, "audit")
    workers = [start_worker(concurrency=2), start_worker(concurrency=2)]

    for _ in range(4):
        for group in (first, second):
            api.request_refresh(group.uuid)

    eventually(lambda: ended(first) and ended(second), "The refreshes do not end.", workers[0].log)
    assert (member_ids(first), member_ids(second)) == (set(verified), set(audit))
    assert Membership.objects.count() == 6_000
    runs = RefreshRun.objects.order_by("lease_token")
    assert set(runs.values_list("outcome", flat=True)) <= {"done", "nothing"}
    turns = sorted({(run.lease_token, run.started, run.finished) for run in runs.filter(group__uuid=first.uuid)})
    assert all(before[2] <= after[1] for before, after in pairwise(turns))
    eventually(lambda: GroupCollection.objects.get().lease_expires is None, "The lease is not given back.")


def test_a_criterion_that_hangs_is_ended_and_the_worker_goes_on(course, scope, start_worker, settings):
    settings.OPENEDX_USER_GROUPS_CRITERION_SECONDS = 1
    hanging, sound = a_group(scope, {"all": [leaf("acme.hangs", "is_true")]}), a_group(scope, VERIFIED)
    # No event tells of them, upon which a drain might be the first.
    (ana,), (ben,) = many_learners(course, 1), many_learners(course, 1, "audit")
    api.add_members(hanging.uuid, [ben])
    worker = start_worker(patience=3)

    api.request_refresh(hanging.uuid)
    api.request_refresh(sound.uuid)

    # In whatever order: a drain that comes first does what waits.
    eventually(lambda: ended(hanging) and ended(sound), "The worker hangs.", worker.log)
    run = newest_run(hanging)
    assert run.status == "failed"
    assert "OPENEDX_USER_GROUPS_CRITERION_SECONDS" in run.error
    assert (api.get_group(hanging.uuid).health, member_ids(hanging)) == ("broken", {ben})
    assert (newest_run(sound).outcome, member_ids(sound)) == ("done", {ana})


def test_of_a_group_that_was_deleted_meanwhile_the_request_ends_as_failed(course, scope, start_worker):
    deleted, kept = a_group(scope, VERIFIED), a_group(scope, VERIFIED)
    (ana,) = many_learners(course, 1)
    api.request_refresh(deleted.uuid)
    api.request_refresh(kept.uuid)
    api.delete_group(deleted.uuid)

    worker = start_worker()

    runs = RefreshRun.objects.filter(finished__isnull=False)
    eventually(lambda: runs.count() == 2, "The worker does not go on.", worker.log)
    run = runs.get(group__uuid=deleted.uuid)
    assert (run.outcome, run.error) == ("failed", str(NOT_REFRESHED))
    assert newest_run(kept).outcome == "done"
    assert member_ids(kept) == {ana}
    assert Membership.objects.count() == 1
    assert "ERROR" not in worker.log.read_text()
