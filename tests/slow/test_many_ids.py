"""Ten million ids from outside the database: refused or taken as the setting says, without ever being in memory."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).resolve().parents[2]
# Stages a number of ids, and prints what became of it.
SCRIPT = """
import json, resource, sys
import django
django.setup()
from django.conf import settings
from openedx_user_groups.exceptions import CriterionFailed
from openedx_user_groups.models import StagedUser
from openedx_user_groups.population.staging import staging

number, settings.OPENEDX_USER_GROUPS_MAX_STAGED_IDS = map(int, sys.argv[1:])
kilobytes = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with staging() as stage:
    stage.put([1])
before, said, kept = kilobytes(), "", 0
try:
    with staging() as stage:
        kept = stage.put(number - place for place in range(number)).count()
except CriterionFailed as error:
    said = error.message
print(json.dumps({"kept": kept, "said": said, "left": StagedUser.objects.count(),
                  "megabytes": (kilobytes() - before) / 1024}))
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    database = tmp_path_factory.mktemp("many") / "many.sqlite3"
    here = {"DATABASE_URL": f"sqlite:///{database}", "DJANGO_SETTINGS_MODULE": "tests.sandbox.settings"}
    environment = {**os.environ, **here}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=CHECKOUT, env=environment, check=True)
    return environment


def staged(environment: dict[str, str], number: int, limit: int) -> dict[str, Any]:
    command = [sys.executable, "-c", SCRIPT, str(number), str(limit)]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_hundred_thousand_are_kept(environment) -> None:
    found = staged(environment, 100_000, 5_000_000)

    assert (found["kept"], found["left"], found["said"]) == (100_000, 0, "")


def test_ten_million_are_refused_by_default_and_nothing_is_left(environment) -> None:
    found = staged(environment, 10_000_000, 5_000_000)

    assert found["said"].startswith("user_ids() gives more than 5,000,000 ids")
    assert found["left"] == 0
    assert found["megabytes"] < 100


def test_ten_million_are_taken_where_the_setting_allows_them(environment) -> None:
    found = staged(environment, 10_000_000, 10_000_000)

    assert (found["kept"], found["left"], found["said"]) == (10_000_000, 0, "")
    assert found["megabytes"] < 100
