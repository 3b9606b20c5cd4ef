"""Health: a group that cannot be refreshed keeps its members, says why and where, is tried again, and heals."""

import logging
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest
from django.utils import timezone

from openedx_user_groups import api
from openedx_user_groups.criteria.registry import temporarily
from openedx_user_groups.models import Announcement, RefreshRun, UserGroup
from openedx_user_groups.outbox import store
from openedx_user_groups.outbox.announcements import GROUP_UPDATED
from openedx_user_groups.refresh import health, schedule
from openedx_user_groups.upkeep import drain, rounds
from tests.by_api import VERIFIED, Answer, Raises, a_group, aged, edited, in_mode, leaf, member_ids, refreshed, row_of
from tests.factories import a_learner

pytestmark = pytest.mark.django_db

ENROLLED = "org.openedx.learning.course.enrollment.changed.v1"
BY_PLUGIN = leaf("test.answer", "in")
DAY = timedelta(days=1)


@pytest.fixture
def ana(course):
    return a_learner(course, "verified").pk


@pytest.fixture
def group(scope, ana):
    """A group with a member by a plugin, whose leaf is the third node of the rule."""
    with temporarily(test__answer=Answer):
        group = a_group(
            scope, {"any": [leaf("staff_status", "is_true"), {"all": [{**BY_PLUGIN, "config": {"ids": [ana]}}]}]}
        )
        refreshed(group)
        yield group


def told(group):
    return Announcement.objects.filter(event_type=GROUP_UPDATED, group=row_of(group)).count()


def noted(group, *users):
    store.note(users, ENROLLED, scopes=[row_of(group).scope_id])


def test_it_says_which_node_has_failed_and_tells_operators_and_others(group, ana, caplog):
    before = told(group)

    with temporarily(test__answer=Raises), caplog.at_level(logging.ERROR):
        refreshed(group)

    row = row_of(group)
    assert row.health == "broken"
    assert row.health_reason.startswith("/any/1/all/0: test.answer failed: ")
    assert row.health_reason in caplog.text
    assert told(group) == before + 1
    assert member_ids(group) == {ana}


def test_others_are_told_once_that_it_is_broken_and_once_that_it_has_healed(group):
    before = told(group)
    with temporarily(test__answer=Raises):
        for _ in range(3):
            refreshed(group)
    assert told(group) == before + 1

    refreshed(group)

    assert told(group) == before + 2


@pytest.mark.parametrize("failures", [0, 1, 2, 8, 20, 21, 1_000, 32_767])
def test_it_is_tried_again_after_twice_as_long_each_time_and_daily_at_the_end(group, failures):
    row = row_of(group)
    row.failures = failures

    wait = schedule.after_failure(row, datetime(2026, 1, 1, tzinfo=UTC)) - datetime(2026, 1, 1, tzinfo=UTC)

    assert wait == min(timedelta(minutes=5) * 2 ** (min(failures, 20) - 1), DAY)


def test_so_many_failures_as_a_column_cannot_count_do_no_harm(group):
    UserGroup.objects.update(failures=32_767)

    health.mark_broken([row_of(group).pk], "again")

    assert row_of(group).failures == 1_000


def test_the_schedule_leaves_it_alone_until_it_is_time_and_then_it_heals(group, ana):
    with temporarily(test__answer=Raises):
        refreshed(group)
        assert rounds.do_all_but_refreshes() == []
    aged(group, minutes=6)

    assert [each.uuid for each in rounds.do_all_but_refreshes()] == [group.uuid]
    refreshed(group)

    row = row_of(group)
    assert (row.health, row.health_reason, row.failures) == ("ok", "", 0)


@pytest.mark.parametrize("years", [5, -5])
def test_a_clock_that_has_jumped_does_not_put_it_off_for_years(group, years, monkeypatch):
    real = timezone.now
    with temporarily(test__answer=Raises), monkeypatch.context() as jumped:
        jumped.setattr(timezone, "now", lambda: real() + timedelta(days=365 * years))
        refreshed(group)

    assert [each.uuid for each in rounds.do_all_but_refreshes()] == [group.uuid]


def test_a_plugin_that_vanishes_and_comes_back(group, ana):
    with temporarily(test__answer=None):
        refreshed(group)
        assert row_of(group).health_reason == "/any/1/all/0: No installed package offers the criterion 'test.answer'."
        noted(group, ana)
        drain.drain()
        assert member_ids(group) == {ana}

    refreshed(group)

    assert row_of(group).health == "ok"


