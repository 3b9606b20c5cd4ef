"""When a refresh cannot be finished: nothing is emptied, nothing older overwrites, and the next run puts it right."""

import pytest
from django.db.models import Q
from django.test import override_settings

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.criteria.registry import temporarily
from openedx_user_groups.evaluation.definition import groups_of
from openedx_user_groups.exceptions import CriterionFailed, RefreshInProgress
from openedx_user_groups.models import GroupCollection, Membership, PastMembership, RefreshRun, UserGroup
from openedx_user_groups.refresh import lease, membership, saying, settling
from openedx_user_groups.refresh.runs import Request, Runs
from tests.by_api import (
    VERIFIED,
    Answer,
    Raises,
    a_group,
    edited,
    in_mode,
    leaf,
    many_learners,
    member_ids,
    refreshed,
    row_of,
    statements,
    writes,
)
from tests.factories import a_learner

pytestmark = pytest.mark.django_db


class Empty(Answer):
    """A criterion that forgets its condition."""

    def predicate(self) -> Q:
        return Q()


class Joins(Answer):
    """A criterion that counts users once for each enrollment."""

    def predicate(self) -> Q:
        return Q(courseenrollment__mode="verified")


class Mistyped(Answer):
    """A criterion that asks for a column that is not there."""

    def predicate(self) -> Q:
        return Q(no_such_column=1)


class NotOnMondays(Answer):
    """A criterion whose table is not installed."""

    reads = ("nowhere.Model",)


class Stopped(Exception):
    """Somebody stopped the refresh."""


@pytest.fixture
def ana(course):
    return a_learner(course, "verified")


@pytest.fixture
def group(scope, ana):
    """A group with a member by a criterion from elsewhere."""
    with temporarily(test__answer=Answer):
        group = a_group(scope, {"any": [leaf("staff_status", "is_true"), leaf("test.answer", "in", ids=[ana.pk])]})
        refreshed(group)
    return group


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Raises, "divides by zero"),
        (Empty, "must return a Q that is not empty"),
        (Joins, "use a subquery"),
        (Mistyped, "no_such_column"),
        (NotOnMondays, "nowhere.Model"),
        (None, "No installed package offers the criterion 'test.answer'"),
    ],
)
def test_a_criterion_that_fails_keeps_the_members_and_says_where(group, ana, fault, said):
    with temporarily(test__answer=fault), statements() as sent:
        run = refreshed(group)

    now = api.get_group(group.uuid)
    assert (run.outcome, run.joined, run.left) == ("failed", 0, 0)
    assert said in run.error
    assert run.error.startswith("/any/1: ")
    assert (now.health, now.health_reason) == ("broken", run.error)
    assert (now.member_count, member_ids(group)) == (1, {ana.pk})
    assert not writes(sent, "membership")


def test_what_is_repaired_heals_at_the_next_refresh(group, ana):
    with temporarily(test__answer=Raises):
        refreshed(group)
    with temporarily(test__answer=Answer):
        run = refreshed(group)

    now = api.get_group(group.uuid)
    assert (run.outcome, now.health, now.health_reason) == ("nothing", "ok", "")
    assert now.last_refreshed == run.started


def test_a_failed_refresh_leaves_no_lease_behind(group):
    for _ in range(2):
        with temporarily(test__answer=Raises):
            assert refreshed(group).outcome == "failed"


@pytest.mark.parametrize("fault", [Raises, None, NotOnMondays])
def test_given_users_of_a_broken_group_stay_and_other_groups_go_on(scope, group, ana, fault):
    sound = a_group(scope, VERIFIED)

    with temporarily(test__answer=fault):
        settling.settle([row_of(group).collection_id, row_of(sound).collection_id], [ana.pk])

    assert member_ids(group) == member_ids(sound) == {ana.pk}
    assert [api.get_group(each.uuid).health for each in (group, sound)] == ["broken", "never"]


def test_one_broken_group_holds_back_its_collection_and_only_itself_is_broken(course, scope):
    collection = api.create_collection(scope, name="Exclusive")
    sound = a_group(scope, VERIFIED, collection=collection.uuid)
    with temporarily(test__answer=Answer):
        broken = a_group(scope, {"all": [leaf("test.answer", "in")]}, collection=collection.uuid)
    a_learner(course, "verified")

    with temporarily(test__answer=Raises):
        runs = membership.refresh(row_of(sound).collection_id, Request(("test",)))

    assert [run.outcome for run in runs] == ["failed", "failed"]
    assert "Another group" in runs[0].error
    assert "divides by zero" in runs[1].error
    assert [api.get_group(each.uuid).health for each in (sound, broken)] == ["never", "broken"]
    assert not Membership.objects.exists()


def edit(group):
    """Somebody edits the group meanwhile."""
    edited(group, rule=in_mode("audit"))


