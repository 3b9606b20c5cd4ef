"""The command that says where stored members and plugins are not what they should be."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.criteria.registry import temporarily
from openedx_user_groups.models import Change, UserGroup
from openedx_user_groups.outbox import store
from openedx_user_groups.refresh import lease
from tests.by_api import (
    VERIFIED,
    Answer,
    a_group,
    aged,
    in_mode,
    leaf,
    many_learners,
    member_ids,
    row_of,
    statements,
    writes,
)
from tests.factories import a_learner, scope_of_instance
from tests.management.running import run

pytestmark = pytest.mark.django_db


class Waits(Answer):
    """A criterion that waits for an event that nobody sends, a model that is not there and some that are."""

    updated_by = {
        "org.example.never.v1": "user.id",
        "nowhere.Model": "id",
        "auth.User": "id",
        "org.openedx.learning.auth.session.login.completed.v1": "user.id",
    }
    columns = {"auth.User": ["email", "shoe_size"], "nowhere.Model": ["size"]}


def test_without_a_difference_the_code_is_0(course, scope):
    a_learner(course, "verified")
    api.refresh(a_group(scope, VERIFIED).uuid)

    ended = run("check_user_groups")

    assert ended.code == 0
    assert "1 of 1 groups are as their rules want them." in ended.out


def test_who_is_missing_and_who_should_not_be_there_is_told(course, scope):
    group = a_group(scope, VERIFIED, name="Verified")
    ana, ben = a_learner(course, "verified"), a_learner(course, "audit")
    api.refresh(group.uuid)
    ana.courseenrollment_set.update(mode="audit")
    ben.courseenrollment_set.update(mode="verified")

    ended = run("check_user_groups", "--group", group.uuid, "--format", "json")

    assert ended.code == 1
    assert ended.json["groups"] == [
        {
            "group": "Verified",
            "uuid": str(group.uuid),
            "missing": 1,
            "surplus": 1,
            "missing_ids": [ben.pk],
            "surplus_ids": [ana.pk],
            "error": "",
        }
    ]
    text = run("check_user_groups", "--scope", scope.key).out
    assert f"+{ben.pk}" in text
    assert f"-{ana.pk}" in text


def test_only_the_first_ids_are_shown(course, scope):
    a_group(scope, VERIFIED)
    for _ in range(12):
        a_learner(course, "verified")

    (group,) = run("check_user_groups", "--format", "json").json["groups"]

    assert group["missing"] == 12
    assert len(group["missing_ids"]) == 10


def test_nothing_is_written(course, scope):
    group = a_group(scope, VERIFIED)
    a_learner(course, "verified")

    with statements() as sent:
        run("check_user_groups")

    assert sent
    assert not writes(sent)
    assert not member_ids(group)


def test_other_scopes_are_left_out(scope):
    here = a_group(scope, VERIFIED)
    a_group(scope_of_instance(), {"all": [leaf("staff_status", "is_true")]})

    found = run("check_user_groups", "--scope", scope.key, "--format", "json").json

    assert [group["uuid"] for group in found["groups"]] == [str(here.uuid)]


def test_every_collection_is_evaluated_once(course, scope):
    collection = api.create_collection(scope, name="Tracks")
    for modes in (["verified"], ["audit"], ["honor"]):
        a_group(scope, in_mode(*modes), collection=collection.uuid)
    a_learner(course, "verified")

    with statements() as sent:
        found = run("check_user_groups", "--format", "json").json

    assert [group["missing"] for group in found["groups"]] == [1, 0, 0]
    assert sum("student_courseenrollment" in sql and "openedx" not in sql for sql in sent) <= 4


@pytest.mark.parametrize("active", [True, False])
def test_a_criterion_that_no_package_offers_any_more_is_told_with_its_groups(scope, active):
    with temporarily(test__gone=Answer):
        group = a_group(scope, {"all": [leaf("test.gone", "in")]}, name="Left behind")
    if not active:
        api.pause_group(group.uuid)

    ended = run("check_user_groups", "--format", "json")

    assert ended.code == 1
    assert ended.json["unknown_criteria"] == {"test.gone": [str(group.uuid)]}
    assert [bool(one["error"]) for one in ended.json["groups"]] == [True] * active
    assert f"No package offers test.gone: {group.uuid}" in run("check_user_groups").out


def test_a_deleted_group_uses_no_criteria(scope):
    with temporarily(test__gone=Answer):
        group = a_group(scope, {"all": [leaf("test.gone", "in")]})
    api.delete_group(group.uuid)

    assert run("check_user_groups").code == 0


def test_events_and_models_that_are_not_here_are_told_and_are_no_error():
    with temporarily(test__waits=Waits):
        ended = run("check_user_groups", "--format", "json")

    assert ended.code == 0
    gone = ["org.example.never.v1", "nowhere.Model", "auth.User.shoe_size"]
    assert ended.json["unknown_events"] == {"test.waits": gone}


def test_the_built_in_criteria_wait_for_nothing_that_does_not_exist():
    found = run("check_user_groups", "--format", "json").json

    assert (found["unknown_events"], found["unknown_criteria"], found["broken_plugins"]) == ({}, {}, {})


def test_unknown_groups_and_scopes_are_code_2():
    assert run("check_user_groups", "--group", uuid4()).code == 2
    assert run("check_user_groups", "--scope", "Nobody").code == 2
    assert run("check_user_groups", "--scope", "instance", "--group", uuid4()).code


class TestGroupsThatAreNotWell:
    @pytest.fixture
    def group(self, course, scope):
        a_learner(course, "verified")
        group = a_group(scope, VERIFIED, name="Verified")
        api.refresh(group.uuid)
        return group

    def told(self, **filters):
        ended = run("check_user_groups", "--format", "json", *(part for pair in filters.items() for part in pair))
        return ended.code, [(one["group"], one["conditions"]) for one in ended.json["unwell"]]

    def later(self, group, **time):
        aged(group, **time)

    def test_all_is_well(self, group):
        assert self.told() == (0, [])

    def test_broken_with_the_reason(self, group):
        UserGroup.objects.update(health="broken", health_reason="/all/0: the plugin divides by zero")

        assert self.told() == (1, [("Verified", ["broken"])])
        assert "/all/0: the plugin divides by zero" in run("check_user_groups").out

    def test_held_until_somebody_decides(self, course, group):
        learners = many_learners(course, 30)
        api.refresh(group.uuid)
        CourseEnrollment.objects.filter(user__in=learners).update(mode="audit")
        held = api.refresh(group.uuid)

        assert self.told() == (1, [("Verified", ["held"])])

        api.approve_refresh(held.uuid)
        assert self.told() == (0, [])

    def test_stale_and_overdue_with_the_question_what_has_stopped(self, group):
        self.later(group, days=9)

        assert self.told() == (1, [("Verified", ["stale", "overdue"])])
        text = run("check_user_groups").out
        assert "1 groups should have been refreshed, the first 215 hours ago." in text
        assert "Are Celery beat and a worker running" in text

    def test_half_an_hour_is_not_late_and_a_refresh_that_runs_is_on_its_way(self, group):
        UserGroup.objects.update(next_due=timezone.now() - timedelta(minutes=30))
        assert self.told() == (0, [])
        UserGroup.objects.update(next_due=timezone.now() - timedelta(minutes=90))
        assert self.told() == (1, [("Verified", ["overdue"])])

        lease.acquire(row_of(group).collection_id)

        assert self.told() == (0, [])

    def test_one_that_was_never_refreshed_is_told_when_it_should_have_been(self, scope):
        group = a_group(scope, VERIFIED, name="New")
        assert self.told() == (0, [])

        self.later(group, hours=2)

        assert self.told() == (1, [("New", ["overdue"])])

    def test_groups_that_nobody_refreshes_are_none_of_them(self, group, settings):
        self.later(group, days=9)
        api.pause_group(group.uuid)
        assert self.told() == (0, [])
        api.activate_group(group.uuid)
        self.later(group, days=1)
        settings.OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT = False

        assert self.told() == (0, [])

    def test_of_a_scope_and_of_a_group_alone(self, scope, group):
        a_group(scope_of_instance(), {"all": [leaf("staff_status", "is_true")]}, name="Staff")
        UserGroup.objects.update(health="broken")

        assert self.told(**{"--scope": scope.key})[1] == [("Verified", ["broken"])]
        assert self.told(**{"--group": group.uuid})[1] == [("Verified", ["broken"])]

    def test_changes_for_which_no_worker_comes(self, course, group):
        store.note([1, 2], "auth.User")
        assert self.told() == (0, [])
        Change.objects.update(created=timezone.now() - timedelta(hours=5))

        ended = run("check_user_groups")

        assert ended.code == 1
        assert "2 changes of users wait, the first since 5 hours ago. Is a worker running?" in ended.out

    def test_however_many_groups_there_are_it_asks_as_often(self, scope, django_assert_max_num_queries):
        for _ in range(10):
            a_group(scope, VERIFIED)
        UserGroup.objects.update(health="broken")

        with django_assert_max_num_queries(6):
            assert len(api.unwell_groups()) == 10