def test_an_event_breaks_it_as_well_and_the_other_groups_follow_the_event(course, scope, group, ana):
    other = a_group(scope, VERIFIED)
    with temporarily(test__answer=Raises):
        noted(group, ana)

        drain.drain()

    assert row_of(group).health == "broken"
    assert row_of(group).health_reason.startswith("/any/1/all/0: ")
    assert (member_ids(group), member_ids(other)) == ({ana}, {ana})
    assert (row_of(other).health, RefreshRun.objects.filter(group=row_of(other)).get().outcome) == ("never", "done")


def test_events_that_pass_it_by_are_made_up_for_when_it_heals(course, scope, ana):
    with temporarily(test__answer=Answer):
        group = a_group(scope, {"any": [*VERIFIED["all"], BY_PLUGIN]})
        refreshed(group)
        with temporarily(test__answer=Raises):
            refreshed(group)
            ben = a_learner(course, "verified").pk
            noted(group, ben)
            drain.drain()
            assert member_ids(group) == {ana}

        refreshed(group)

        assert member_ids(group) == {ana, ben}
        assert row_of(group).next_due <= timezone.now(), "for what happened while it was looked at"


def test_so_are_those_of_an_event_that_breaks_it_while_it_is_being_refreshed(course, scope, ana):
    with temporarily(test__answer=Answer):
        group = a_group(scope, {"any": [*VERIFIED["all"], BY_PLUGIN]})
        aged(group, hours=1)

        def break_it(done, _total):
            if not done:
                with temporarily(test__answer=Raises):
                    noted(group, ana)
                    drain.drain()
                assert row_of(group).health == "broken"

        refreshed(group, progress=break_it)

    assert row_of(group).health == "ok"
    assert row_of(group).next_due <= timezone.now()


def test_a_group_is_broken_with_all_that_belongs_to_it_or_not_at_all(group, monkeypatch):
    before, pk = told(group), row_of(group).pk
    monkeypatch.setattr(schedule, "not_before", Mock(side_effect=ConnectionError))

    with pytest.raises(ConnectionError):
        health.mark_broken([pk], "why")

    assert (row_of(group).health, told(group)) == ("ok", before)


def test_in_a_collection_the_others_wait_as_long_and_are_not_broken(course, scope, ana):
    collection = api.create_collection(scope, name="Tracks")
    with temporarily(test__answer=Answer):
        broken, other = (
            a_group(scope, rule, collection=collection.uuid) for rule in ({"all": [BY_PLUGIN]}, in_mode("verified"))
        )
        refreshed(other)
        aged(other, days=2)
        with temporarily(test__answer=Raises):
            assert refreshed(other).error == "Another group of the collection is broken."
            assert rounds.do_all_but_refreshes() == [], "one that cannot be refreshed is not tried with each other one"

        assert (row_of(broken).health, row_of(other).health) == ("broken", "ok")
        assert row_of(other).next_due == row_of(broken).next_due
        assert member_ids(other) == {ana}

        refreshed(other)
        assert row_of(broken).health == "ok"


def test_what_is_built_on_it_goes_on_with_its_last_good_members(course, scope, group, ana):
    above = a_group(scope, {"all": [leaf("group_member", "in", groups=[str(group.uuid)])]})
    teams = api.create_collection(scope, name="Teams", parent_group=group.uuid)
    team = a_group(scope, VERIFIED, collection=teams.uuid)
    with temporarily(test__answer=Raises):
        refreshed(group)

        assert [refreshed(each).outcome for each in (above, team)] == ["done", "done"]

    assert (member_ids(above), member_ids(team)) == ({ana}, {ana})


def test_a_rule_without_the_fault_mends_it(group, ana):
    with temporarily(test__answer=Raises):
        refreshed(group)
        mended = edited(group, rule=VERIFIED)

        refreshed(mended)

    assert (row_of(group).health, member_ids(group)) == ("ok", {ana})


def test_while_it_is_paused_it_breaks_nothing(course, scope, ana):
    collection = api.create_collection(scope, name="Tracks")
    with temporarily(test__answer=Answer):
        broken, other = (
            a_group(scope, rule, collection=collection.uuid) for rule in ({"all": [BY_PLUGIN]}, in_mode("verified"))
        )
    refreshed(other)
    assert row_of(broken).health == "broken"

    api.pause_group(broken.uuid)

    assert refreshed(other).outcome == "done"
    assert member_ids(other) == {ana}


@pytest.mark.parametrize("method", ["request", "any"])
def test_one_that_only_people_refresh_is_not_tried_by_the_schedule(scope, method):
    with temporarily(test__answer=Raises):
        group = a_group(scope, {"all": [BY_PLUGIN]}, method=method)
        refreshed(group)

    assert (row_of(group).next_due is None) == (method == "request")
    health.mark_held({row_of(group).pk: "many"})
    assert (row_of(group).next_due is None) == (method == "request")
    health.mark_decided([row_of(group).pk])
    assert (row_of(group).next_due is None) == (method == "request")
