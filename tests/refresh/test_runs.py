"""Runs that are asked for: they wait, are taken over by a refresh, and tell how far it is."""

from datetime import timedelta

import pytest
from django.db import OperationalError as OperationalDatabaseError
from django.test import override_settings
from django.utils import timezone
from kombu.exceptions import OperationalError

from openedx_user_groups import api, batches, tasks
from openedx_user_groups.evaluation.definition import groups_of
from openedx_user_groups.exceptions import FeatureDisabled, WrongService, WrongStatus
from openedx_user_groups.models import GroupCollection, RefreshRun
from openedx_user_groups.refresh import lease, membership
from openedx_user_groups.refresh.runs import UNASKED, Runs
from tests.by_api import VERIFIED, a_group, many_learners, member_ids, refreshed, row_of
from tests.factories import a_learner, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(course):
    return a_learner(course, "verified")


def newest(group):
    return api.runs_data(api.runs_of(group.uuid)[:1])[0]


def test_a_refresh_that_is_asked_for_waits_until_a_worker_begins(
    scope, ana, django_capture_on_commit_callbacks
) -> None:
    group = a_group(scope, VERIFIED)

    with django_capture_on_commit_callbacks() as tasks_to_send:
        asked = api.request_refresh(group.uuid)

    assert (asked.status, asked.causes, asked.started) == ("waiting", ("request",), None)
    assert member_ids(group) == set()
    for send in tasks_to_send:
        send()
    done = newest(group)
    assert done.uuid == asked.uuid
    assert (done.status, done.joined, done.done, done.total) == ("done", 1, 1, 1)
    assert done.causes == ("request",)
    assert asked.requested == done.requested < done.started <= done.finished
    assert member_ids(group) == {ana.pk}


def test_whoever_asks_while_one_waits_is_given_the_same(scope) -> None:
    group = a_group(scope, VERIFIED)

    first, second = api.request_refresh(group.uuid), api.request_refresh(group.uuid, cause="page")

    assert first.uuid == second.uuid
    assert second.causes == ("request", "page")
    assert RefreshRun.objects.count() == 1


def test_any_refresh_of_the_collection_takes_it_over_and_keeps_its_causes(scope) -> None:
    group = a_group(scope, VERIFIED)
    asked = api.request_refresh(group.uuid)

    run = refreshed(group, cause="schedule")

    assert run.uuid == asked.uuid
    assert run.causes == ("request", "schedule")


@pytest.mark.usefixtures("ana")
def test_who_asks_while_a_refresh_runs_gets_another_one_after_it(scope) -> None:
    group = a_group(scope, VERIFIED)
    asked = []

    def ask(_done, _total) -> None:
        if not asked:
            asked.append(api.request_refresh(group.uuid))

    refreshed(group, progress=ask)

    runs = api.runs_data(api.runs_of(group.uuid))
    assert [run.status for run in runs] == ["nothing", "done"]
    assert runs[0].uuid == asked[0].uuid


def test_a_refresh_that_finds_another_one_running_leaves_the_rest_to_it(scope) -> None:
    group = a_group(scope, VERIFIED)
    collection_id = row_of(group).collection_id
    lease.acquire(collection_id)
    asked = api.request_refresh(group.uuid)

    tasks.refresh_collection.delay(collection_id)

    assert newest(group).uuid == asked.uuid
    assert newest(group).status == "waiting"


def test_it_waits_for_the_schedule_when_the_broker_is_down(
    scope, ana, monkeypatch, caplog, django_capture_on_commit_callbacks
) -> None:
    group = a_group(scope, VERIFIED)
    refreshed(group)

    def refuse(*_args, **_kwargs):
        raise OperationalError("connection refused")

    monkeypatch.setattr(tasks.refresh_collection, "apply_async", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        asked = api.request_refresh(group.uuid)

    assert asked.status == "waiting"
    assert "broker does not answer" in caplog.text
    assert [each.uuid for each in api.groups_to_refresh(due_only=True)] == [group.uuid]
    assert refreshed(group).uuid == asked.uuid
    assert api.groups_to_refresh(due_only=True) == []


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT": False}, FeatureDisabled),
        ({"SERVICE_VARIANT": "cms"}, WrongService),
    ],
)
def test_where_nothing_is_refreshed_nobody_waits(scope, change, error) -> None:
    group = a_group(scope, VERIFIED)

    with override_settings(**change), pytest.raises(error):
        api.request_refresh(group.uuid)

    assert not RefreshRun.objects.exists()


def test_a_group_that_is_not_refreshed_cannot_be_asked_for(scope) -> None:
    for group in (
        a_group(scope),
        api.pause_group(a_group(scope, VERIFIED).uuid),
        api.create_group(scope, name="Draft"),
    ):
        with pytest.raises(WrongStatus, match="not refreshed"):
            api.request_refresh(group.uuid)


def test_what_is_asked_for_by_whoever_ends_the_lease_is_done(scope, ana, monkeypatch) -> None:
    group = a_group(scope, VERIFIED)
    read = membership.groups_of

    def moved_meanwhile(collection_ids):
        monkeypatch.undo()
        lease.end(collection_ids)
        api.request_refresh(group.uuid, cause="move")
        return read(collection_ids)

    monkeypatch.setattr(membership, "groups_of", moved_meanwhile)

    run = refreshed(group)

    assert (run.outcome, run.causes, member_ids(group)) == ("done", ("move", "request"), {ana.pk})
    assert RefreshRun.objects.count() == 1


