"""The command that says whom a rule would hold."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from openedx_user_groups.models import Scope
from tests.by_api import VERIFIED, statements, writes
from tests.factories import a_course, a_learner, a_user
from tests.management.running import run

pytestmark = pytest.mark.django_db

KEY = "course-v1:Acme+A1+2026"
RULE = json.dumps(VERIFIED)


@pytest.fixture
def learners():
    course = a_course(KEY)
    return [a_learner(course, mode) for mode in ("verified", "audit", "verified")]


def test_json_has_population_count_and_sorted_ids(learners):
    ended = run("preview_user_group", "--scope", KEY, "--rule", RULE, "--ids", "--format", "json")

    assert ended.code == 0
    assert ended.json == {"population": 3, "count": 2, "user_ids": sorted([learners[0].pk, learners[2].pk])}
    assert ended.err == ""


@pytest.mark.usefixtures("learners")
def test_json_without_ids_has_the_two_numbers_only():
    assert run("preview_user_group", "--scope", KEY, "--rule", RULE, "--format", "json").json == {
        "population": 3,
        "count": 2,
    }


def test_text_shows_the_counts_of_every_criterion(learners):
    ended = run("preview_user_group", "--scope", KEY, "--rule", RULE, "--ids")

    assert "2 of 3 people match." in ended.out
    assert "/all/0" in ended.out
    assert ended.out.split()[-2:] == [str(pk) for pk in sorted([learners[0].pk, learners[2].pk])]


@pytest.mark.usefixtures("learners")
def test_a_minus_reads_the_rule_from_standard_input():
    ended = run("preview_user_group", "--scope", KEY, "--rule", "-", "--format", "json", stdin=RULE.encode())

    assert ended.json["count"] == 2


def test_organizations_and_the_instance_are_scopes_too():
    course = a_course(KEY)
    a_learner(course, "verified")
    a_user()

    everybody = json.dumps({"none": [{"criterion": "staff_status", "operator": "is_true", "config": {}}]})
    assert run("preview_user_group", "--scope", "Acme", "--rule", everybody, "--format", "json").json["count"] == 1
    assert run("preview_user_group", "--scope", "instance", "--rule", everybody, "--format", "json").json["count"] == 2


@pytest.mark.usefixtures("learners")
def test_nothing_is_written():
    with statements() as sent:
        run("preview_user_group", "--scope", KEY, "--rule", RULE)

    assert sent
    assert not writes(sent)
    assert not Scope.objects.exists()


@pytest.mark.usefixtures("learners")
@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{", "/: It is not JSON"),
        ("[]", "/: It must be an object"),
        ('{"all": []}', "/all: It is empty"),
        ('{"all": [{"criterion": "nonsense", "operator": "in"}]}', "/all/0/criterion: "),
        (
            '{"all": [{"criterion": "enrollment_mode", "operator": "in", "config": {"modes": 7}}]}',
            "/all/0/config/modes",
        ),
        ('{"all": [NaN]}', "NaN is not a number of JSON"),
    ],
)
def test_a_wrong_rule_is_code_2_with_the_path_on_standard_error_only(rule, said):
    ended = run("preview_user_group", "--scope", KEY, "--rule", rule, "--format", "json")

    assert ended.code == 2
    assert ended.out == ""
    assert said in ended.err


@pytest.mark.parametrize("scope", ["course-v1:No+Such+Course", "Nobody", "", "course-v1:", "no\0thing", "Ünïversität"])
def test_an_unknown_scope_is_code_2(scope):
    ended = run("preview_user_group", "--scope", scope, "--rule", RULE)

    assert ended.code == 2
    assert ended.out == ""
    assert "There is no" in ended.err


def test_a_rule_that_is_not_utf_8_is_code_2():
    assert run("preview_user_group", "--scope", "instance", "--rule", "-", stdin=b"\xff\xfe").code == 2


def test_the_exit_code_and_the_streams_of_a_real_process(tmp_path):
    checkout = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}"}
    command = [sys.executable, "manage.py", "preview_user_group", "--scope", "instance", "--format", "json", "--rule"]

    ended = subprocess.run([*command, "{"], cwd=checkout, env=environment, capture_output=True, text=True, check=False)

    assert ended.returncode == 2
    assert ended.stdout == ""
    assert "/: It is not JSON" in ended.stderr
    assert "Traceback" not in ended.stderr
