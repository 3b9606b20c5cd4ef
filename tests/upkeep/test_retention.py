"""Retention: what is older than the operator wants to keep goes, and nothing that something still needs."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api, batches
from openedx_user_groups.models import (
    HeldUser,
    ImportedPerson,
    ManualChange,
    MemberImport,
    Membership,
    PastMembership,
    RefreshRun,
    UserGroup,
)
from openedx_user_groups.platform.people_file import Line
from openedx_user_groups.upkeep import clearing, retention
from tests.by_api import VERIFIED, a_group, in_mode, many_learners, member_ids, refreshed, row_of, statements
from tests.factories import a_learner, a_user
from tests.soundness import killed

pytestmark = pytest.mark.django_db

RUNS, HISTORY = "OPENEDX_USER_GROUPS_KEEP_RUNS_DAYS", "OPENEDX_USER_GROUPS_KEEP_HISTORY_DAYS"


@pytest.fixture
def group(scope):
    return a_group(scope, VERIFIED)


def later(days):
    """Let everything that was recorded have been so many days ago."""
    ago = timedelta(days=days)
    for run in RefreshRun.objects.all():
        for name in ("requested", "started", "finished", "decided_at"):
            if (instant := getattr(run, name)) is not None:
                setattr(run, name, instant - ago)
        run.save()
    for row in PastMembership.objects.all():
        row.joined_at, row.left_at = row.joined_at - ago, row.left_at - ago
        row.save()
    for row in Membership.objects.all():
        row.joined_at -= ago
        row.save()
    for change in ManualChange.objects.all():
        change.at -= ago
        change.save()


def move(users, mode):
    CourseEnrollment.objects.filter(user__in=users).update(mode=mode)


def forget():
    retention.forget(timezone.now())


def kept(group):
    return set(RefreshRun.objects.filter(group__uuid=group.uuid).values_list("uuid", flat=True))


def test_runs_go_when_they_are_old_but_not_the_last_one_that_changed_the_group(course, group):
    a_learner(course, "verified")
    first = refreshed(group)
    a_learner(course, "verified")
    last = refreshed(group)
    nothing = refreshed(group)
    later(days=89)
    forget()
    assert kept(group) == {first.uuid, last.uuid, nothing.uuid}
    later(days=2)
    today = refreshed(group)

    forget()

    assert kept(group) == {last.uuid, today.uuid}


def test_history_goes_when_it_is_old_also_that_of_groups_that_are_deleted(course, scope):
    learner, teacher = a_learner(course).pk, a_user()
    groups = [a_group(scope), a_group(scope)]
    for group in groups:
        api.add_members(group.uuid, [learner], acting_user=teacher)
        api.remove_members(group.uuid, [learner], acting_user=teacher)
    api.delete_group(groups[0].uuid)
    later(days=364)
    forget()
    assert (PastMembership.objects.count(), ManualChange.objects.count()) == (2, 4)
    later(days=2)

    forget()

    assert not PastMembership.objects.exists()
    assert not ManualChange.objects.exists()


@pytest.mark.parametrize("days", [None, 0, 1])
def test_operators_keep_all_or_little_but_never_less_than_the_guard_counts(course, group, settings, days):
    setattr(settings, RUNS, days)
    setattr(settings, HISTORY, days)
    learners = many_learners(course, 20)
    refreshed(group)
    move(learners[:8], "audit")
    refreshed(group)
    refreshed(group)
    later(days=0.9)
    runs = RefreshRun.objects.count()

    forget()

    assert (PastMembership.objects.count(), RefreshRun.objects.count()) == (8, runs)
    move(learners[8:14], "audit")
    assert refreshed(group).outcome == "held"
    later(days=900)
    forget()
    assert RefreshRun.objects.count() == (runs + 1 if days is None else 2)


def test_what_waits_for_a_decision_stays_however_long(course, group):
    learners = many_learners(course, 30)
    refreshed(group)
    move(learners[:20], "audit")
    held = refreshed(group)
    later(days=900)

    forget()

    api.approve_refresh(held.uuid)
    assert member_ids(group) == set(learners[20:])
    later(days=900)
    forget()
    assert held.uuid not in kept(group)


def test_the_last_refresh_can_be_undone_however_long_ago_in_all_groups_that_it_changed(course, scope):
    collection = api.create_collection(scope, name="Tracks")
    verified, audit = (a_group(scope, in_mode(mode), collection=collection.uuid) for mode in ("verified", "audit"))
    learners = many_learners(course, 6)
    refreshed(verified)
    move(learners[:2], "audit")
    refreshed(verified)
    later(days=900)
    # One of the two was changed again since.
    a_learner(course, "audit")
    refreshed(audit)

    forget()

    api.undo_refresh(verified.uuid)
    assert member_ids(verified) == set(learners)


def test_so_can_one_that_was_stopped_after_it_had_written(course, group, monkeypatch):
    monkeypatch.setattr(batches, "SIZE", 5)
    learners = many_learners(course, 12)
    refreshed(group)
    move(learners[:6], "audit")
    killed(lambda: api.refresh(group.uuid), "DELETE FROM openedx_user_groups_membership ", 2)
    clearing.close_dead_runs(timezone.now() + timedelta(days=1))
    later(500)

    forget()
    api.undo_refresh(group.uuid)

    assert member_ids(group) == set(learners)


def test_who_would_have_left_by_a_refresh_that_is_not_held_is_not_kept(course, group):
    learners = many_learners(course, 30)
    refreshed(group)
    move(learners[:20], "audit")
    held = refreshed(group)
    states = (({"outcome": "held"}, 20), ({"outcome": "", "finished": None}, 20), ({"outcome": "failed"}, 0))
    for change, left in states:
        RefreshRun.objects.filter(uuid=held.uuid).update(**{"finished": timezone.now()} | change)
        forget()
        assert HeldUser.objects.count() == left


def test_so_of_a_group_that_was_deleted_while_it_was_held(course, group):
    learners = many_learners(course, 30)
    refreshed(group)
    move(learners[:20], "audit")
    held = refreshed(group)

    api.delete_group(group.uuid)
    forget()

    assert not HeldUser.objects.exists()
    assert RefreshRun.objects.get(uuid=held.uuid).decision == "overtaken"


@pytest.mark.parametrize(("days", "left"), [(7, 1), (None, 2)])
def test_lists_of_people_go_with_their_rows(course, scope, settings, days, left):
    settings.OPENEDX_USER_GROUPS_KEEP_IMPORTS_DAYS = days
    group, learner = a_group(scope), a_learner(course)
    old, _new = (api.begin_import(group.uuid, [Line(1, learner.pk)]) for _ in range(2))
    MemberImport.objects.filter(uuid=old.uuid).update(created=timezone.now() - timedelta(days=8))

    forget()

    assert (MemberImport.objects.count(), ImportedPerson.objects.count()) == (left, left)
    assert member_ids(group) == {learner.pk}


def test_it_goes_in_small_lots(course, scope, monkeypatch):
    monkeypatch.setattr(retention, "AT_A_TIME", 3)
    group = a_group(scope)
    learners = many_learners(course, 10)
    api.add_members(group.uuid, learners)
    api.remove_members(group.uuid, learners)
    later(days=900)

    with statements() as sent:
        forget()

    assert not PastMembership.objects.exists()
    assert sum(sql.startswith("DELETE") and "pastmembership" in sql for sql in sent) == 4


def test_it_is_done_once_a_day(course, group):
    cache.delete("openedx_user_groups.forgotten")
    refreshed(group)
    later(days=900)
    clearing.clear()
    assert kept(group) == set()
    refreshed(group)
    later(days=900)

    clearing.clear()

    assert len(kept(group)) == 1
    assert UserGroup.objects.get() == row_of(group)