def test_what_waits_for_a_group_that_was_paused_meanwhile_ends(scope) -> None:
    collection = api.create_collection(scope, name="Two")
    paused = a_group(scope, VERIFIED, collection=collection.uuid)
    other = a_group(scope, VERIFIED, collection=collection.uuid)
    api.request_refresh(paused.uuid)
    api.pause_group(paused.uuid)

    refreshed(other)

    assert newest(paused).status == "failed"
    assert "not refreshed" in newest(paused).error


def test_what_was_activated_while_a_refresh_began_goes_on_waiting(scope) -> None:
    collection = api.create_collection(scope, name="Two")
    group = a_group(scope, VERIFIED, collection=collection.uuid)
    other = a_group(scope, VERIFIED, collection=collection.uuid)
    api.pause_group(group.uuid)
    row = row_of(other)
    read_before = groups_of([row.collection_id])
    api.activate_group(group.uuid)
    asked = api.request_refresh(group.uuid)

    Runs(row.collection_id, read_before, lease.acquire(row.collection_id), UNASKED)

    assert (newest(group).uuid, newest(group).status) == (asked.uuid, "waiting")


def test_what_waits_where_the_feature_was_switched_off_ends(scope) -> None:
    group = a_group(scope, VERIFIED)
    api.request_refresh(group.uuid)

    with override_settings(OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT=False):
        tasks.refresh_collection.delay(row_of(group).collection_id)

    assert newest(group).status == "failed"
    assert "switched off" in newest(group).error


def test_what_somebody_asked_for_waits_again_when_the_group_is_edited_meanwhile(scope, ana) -> None:
    group = a_group(scope, VERIFIED)
    asked = api.request_refresh(group.uuid, cause="first", acting_user=ana)

    def edit(done, _total) -> None:
        if done == 0:
            api.update_group(group.uuid, revision=1, description="Edited")

    ran = refreshed(group, progress=edit)

    # Done again in the same breath, by what is in force now.
    again = newest(group)
    assert (ran.uuid, ran.status) == (asked.uuid, "superseded")
    assert (again.status, again.revision, again.joined) == ("done", 2, 1)
    assert again.causes == ("first", "request")
    assert again.requested_by_id == ana.pk
    assert member_ids(group) == {ana.pk}


def test_what_waits_again_is_not_a_group_that_is_paused_meanwhile(scope) -> None:
    group = a_group(scope, VERIFIED)
    api.request_refresh(group.uuid)

    refreshed(group, progress=lambda done, _total: api.pause_group(group.uuid) if done == 0 else None)

    assert [run.status for run in api.runs_data(api.runs_of(group.uuid))] == ["superseded"]


def test_a_run_knows_who_asked_for_it_last(scope, ana) -> None:
    group = a_group(scope, VERIFIED)
    ben = a_user()

    api.request_refresh(group.uuid, acting_user=ana)
    api.request_refresh(group.uuid, acting_user=ben)
    asked = api.request_refresh(group.uuid)

    assert asked.requested_by_id == ben.pk
    assert api.refresh(group.uuid, acting_user=ana).requested_by_id == ana.pk
    assert refreshed(group).requested_by_id is None


def test_a_batch_that_was_refused_is_not_told_as_settled(course, scope, monkeypatch) -> None:
    group = a_group(scope, VERIFIED)
    many_learners(course, 25)
    monkeypatch.setattr(batches, "SIZE", 10)
    written = membership.apply
    accepted = iter([written])

    def refused(*args):
        for write in accepted:
            return write(*args)
        raise OperationalDatabaseError("disk full")

    monkeypatch.setattr(membership, "apply", refused)
    run = refreshed(group)

    assert (run.status, run.done, run.total, run.joined) == ("failed", 10, 25, 10)


def test_a_run_tells_how_far_it_is(course, scope, monkeypatch) -> None:
    group = a_group(scope, VERIFIED)
    many_learners(course, 25)
    monkeypatch.setattr(batches, "SIZE", 10)
    seen = []

    refreshed(group, progress=lambda _done, _total: seen.append(newest(group)))

    assert [(run.status, run.done, run.total) for run in seen] == [
        ("running", 0, 25),
        ("running", 10, 25),
        ("running", 20, 25),
        ("running", 25, 25),
    ]


def test_a_run_whose_worker_has_died_is_not_running_any_more(scope, ana) -> None:
    group = a_group(scope, VERIFIED)
    seen = []

    def die(_done, _total) -> None:
        GroupCollection.objects.update(lease_expires=timezone.now() - timedelta(seconds=1))
        seen.append(newest(group))

    refreshed(group, progress=die)

    assert {run.status for run in seen} == {"failed"}
    assert all("worker stopped" in run.error for run in seen)


def test_runs_are_listed_newest_first_without_a_statement_for_each(scope, django_assert_num_queries) -> None:
    group = a_group(scope, VERIFIED)
    uuids = [refreshed(group).uuid for _ in range(4)]

    with django_assert_num_queries(3):
        listed = api.runs_data(api.runs_of(group.uuid))

    assert [run.uuid for run in listed] == uuids[::-1]
