"""The benchmark runs as documented, and a refresh of a large group stays small."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).resolve().parents[2]
# name, milliseconds, "1.23 x as long" or nothing, megabytes, queries, result
LINE = re.compile(r"^(fill|same|churn|one user) +(.+?) +[\d.]+ +(?:[\d.]+ x as long +)?([\d.]+) +(\d+)  ?(.*)$", re.M)


def manage(database: Path, *arguments: str) -> str:
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{database}"}
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_quarter_million_members_are_compared_with_every_floor_and_refreshed_in_60_mb(tmp_path: Path) -> None:
    database = tmp_path / "bench.sqlite3"
    manage(database, "migrate", "--verbosity", "0")

    printed = manage(database, "bench", "--only", "refresh", "--learners", "460000", "--repetitions", "1")

    report = {(work, way): (float(mb), int(n), result) for work, way, mb, n, result in LINE.findall(printed)}
    assert set(report) == {
        ("fill", "refresh"),
        ("fill", "INSERT ... SELECT"),
        ("same", "refresh"),
        ("same", "SELECT ids"),
        ("same", "delete and insert all"),
        ("churn", "refresh"),
        ("churn", "SELECT ids"),
        ("one user", "refresh"),
    }
    # The churn has left one learner in a hundred of them logged in.
    assert 230_000 < int(report["same", "SELECT ids"][2]) < 260_000
    assert report["fill", "refresh"][2] == f"+{report['fill', 'INSERT ... SELECT'][2]} -0"
    assert report["same", "refresh"][2] == "+0 -0"
    for work in ("fill", "same", "churn"):
        assert report[work, "refresh"][0] < 60, work
    # As many queries as in a small course.
    assert report["same", "refresh"][1] < 35
    assert report["one user", "refresh"][1] < 20
