"""The tasks in a real worker behind a real broker."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from celery import Celery

from openedx.core.djangoapps.waffle_utils.models import WaffleFlagCourseOverrideModel, WaffleFlagOrgOverrideModel
from openedx_user_groups.models import RefreshRun
from openedx_user_groups.toggles import NAME
from tests.factories import a_course, a_learner, scope_of_course
from tests.groups import VERIFIED, a_group, member_ids, row_of

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

CHECKOUT = Path(__file__).resolve().parents[2]
BROKER = os.environ.get("BROKER") or "redis://127.0.0.1:6379/5"
QUEUE = f"user_groups_test_{os.getpid()}"


@pytest.fixture
def send(environment, tmp_path):
    """Sends a task by its name, as the platform does, to a worker that lives as long as the test."""
    log = tmp_path / "worker.log"
    # Tasks that tasks send go to the usual queue.
    options = f"--pool prefork --concurrency 1 --queues {QUEUE},celery --loglevel INFO --logfile {log}"
    command = [sys.executable, "-m", "celery", "-A", "tests.sandbox.celery", "worker", *options.split()]
    settings = {**environment, "BROKER": BROKER, "OPENBLAS_NUM_THREADS": "1"}
    with Celery("sender", broker=BROKER) as sender:
        with subprocess.Popen(command, cwd=CHECKOUT, env=settings, stderr=subprocess.PIPE, text=True) as worker:
            eventually(lambda: log.exists() and " ready." in log.read_text(), "The worker does not start.", log)
            try:
                yield lambda name, *ids: sender.send_task(f"openedx_user_groups.tasks.{name}", args=ids, queue=QUEUE)
            finally:
                worker.terminate()
                worker.communicate(timeout=60)
        sender.control.purge()


def eventually(true, otherwise, log=None):
    """Wait for half a minute until something is true."""
    pause = threading.Event()
    for _ in range(300):
        if true():
            return
        pause.wait(0.1)
    pytest.fail(otherwise + (f"\n{log.read_text()}" if log is not None and log.exists() else ""))


def override(course, choice):
    WaffleFlagCourseOverrideModel.objects.create(
        waffle_flag=NAME, course_id=course.id, override_choice=choice, enabled=True
    )


def test_a_worker_refreshes_a_collection_users_and_a_scope(send):
    course = a_course()
    group = row_of(a_group(scope_of_course(course), VERIFIED))
    first = a_learner(course, "verified")
    send("refresh_collection", group.collection_id)
    eventually(lambda: member_ids(group) == {first.pk}, "The collection is not refreshed.")

    second, third = a_learner(course, "verified"), a_learner(course, "verified")
    send("refresh_users", group.scope_id, [second.pk])
    eventually(lambda: member_ids(group) == {first.pk, second.pk}, "The user is not refreshed.")

    send("refresh_scope", group.scope_id)
    eventually(lambda: third.pk in member_ids(group), "The scope is not refreshed.")


def test_the_switch_works_in_a_worker_and_a_change_is_seen_at_the_next_task(send):
    course, other = a_course(), a_course("course-v1:Other+A1+2026")
    group, elsewhere = (row_of(a_group(scope_of_course(each), VERIFIED)) for each in (course, other))
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
