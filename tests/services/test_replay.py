"""The stream of events with real workers, left alone and in the middle of chaos."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from tests.services.workers import CHECKOUT

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def play(environment):
    """Plays in a process of its own, on the database of the test, and returns the report."""

    def play(*arguments):
        command = [sys.executable, "manage.py", "replay_oulad", *map(str, arguments), "--format", "json"]
        # It has a broker of its own, which it can stop.
        own = {name: value for name, value in environment.items() if name not in ("BROKER", "CELERY_BROKER_URL")}
        # Nothing of this process is to be cut.
        connection.close()
        ended = subprocess.run(command, cwd=CHECKOUT, env=own, capture_output=True, text=True, timeout=900, check=False)
        assert ended.stdout, ended.stderr
        return json.loads(ended.stdout)

    return play


def test_nothing_is_lost_in_chaos(play):
    report = play("--people", 300, "--points", 2, "--minutes", 1, "--chaos", "--seed", 1)

    assert report["problems"] == []
    assert set(report["figures"]["chaos"]) == {"kill_a_worker", "stop_the_broker", "cut_connections"}


@pytest.mark.oulad
def test_workers_keep_up_with_a_module_of_the_dataset(play):
    folder = os.environ.get("OPENEDX_USER_GROUPS_OULAD")
    assert folder, "OPENEDX_USER_GROUPS_OULAD must name the folder of the dataset."

    report = play(Path(folder).resolve(), "--module", "AAA", "--minutes", 1)

    assert report["problems"] == []
    assert report["events"] > 2_000
    assert report["figures"]["members"] > 150
    assert report["figures"]["past_members"] > 150
