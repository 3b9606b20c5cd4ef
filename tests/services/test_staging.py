"""Ids from outside the database, with several processes at work: none sees what another has kept, or left behind."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from openedx_user_groups.criteria import registry
from openedx_user_groups.models import Stage, StagedUser
from openedx_user_groups.population.staging import BATCH, staging, sweep
from tests.by_api import a_group, many_learners, member_ids, refreshed
from tests.factories import a_course, scope_of_course
from tests.failing import RULE, gives
from tests.services.together import together

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

CHECKOUT = Path(__file__).resolve().parents[2]
# A worker that is killed after it has kept two batches of ids.
KILLED = """
import os, signal, django
django.setup()
from openedx_user_groups.population.staging import BATCH, staging

def ids():
    yield from range(1, 2 * BATCH + 1)
    os.kill(os.getpid(), signal.SIGKILL)

with staging() as stage:
    stage.put(ids())
"""


def test_evaluations_at_the_same_time_do_not_see_each_others_ids() -> None:
    everybody_has_kept_some = threading.Barrier(4)

    def evaluate(first: int) -> list[int]:
        def ids() -> Iterator[int]:
            yield from range(first, first + BATCH)
            everybody_has_kept_some.wait(timeout=120)
            yield first + BATCH

        with staging() as stage:
            return sorted(stage.put(ids()).values_list("user_id", flat=True))

    # They overlap, so that one that saw another's would have too many.
    starts = [1, 2, BATCH, 2]
    found = together(*[lambda first=first: evaluate(first) for first in starts])

    assert found == [list(range(first, first + BATCH + 1)) for first in starts]
    assert not StagedUser.objects.exists()
    assert not Stage.objects.exists()


def test_groups_that_are_refreshed_at_the_same_time_get_their_own_members() -> None:
    course = a_course()
    learners = many_learners(course, 3_000)
    halves = learners[:2_000], learners[1_000:]
    scope = scope_of_course(course)
    with registry.temporarily(acme__first=gives(lambda: halves[0]), acme__second=gives(lambda: halves[1])):
        names = ("acme.first", "acme.second")
        groups = [a_group(scope, {"all": [{"criterion": name, "operator": "in", "config": {}}]}) for name in names]
        runs = together(*[lambda group=group: refreshed(group) for group in groups])

        assert [run.outcome for run in runs] == ["done", "done"]
        assert [member_ids(group) for group in groups] == [set(half) for half in halves]
    assert not StagedUser.objects.exists()


def test_what_a_killed_worker_has_left_harms_nobody_and_is_swept(environment) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED], cwd=CHECKOUT, env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert StagedUser.objects.count() == 2 * BATCH
    course = a_course()
    (learner,) = many_learners(course, 1)
    with registry.temporarily(acme__asked=gives(lambda: [learner])):
        group = a_group(scope_of_course(course), RULE)

        refreshed(group)
        assert member_ids(group) == {learner}
        assert StagedUser.objects.count() == 2 * BATCH

        Stage.objects.update(created=timezone.now() - timedelta(days=2))
        refreshed(group)
    assert not StagedUser.objects.exists()
    assert not Stage.objects.exists()


def test_several_may_sweep_at_the_same_time() -> None:
    for _worker in range(3):
        stage = Stage.objects.create()
        StagedUser.objects.bulk_create(StagedUser(stage=stage, leaf=1, user_id=pk) for pk in range(1, 2_001))
    Stage.objects.update(created=timezone.now() - timedelta(days=2))

    def evaluate() -> int:
        with staging() as stage:
            return stage.put(range(1, 101)).count()

    assert together(*[evaluate] * 4) == [100] * 4
    sweep()
    assert not StagedUser.objects.exists()
    assert not Stage.objects.exists()
