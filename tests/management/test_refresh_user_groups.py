"""The command that brings members into line with the rules."""

from uuid import uuid4

import pytest
from django.test import override_settings

from openedx_user_groups import api
from openedx_user_groups.criteria.registry import temporarily
from openedx_user_groups.models import RefreshRun
from openedx_user_groups.refresh import lease
from tests.by_api import VERIFIED, Answer, Raises, a_group, aged, in_mode, leaf, member_ids, row_of, statements, writes
from tests.factories import a_learner, scope_of_instance
from tests.management.running import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(course):
    return a_learner(course, "verified")


@pytest.mark.parametrize(("which", "cause"), [("--due", "schedule"), ("--all", "request")])
def test_the_run_says_why(scope, which, cause):
    a_group(scope, VERIFIED)

    assert run("refresh_user_groups", which).code == 0

    assert RefreshRun.objects.get().causes == [cause]


def test_a_group_is_refreshed_and_its_run_told(scope, ana):
    group = a_group(scope, VERIFIED, name="Verified")

    ended = run("refresh_user_groups", "--group", group.uuid, "--format", "json")

    (row,) = ended.json
    assert ended.code == 0
    assert row["seconds"] >= 0
    assert row | {"seconds": 0} == {
        "group": "Verified",
        "uuid": str(group.uuid),
        "outcome": "done",
        "matched": 1,
        "joined": 1,
        "left": 0,
        "lost_claims": 0,
        "seconds": 0,
        "error": "",
    }
    assert member_ids(group) == {ana.pk}


@pytest.mark.usefixtures("ana")
def test_text_is_a_table(scope):
    a_group(scope, VERIFIED, name="Verified")

    heading, row = run("refresh_user_groups", "--all").out.splitlines()

    assert heading.split()[:4] == ["Group", "UUID", "Outcome", "Matched"]
    assert row.split()[0] == "Verified"
    assert row.split()[2:6] == ["done", "1", "1", "0"]


@pytest.mark.usefixtures("ana")
def test_all_groups_of_a_collection_are_refreshed_once(scope):
    collection = api.create_collection(scope, name="Tracks")
    first = a_group(scope, VERIFIED, collection=collection.uuid)
    second = a_group(scope, in_mode("audit"), collection=collection.uuid)

    rows = run("refresh_user_groups", "--group", second.uuid, "--format", "json").json

    assert [row["uuid"] for row in rows] == [str(first.uuid), str(second.uuid)]
    assert RefreshRun.objects.count() == 2


def test_all_leaves_out_what_is_not_active_or_has_no_rule(scope):
    a_group(scope)
    api.create_group(scope, name="Draft", rule=VERIFIED)
    api.pause_group(a_group(scope, VERIFIED).uuid)
    active = a_group(scope, VERIFIED)

    assert [row["uuid"] for row in run("refresh_user_groups", "--all", "--format", "json").json] == [str(active.uuid)]


def test_a_scope_is_refreshed_alone(scope):
    here = a_group(scope, VERIFIED)
    a_group(scope_of_instance(), {"all": [leaf("staff_status", "is_true")]})

    rows = run("refresh_user_groups", "--scope", scope.key, "--format", "json").json

    assert [row["uuid"] for row in rows] == [str(here.uuid)]


def test_due_are_groups_never_refreshed_and_those_whose_criteria_have_grown_old(scope):
    daily = a_group(scope, VERIFIED)
    hourly = a_group(scope, {"any": [leaf("last_login", "is_true"), leaf("enrollment_mode", "in", modes=["audit"])]})
    never = a_group(scope, VERIFIED)
    for group in (daily, hourly, never):
        aged(group, hours=1)
    for group in (daily, hourly):
        api.refresh(group.uuid)
    assert [row["uuid"] for row in run("refresh_user_groups", "--due", "--format", "json").json] == [str(never.uuid)]

    for group in (daily, hourly, never):
        aged(group, hours=2)
    assert [group.uuid for group in api.groups_to_refresh(due_only=True)] == [hourly.uuid]
    # Of these only whom time may have changed is looked at.
    assert run("refresh_user_groups", "--due", "--format", "json").json == []
    assert api.groups_to_refresh(due_only=True) == []

    for group in (daily, hourly, never):
        aged(group, hours=25)
    assert len(run("refresh_user_groups", "--due", "--format", "json").json) == 3
    assert run("refresh_user_groups", "--due", "--format", "json").json == []