@pytest.mark.parametrize(
    "meanwhile",
    [
        edit,
        lambda group: api.pause_group(group.uuid),
        lambda group: api.delete_group(group.uuid),
        lambda group: api.create_group(group.scope, name="New", rule=VERIFIED, collection=group.collection_uuid),
        lambda group: UserGroup.objects.filter(uuid=group.uuid).update(priority=9),
    ],
)
def test_a_run_whose_definition_is_no_longer_in_force_writes_nothing(course, scope, meanwhile):
    group = a_group(scope, VERIFIED, collection=api.create_collection(scope, name="Exclusive").uuid)
    a_learner(course, "verified")

    run = refreshed(group, progress=lambda done, total: meanwhile(group) if done == 0 else None)

    assert (run.outcome, run.joined) == ("superseded", 0)
    assert "edited meanwhile" in run.error
    assert not Membership.objects.exists()
    assert RefreshRun.objects.get().outcome == "superseded"


def test_an_edit_after_the_last_batch_is_not_said_to_be_refreshed(course, scope):
    group = a_group(scope, VERIFIED)

    refreshed(group, progress=lambda done, total: edit(group) if done == total else None)
    refreshed(group)

    assert RefreshRun.objects.order_by("pk").last().revision == 2


def test_while_a_refresh_runs_no_other_one_begins(course, scope):
    group = a_group(scope, VERIFIED)
    heard = []

    def progress(done, total):
        with pytest.raises(RefreshInProgress):
            refreshed(group)
        heard.append(done)

    refreshed(group, progress=progress)

    assert heard
    assert RefreshRun.objects.count() == 1


def test_a_run_that_was_thought_dead_writes_nothing_any_more(course, scope):
    group = a_group(scope, VERIFIED)
    ana = a_learner(course, "verified")
    newer = []

    def progress(done, total):
        if not newer:
            newer.append(None)
            CourseEnrollment.objects.filter(user=ana).update(mode="audit")
            newer[0] = refreshed(group)

    with override_settings(OPENEDX_USER_GROUPS_LEASE_SECONDS=0):
        older = refreshed(group, progress=progress)

    assert newer[0].outcome == "nothing"
    assert (older.outcome, older.joined) == ("superseded", 0)
    assert not Membership.objects.exists()
    assert set(RefreshRun.objects.values_list("outcome", flat=True)) <= {"nothing", "failed", "superseded"}


def test_no_run_stays_without_an_end_when_its_worker_died(course, scope):
    group = a_group(scope, VERIFIED)
    a_learner(course, "verified")
    collection = row_of(group).collection_id
    with override_settings(OPENEDX_USER_GROUPS_LEASE_SECONDS=0):
        Runs(collection, groups_of([collection]), lease.acquire(collection), Request(("test",)))

    assert refreshed(group).outcome == "done"

    dead, done = RefreshRun.objects.order_by("pk")
    assert (dead.outcome, done.outcome) == ("failed", "done")
    assert dead.finished
    assert "worker stopped" in saying.told(dead.error)


def test_a_run_that_is_stopped_leaves_a_prefix_and_the_next_one_completes_it(course, scope):
    group = a_group(scope, VERIFIED)
    learners = many_learners(course, 5_100)

    def stop(done, total):
        if done:
            raise Stopped

    with pytest.raises(Stopped):
        api.refresh(group.uuid, progress=stop)
    assert member_ids(group) == set(learners[:5_000])
    assert RefreshRun.objects.get().outcome == "failed"
    assert api.get_group(group.uuid).member_count == 5_000
    assert api.get_group(group.uuid).health == "never"

    run = refreshed(group)

    assert (run.matched, run.joined) == (5_100, 100)
    assert member_ids(group) == set(learners)
    assert api.get_group(group.uuid).member_count == 5_100
    assert GroupCollection.objects.get(uuid=group.collection_uuid).lease_expires is None


def test_every_batch_is_looked_at_again_before_it_is_written(course, scope):
    group = a_group(scope, VERIFIED)
    ana, ben, eve = (a_learner(course, mode) for mode in ("verified", "verified", "audit"))
    refreshed(group)
    CourseEnrollment.objects.filter(user=ben).update(mode="audit")
    CourseEnrollment.objects.filter(user=eve).update(mode="verified")

    def meanwhile(done, total):
        if not done:
            CourseEnrollment.objects.filter(user=ben).update(mode="verified")
            CourseEnrollment.objects.filter(user=eve).update(mode="audit")

    run = refreshed(group, progress=meanwhile)

    assert (run.joined, run.left) == (0, 0)
    assert member_ids(group) == {ana.pk, ben.pk}
    assert not PastMembership.objects.exists()


def test_the_counts_of_a_run_that_another_one_has_overtaken_are_not_added_twice(course, scope):
    group = a_group(scope, VERIFIED)
    many_learners(course, 5_100)

    def overtaken(done, total):
        if 0 < done < total:
            refreshed(group)

    with override_settings(OPENEDX_USER_GROUPS_LEASE_SECONDS=0):
        assert refreshed(group, progress=overtaken).outcome == "superseded"

    assert api.get_group(group.uuid).member_count == api.members(group.uuid).count() == 5_100


def test_the_failure_of_a_run_that_is_no_longer_in_force_breaks_no_group(scope, course):
    group = a_group(scope, VERIFIED)
    many_learners(course, 5_100)

    def meanwhile(done, total):
        if done == 0:
            edit(group)
            raise CriterionFailed("too late to say so")

    run = refreshed(group, progress=meanwhile)

    assert run.outcome == "superseded"
    assert api.get_group(group.uuid).health == "never"
