"""Workers that are killed, stopped or never begin: what they have written stays, and the next refresh does the rest."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from openedx_user_groups import api
from openedx_user_groups.models import GroupCollection, Membership, RefreshRun
from openedx_user_groups.refresh import saying
from tests.by_api import VERIFIED, a_group, many_learners, member_ids, row_of
from tests.services.criteria import gated
from tests.services.workers import CHECKOUT, a_redis, ended, eventually, newest_run

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

LEASE = 4
MANY = 12_000
# The batches before the last one.
WRITTEN = 10_000
DIED = "Its worker stopped before the end; what it had written stays."


@pytest.fixture
def gate(tmp_path):
    """What the last batch of a refresh waits for."""
    return tmp_path / "gate"


def joined():
    """When each member joined."""
    rows = list(Membership.objects.values_list("user_id", "joined_at"))
    assert len(dict(rows)) == len(rows)
    return dict(rows)


def expiry(group):
    return GroupCollection.objects.get(pk=row_of(group).collection_id).lease_expires


def kill_all(worker):
    worker.kill()


def kill_its_process(worker):
    """As the system does when memory runs out; the worker itself goes on with a new process."""
    (busy,) = worker.busy
    os.kill(busy, signal.SIGKILL)
    eventually(lambda: "WorkerLostError" in worker.log.read_text(), "The worker does not notice.", worker.log)


@pytest.mark.parametrize("kill", [kill_all, kill_its_process])
def test_a_killed_worker_leaves_a_prefix_that_the_next_run_completes(course, scope, start_worker, gate, kill):
    group = a_group(scope, {"all": [gated(gate)]})
    learners = many_learners(course, MANY)
    worker = start_worker(lease=LEASE)
    dead = api.request_refresh(group.uuid)
    eventually(lambda: newest_run(group).done == WRITTEN, "The refresh does not begin.", worker.log)

    kill(worker)

    prefix = joined()
    assert set(prefix) == set(learners[:WRITTEN])
    run = newest_run(group)
    assert (run.uuid, run.done, run.finished) == (dead.uuid, WRITTEN, None)
    expires = expiry(group)
    assert expires <= timezone.now() + timedelta(seconds=LEASE)
    eventually(lambda: timezone.now() > expires, "Time stands still.")
    # From now on it cannot be taken for one that is running.
    assert (newest_run(group).status, newest_run(group).error) == ("failed", DIED)

    gate.touch()
    if worker.process.poll() is not None:
        start_worker(lease=LEASE)
    api.request_refresh(group.uuid)
    eventually(lambda: ended(group), "The next refresh does not end.", worker.log)
    run = newest_run(group)
    assert (run.outcome, run.matched, run.joined) == ("done", MANY, MANY - WRITTEN)
    after = joined()
    assert set(after) == member_ids(group) == set(learners)
    assert {user: after[user] for user in prefix} == prefix
    assert api.get_group(group.uuid).member_count == MANY
    first, second = RefreshRun.objects.order_by("requested")
    assert (first.uuid, first.outcome, saying.told(first.error)) == (dead.uuid, "failed", DIED)
    assert second.uuid == run.uuid
    eventually(lambda: expiry(group) is None, "The lease is not given back.")


def test_a_worker_that_is_stopped_finishes_what_it_does(course, scope, start_worker, gate):
    group = a_group(scope, {"all": [gated(gate)]})
    learners = many_learners(course, MANY)
    worker = start_worker()
    api.request_refresh(group.uuid)
    eventually(lambda: newest_run(group).done, "The refresh does not begin.", worker.log)

    worker.ask_to_stop()
    # It answers no more: it has begun to end.
    eventually(lambda: not worker.busy, "The worker does not notice.", worker.log)
    gate.touch()
    assert worker.process.wait(timeout=120) == 0

    assert (newest_run(group).outcome, newest_run(group).joined) == ("done", MANY)
    assert member_ids(group) == set(learners)
    assert expiry(group) is None


def test_what_a_dead_worker_never_began_is_done_by_the_refresh_of_what_is_due(course, scope, start_worker, gate):
    begun, never_begun = a_group(scope, {"all": [gated(gate)]}, "Begun"), a_group(scope, VERIFIED, "Never begun")
    learners = many_learners(course, MANY)
    worker = start_worker(lease=LEASE)
    api.request_refresh(begun.uuid)
    requested = api.request_refresh(never_begun.uuid)
    eventually(lambda: newest_run(begun).done, "The refresh does not begin.", worker.log)
    worker.kill()
    assert newest_run(never_begun) == requested
    gate.touch()

    call_command("refresh_user_groups", "--due")

    run = newest_run(never_begun)
    assert (run.uuid, run.outcome, run.joined) == (requested.uuid, "done", MANY)
    assert member_ids(never_begun) == set(learners)


def test_without_a_broker_a_request_waits_for_the_refresh_of_what_is_due(course, scope, environment):
    group = a_group(scope, VERIFIED)
    learners = many_learners(course, 10)
    with a_redis() as broker:
        pass
    script = "import django, sys; django.setup(); from openedx_user_groups import api; api.request_refresh(sys.argv[1])"

    asked = subprocess.run(
        [sys.executable, "-c", script, str(group.uuid)],
        cwd=CHECKOUT,
        env={**environment, "BROKER": broker},
        capture_output=True,
        text=True,
        timeout=180,
    )

    assert asked.returncode == 0, asked.stderr
    assert "the broker does not answer" in asked.stderr
    waiting = newest_run(group)
    assert (waiting.status, member_ids(group)) == ("waiting", set())
    call_command("refresh_user_groups", "--due")
    assert (newest_run(group).uuid, newest_run(group).outcome) == (waiting.uuid, "done")
    assert member_ids(group) == set(learners)
