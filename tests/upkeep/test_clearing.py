"""Clearing: what is over ends, what a worker has left behind is taken up, and what is about nobody goes."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import override_settings
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.models import Exclusion, GroupCollection, Membership, RefreshRun
from openedx_user_groups.upkeep import clearing
from tests.by_api import VERIFIED, a_group, aged, leaf, member_ids, refreshed, row_of, statements
from tests.factories import a_learner

pytestmark = pytest.mark.django_db

INACTIVE = {"all": [leaf("last_login", "more_than_days_ago", days=10)]}


def days_ago(number, **more):
    return timezone.now() - timedelta(days=number, **more)


@pytest.fixture
def group(course, scope):
    a_learner(course, last_login=days_ago(1))
    made = a_group(scope, INACTIVE)
    aged(made, hours=5)
    refreshed(made)
    return made


def test_what_is_over_ends(scope, course):
    learner = a_learner(course).pk
    group = a_group(scope)
    api.add_members(group.uuid, [learner], expires_at=timezone.now() + timedelta(hours=1))
    clearing.clear()
    assert Membership.objects.count() == 1
    Membership.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    clearing.clear()

    assert not Membership.objects.exists()
    assert row_of(group).member_count == 0


def test_who_was_kept_out_for_a_time_comes_back(scope, course):
    learner = a_learner(course, "verified").pk
    group = a_group(scope, VERIFIED)
    api.exclude(group.uuid, [learner], expires_at=timezone.now() + timedelta(hours=1))
    refreshed(group)
    clearing.clear()
    assert member_ids(group) == set()
    Exclusion.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    clearing.clear()

    assert member_ids(group) == {learner}
    assert not Exclusion.objects.exists()


def test_many_who_come_back_at_once_cost_as_many_statements_as_one(scope, course):
    group = a_group(scope, VERIFIED)
    sent = []
    for number in (1, 20):
        learners = [a_learner(course, "verified").pk for _ in range(number)]
        api.exclude(group.uuid, learners, expires_at=timezone.now() + timedelta(hours=1))
        Exclusion.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        with statements() as each:
            clearing.lift_expired_exclusions(timezone.now())
        sent.append(len(each))

    assert len(member_ids(group)) == 21
    assert sent[0] == sent[1]


def a_run(group, **more):
    row = row_of(group)
    now = timezone.now()
    return RefreshRun.objects.create(
        group=row, collection=row.collection, revision=1, lease_token=7, requested=now, started=now, **more
    )


def test_a_run_whose_worker_died_is_closed_and_its_group_due(group):
    run = a_run(group)

    clearing.clear()

    run.refresh_from_db()
    assert (run.outcome, run.finished is not None) == ("failed", True)
    assert row_of(group).next_due <= timezone.now()


@pytest.mark.parametrize("hours", [0.1, 9_000])
def test_one_that_runs_goes_on_unless_a_clock_has_jumped(group, hours):
    run = a_run(group)
    GroupCollection.objects.update(lease_token=7, lease_expires=timezone.now() + timedelta(hours=hours))

    clearing.clear()

    run.refresh_from_db()
    assert run.outcome == ("" if hours < 1 else "failed")


def test_rows_of_accounts_that_are_gone_go_once_a_day(scope, course):
    cache.delete("openedx_user_groups.orphans_swept")
    kept, gone = a_learner(course), a_learner(course)
    group = a_group(scope)
    api.add_members(group.uuid, [kept.pk, gone.pk])
    CourseEnrollment.objects.filter(user=gone).delete()
    User.objects.filter(pk=gone.pk)._raw_delete("default")

    clearing.clear()

    assert set(Membership.objects.values_list("user_id", flat=True)) == {kept.pk}
    Membership.objects.update(user_id=gone.pk)
    clearing.clear()
    assert Membership.objects.exists()


@override_settings(CACHES={"default": {"BACKEND": "tests.happenings.NoCache"}})
def test_a_step_that_fails_keeps_no_other_from_being_done(scope, course):
    learner = a_learner(course).pk
    api.add_members(a_group(scope).uuid, [learner], expires_at=timezone.now() + timedelta(hours=1))
    Membership.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    clearing.clear()

    assert not Membership.objects.exists()
