"""Rules over real learners give exactly the answers that plain Python finds in the dataset's files."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from openedx_user_groups import api
from openedx_user_groups.criteria.builtin.random_share import PRIME, place_of
from openedx_user_groups.evaluation.answers import Answers
from openedx_user_groups.evaluation.definition import load
from openedx_user_groups.models import UserGroup
from tests.by_api import a_group, leaf, member_ids, refreshed
from tests.management.running import run
from tests.oulad.answers import learners

pytestmark = [pytest.mark.oulad, pytest.mark.django_db]

RUN = ("FFF", "2013J")
LATER = ("FFF", "2014J")
KEY = "course-v1:OULAD+FFF+2013J"
BATCH = 5_000


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def since(instant, text):
    return instant is not None and instant >= at(text)


def until(instant, text):
    return instant is not None and instant < at(text)


def grade(learner):
    return learner.runs[RUN].grade


# Scope, rule, and the same question in Python about a learner of the scope's population.
RULES = {
    "verified learners": (
        KEY,
        {"all": [leaf("enrollment_mode", "in", modes=["verified"])]},
        lambda x: x.runs[RUN].mode == "verified",
    ),
    "verified and failing, or without a grade": (
        KEY,
        {
            "all": [
                leaf("enrollment_mode", "in", modes=["verified"]),
                {"none": [leaf("course_grade", ">=", percent=40)]},
            ]
        },
        lambda x: x.runs[RUN].mode == "verified" and (grade(x) is None or grade(x) < 40),
    ),
    "grade within bounds, ends included": (
        KEY,
        {"all": [leaf("course_grade", "between", percent=[40, 60])]},
        lambda x: grade(x) is not None and 40 <= grade(x) <= 60,
    ),
    "a random third": (
        KEY,
        {"all": [leaf("random_share", "between", percent=[33.3, 66.6], seed="OULAD")]},
        lambda x: 33.3 <= place_of(x.id, "OULAD") * 100 / PRIME < 66.6,
    ),
    "a grade that fractions decide": (
        KEY,
        {"any": [leaf("course_grade", "<", percent=29), leaf("course_grade", ">", percent=82.5)]},
        lambda x: grade(x) is not None and (grade(x) < 29 or grade(x) > 82.5),
    ),
    "passed without a certificate, or the other way round": (
        KEY,
        {
            "any": [
                {"all": [leaf("course_passed", "is_true"), leaf("certificate", "is_false")]},
                {"all": [leaf("course_passed", "is_false"), leaf("certificate", "is_true")]},
            ]
        },
        lambda x: (grade(x) is not None and grade(x) >= 40) != x.runs[RUN].certified,
    ),
    "neither logged in nor graded nor certified": (
        KEY,
        {
            "none": [
                leaf("last_login", "is_true"),
                leaf("course_grade", ">=", percent=0),
                leaf("certificate", "is_true"),
            ]
        },
        lambda x: x.last_login is None and grade(x) is None and not x.runs[RUN].certified,
    ),
    "educated women outside the middle, four levels deep": (
        KEY,
        {
            "all": [
                leaf("gender", "in", values=["f"]),
                {
                    "any": [
                        leaf("level_of_education", "in", values=["b", "m"]),
                        {"none": [leaf("course_grade", "<", percent=80), {"all": [leaf("certificate", "is_false")]}]},
                    ]
                },
            ]
        },
        lambda x: (
            x.gender == "f"
            and (
                x.education in ("b", "m") or not ((grade(x) is not None and grade(x) < 80) or not x.runs[RUN].certified)
            )
        ),
    ),
    "enrolled in September": (
        KEY,
        {
            "all": [
                leaf("enrollment_date", "on_or_after", date="2013-09-01"),
                leaf("enrollment_date", "before", date="2013-10-01T00:00:00Z"),
            ]
        },
        lambda x: since(x.runs[RUN].created, "2013-09-01") and until(x.runs[RUN].created, "2013-10-01"),
    ),
    "from the south, whatever the case": (
        KEY,
        {"all": [leaf("user_field", "starts_with", field="city", value="sOUTH")]},
        lambda x: x.region.lower().startswith("south"),
    ),
    "in one course of the organization and not in the other": (
        "OULAD",
        {
            "all": [
                leaf("enrolled_in_course", "in", course_keys=[KEY]),
                leaf("enrolled_in_course", "not_in", course_keys=["course-v1:OULAD+FFF+2014J"]),
            ]
        },
        lambda x: RUN in x.active and LATER not in x.active,
    ),
    "certified anywhere on the verified track, or verified and gone": (
        "OULAD",
        {
            "any": [
                leaf("certificate", "is_true", modes=["verified"]),
                {
                    "all": [
                        leaf("enrollment_mode", "in", modes=["verified"]),
                        leaf("last_login", "before", date="2014-01-01"),
                    ]
                },
            ]
        },
        lambda x: (
            any(run.certified and run.mode == "verified" for run in x.runs.values())
            or (any(run.mode == "verified" for run in x.active.values()) and until(x.last_login, "2014-01-01"))
        ),
    ),
    "on no verified track and without a certificate": (
        "OULAD",
        {"none": [leaf("enrollment_mode", "in", modes=["verified"]), leaf("certificate", "is_true")]},
        lambda x: (
            not any(run.mode == "verified" for run in x.active.values())
            and not any(run.certified for run in x.runs.values())
        ),
    ),
    "men seen since December": (
        "instance",
        {"all": [leaf("gender", "not_in", values=["f"]), leaf("last_login", "on_or_after", date="2014-12-01")]},
        lambda x: x.gender == "m" and since(x.last_login, "2014-12-01"),
    ),
    "long registered and never seen": (
        "instance",
        {"all": [leaf("date_joined", "before", date="2013-02-01"), leaf("last_login", "is_false")]},
        lambda x: until(x.date_joined, "2013-02-01") and x.last_login is None,
    ),
    "by the digits of the user name": (
        "instance",
        {
            "all": [
                leaf("user_field", "ends_with", field="username", value="7"),
                leaf("user_field", "not_contains", field="username", value="11"),
                leaf("email_domain", "in", domains=["EXAMPLE.com"]),
                leaf("staff_status", "is_false"),
            ]
        },
        lambda x: x.username.endswith("7") and "11" not in x.username,
    ),
    "enrolled in none of two courses": (
        "instance",
        {"none": [leaf("enrolled_in_course", "in", course_keys=[KEY, "course-v1:OULAD+FFF+2014J"])]},
        lambda x: RUN not in x.active and LATER not in x.active,
    ),
}
POPULATIONS = {KEY: lambda x: RUN in x.active, "OULAD": lambda x: bool(x.active), "instance": lambda x: True}


@pytest.fixture(scope="module")
def folder():
    name = os.environ.get("OPENEDX_USER_GROUPS_OULAD")
    assert name, "OPENEDX_USER_GROUPS_OULAD must name the folder of the dataset."
    return Path(name)


@pytest.fixture(scope="module")
def everybody(folder):
    return learners(folder)


@pytest.fixture(scope="module", autouse=True)
def _loaded(django_db_setup, django_db_blocker, folder):
    """The dataset is loaded once, and gone after the last test."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_oulad", folder)
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", RULES)
def test_the_answers_are_those_of_plain_python(everybody, name):
    scope, rule, question = RULES[name]
    population = [learner for learner in everybody.values() if POPULATIONS[scope](learner)]
    expected = sorted(learner.id for learner in population if question(learner))
    assert 0 < len(expected) < len(population), "A rule for everybody or nobody would show little."

    previewed = run("preview_user_group", "--scope", scope, "--rule", json.dumps(rule), "--ids", "--format", "json")
    assert previewed.json == {"population": len(population), "count": len(expected), "user_ids": expected}

    group = a_group(api.scope_of(scope), rule)
    refresh = refreshed(group)
    assert (refresh.outcome, refresh.matched, refresh.joined) == ("done", len(expected), len(expected))
    assert sorted(member_ids(group)) == expected
    assert refreshed(group).outcome == "nothing"

    assert sorted(one_by_one(group, sorted(everybody))) == expected


def one_by_one(group, users):
    """The same rule asked of given users, a batch at a time."""
    (definition,) = load(UserGroup.objects.filter(uuid=group.uuid))
    now = timezone.now()
    for start in range(0, len(users), BATCH):
        yield from Answers(users[start : start + BATCH], now).matching(definition)


def test_the_dataset_is_complete(everybody):
    assert len(everybody) == 28_785
    assert sum(len(learner.runs) for learner in everybody.values()) == 32_593