def test_which_are_due_takes_three_queries_for_any_number_of_groups(scope, django_assert_num_queries):
    for number in range(5):
        a_group(scope, {"all": [leaf("last_login", "is_true"), leaf("date_joined", "within_days", days=number)]})

    with django_assert_num_queries(3):
        assert len(api.groups_to_refresh(due_only=True)) == 5


def test_a_dry_run_says_who_would_join_and_leave_and_writes_nothing(course, scope, ana):
    group = a_group(scope, VERIFIED)
    api.refresh(group.uuid)
    ana.courseenrollment_set.update(mode="audit")
    for _ in range(2):
        a_learner(course, "verified")

    with statements() as sent:
        ended = run("refresh_user_groups", "--all", "--dry-run", "--format", "json")

    (row,) = ended.json
    assert (ended.code, row["outcome"], row["joined"], row["left"]) == (0, "differs", 2, 1)
    assert not writes(sent)
    assert member_ids(group) == {ana.pk}


@pytest.mark.usefixtures("ana")
def test_a_run_that_failed_is_code_1_and_the_others_go_on(scope):
    with temporarily(test__fault=Answer):
        broken = a_group(scope, {"all": [leaf("test.fault", "in")]}, name="Broken")
    sound = a_group(scope, VERIFIED)

    with temporarily(test__fault=Raises):
        ended = run("refresh_user_groups", "--all", "--format", "json")

    assert ended.code == 1
    assert [(row["uuid"], row["outcome"]) for row in ended.json] == [
        (str(broken.uuid), "failed"),
        (str(sound.uuid), "done"),
    ]
    assert "divides by zero" in ended.json[0]["error"]


@pytest.mark.parametrize("dry_run", [[], ["--dry-run"]])
def test_a_scope_where_the_feature_is_off_is_reported(scope, dry_run):
    a_group(scope, VERIFIED)

    with override_settings(OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT=False):
        ended = run("refresh_user_groups", "--all", *dry_run, "--format", "json")

    assert ended.code == 0
    assert [row["outcome"] for row in ended.json] == ["off"]
    assert "user_groups.enable" in ended.json[0]["error"]


def test_a_refresh_in_progress_is_reported(scope):
    group = a_group(scope, VERIFIED)
    lease.acquire(row_of(group).collection_id)

    ended = run("refresh_user_groups", "--all", "--format", "json")

    assert (ended.code, ended.json[0]["outcome"]) == (0, "in_progress")


@pytest.mark.parametrize("rule", [None, VERIFIED])
def test_a_group_that_is_not_refreshed_is_reported(scope, rule):
    group = api.create_group(scope, name="Left alone", rule=rule)

    ended = run("refresh_user_groups", "--group", group.uuid, "--format", "json")

    assert (ended.code, ended.json[0]["outcome"]) == (0, "not_refreshed")


def test_of_a_group_that_is_filled_by_lot_it_is_said_so(scope):
    lots = api.create_collection(scope, name="Lots", kind="random")
    group = api.create_group(scope, name="Red", collection=lots.uuid)

    ended = run("refresh_user_groups", "--group", group.uuid, "--format", "json")

    assert "Chance decides" in ended.json[0]["error"]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--due", "--all"),
        ("--scope", "instance", "--all"),
        ("--group", "no-uuid"),
        ("--group", uuid4()),
        ("--scope", "course-v1:No+Such+Course"),
        ("--all", "--format", "xml"),
    ],
)
def test_wrong_usage_and_unknown_groups_and_scopes_do_not_begin(arguments):
    ended = run("refresh_user_groups", *arguments)

    assert ended.code
    assert ended.out == ""


def test_unknown_groups_and_scopes_are_code_2():
    assert run("refresh_user_groups", "--group", uuid4()).code == 2
    assert run("refresh_user_groups", "--scope", "Nobody").code == 2


def test_a_group_that_was_edited_is_due_at_once(scope):
    group = a_group(scope, VERIFIED)
    aged(group, hours=1)
    api.refresh(group.uuid)
    assert api.groups_to_refresh(due_only=True) == []

    api.update_group(group.uuid, revision=1, name="Another name")

    assert [one.uuid for one in api.groups_to_refresh(due_only=True)] == [group.uuid]
