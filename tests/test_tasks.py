"""Celery tasks: the same work in a worker, by ids only."""

import inspect
import json

import pytest
from django.test import override_settings

from openedx_user_groups import api, tasks
from openedx_user_groups.models import GroupCollection, Membership, RefreshRun
from openedx_user_groups.refresh import lease, membership
from openedx_user_groups.refresh.waiting import NOT_REFRESHED
from tests.by_api import VERIFIED, a_group, in_mode, member_ids, row_of
from tests.factories import a_learner

pytestmark = pytest.mark.django_db

ALL = (tasks.refresh_collection, tasks.refresh_due_collection, tasks.refresh_users, tasks.refresh_scope)


@pytest.fixture
def ana(course):
    return a_learner(course, "verified")


@pytest.mark.parametrize("task", ALL)
def test_arguments_are_ids(task):
    parameters = inspect.signature(task.run).parameters.values()

    assert {parameter.annotation for parameter in parameters} <= {"int", "int | None", "Sequence[int]"}
    assert all(parameter.name.endswith(("_id", "_ids")) for parameter in parameters)


@pytest.mark.parametrize("task", ALL)
def test_tasks_are_named_for_good_and_keep_no_result(task):
    assert task.name == f"openedx_user_groups.tasks.{task.__name__}"
    assert task.ignore_result


def test_a_collection_is_refreshed(scope, ana):
    group = a_group(scope, VERIFIED)

    tasks.refresh_collection.delay(row_of(group).collection_id)

    assert member_ids(group) == {ana.pk}
    assert RefreshRun.objects.get().causes == ["task"]


def test_what_is_due_says_so(scope, ana, django_capture_on_commit_callbacks):
    group = a_group(scope, VERIFIED)

    with django_capture_on_commit_callbacks(execute=True):
        tasks.refresh_due.delay()

    assert member_ids(group) == {ana.pk}
    assert RefreshRun.objects.get().causes == ["schedule"]


def test_users_are_refreshed_in_all_groups_of_a_scope(course, scope, ana):
    ben = a_learner(course, "verified")
    groups = [a_group(scope, VERIFIED), a_group(scope, in_mode("verified", "audit"))]
    arguments = json.loads(json.dumps([row_of(groups[0]).scope_id, [ana.pk]]))

    tasks.refresh_users.delay(*arguments)

    assert [member_ids(group) for group in groups] == [{ana.pk}, {ana.pk}]
    assert ben.pk not in member_ids(groups[0])


def test_a_scope_is_refreshed_collection_by_collection(scope, ana):
    groups = [a_group(scope, VERIFIED) for _ in range(3)]
    api.pause_group(a_group(scope, VERIFIED).uuid)
    a_group(scope)

    tasks.refresh_scope.delay(row_of(groups[0]).scope_id)

    assert [member_ids(group) for group in groups] == [{ana.pk}] * 3
    assert RefreshRun.objects.count() == 3


@pytest.mark.usefixtures("ana")
@pytest.mark.parametrize("off", [{"OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT": False}, {"SERVICE_VARIANT": "cms"}])
def test_where_nothing_is_refreshed_a_task_ends_quietly(scope, off):
    group = row_of(a_group(scope, VERIFIED))

    with override_settings(**off):
        tasks.refresh_collection.delay(group.collection_id)
        tasks.refresh_users.delay(group.scope_id, [1])
        tasks.refresh_scope.delay(group.scope_id)

    assert not Membership.objects.exists()


def test_while_a_refresh_is_running_a_task_ends_quietly(scope):
    group = row_of(a_group(scope, VERIFIED))
    lease.acquire(group.collection_id)

    tasks.refresh_collection.delay(group.collection_id)


@pytest.mark.usefixtures("ana")
def test_what_another_refresh_takes_over_at_the_last_moment_is_not_done_twice(
    scope, monkeypatch, django_capture_on_commit_callbacks
):
    group = a_group(scope, VERIFIED)
    with django_capture_on_commit_callbacks() as tasks_to_send:
        api.request_refresh(group.uuid)
    acquire = lease.acquire

    def acquire_too_late(collection_id, wanted):
        monkeypatch.undo()
        membership.refresh(collection_id)
        return acquire(collection_id, wanted)

    monkeypatch.setattr(lease, "acquire", acquire_too_late)

    for send in tasks_to_send:
        send()

    assert [run.outcome for run in RefreshRun.objects.all()] == ["done"]
    assert GroupCollection.objects.get().lease_expires is None


@pytest.mark.parametrize("gone", [api.delete_group, api.pause_group])
def test_what_was_asked_of_a_group_that_is_gone_meanwhile_ends_as_failed(
    scope, gone, django_capture_on_commit_callbacks
):
    group = a_group(scope, VERIFIED)
    with django_capture_on_commit_callbacks() as tasks_to_send:
        api.request_refresh(group.uuid)
    gone(group.uuid)

    for send in tasks_to_send:
        send()

    run = RefreshRun.objects.get()
    assert (run.outcome, run.error) == ("failed", str(NOT_REFRESHED))
    assert run.finished is not None


def test_a_scope_without_groups_is_nothing_to_do():
    tasks.refresh_scope.delay(2**31)
    tasks.refresh_users.delay(2**31, [1])


def test_tasks_go_to_the_queue_of_the_setting():
    assert tasks.queue() == {}
    with override_settings(OPENEDX_USER_GROUPS_QUEUE="edx.lms.core.low"):
        assert tasks.queue() == {"queue": "edx.lms.core.low"}
