"""The schedule: when each group is next due."""

from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.utils import timezone

from openedx_user_groups import api
from openedx_user_groups.criteria.registry import temporarily
from openedx_user_groups.models import RefreshRun, UserGroup
from openedx_user_groups.refresh import schedule
from openedx_user_groups.upkeep import rounds
from tests.by_api import VERIFIED, Answer, Raises, a_group, aged, leaf, refreshed, row_of
from tests.factories import a_learner

pytestmark = pytest.mark.django_db

LAST_LOGIN = {"all": [leaf("last_login", "more_than_days_ago", days=10)]}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def put_off(group):
    """How long after its refresh a group is due again; it has been what it is for long."""
    aged(group, hours=1)
    refreshed(group)
    row = row_of(group)
    return None if row.next_due is None else row.next_due - row.last_refreshed


@pytest.mark.parametrize(
    ("rule", "every"),
    [
        (VERIFIED, DAY),
        (LAST_LOGIN, HOUR),
        ({"any": [*VERIFIED["all"], {"none": [leaf("last_login", "is_true")]}]}, HOUR),
        ({"all": [leaf("date_joined", "within_days", days=3)]}, DAY),
    ],
)
def test_a_group_is_due_as_often_as_the_most_restless_of_its_criteria_wants(scope, rule, every):
    assert every * 0.9 <= put_off(a_group(scope, rule)) <= every


def test_a_group_can_have_an_interval_of_its_own(scope):
    assert timedelta(minutes=9) <= put_off(a_group(scope, LAST_LOGIN, refresh_every=600)) <= timedelta(minutes=10)
    assert timedelta(days=18) <= put_off(a_group(scope, LAST_LOGIN, refresh_every=20 * 86_400)) <= timedelta(days=20)


def test_groups_are_spread_and_each_keeps_its_place(scope):
    groups = [a_group(scope, VERIFIED) for _ in range(10)]

    first = [put_off(group) for group in groups]

    assert len(set(first)) > 5
    assert [put_off(group) for group in groups] == first


@pytest.mark.parametrize(
    ("method", "at_first", "afterwards"),
    [("any", True, True), ("schedule", True, True), ("events", True, False), ("request", False, False)],
)
def test_a_group_may_be_left_alone_by_it(scope, method, at_first, afterwards):
    group = a_group(scope, VERIFIED, method=method)
    assert (row_of(group).next_due is not None) == at_first

    assert (put_off(group) is not None) == afterwards


def test_static_groups_drafts_and_paused_ones_are_not_due(scope):
    groups = [a_group(scope), api.create_group(scope, name="Draft", rule=VERIFIED), a_group(scope, VERIFIED)]
    api.pause_group(groups[2].uuid)

    assert {row_of(group).next_due for group in groups} == {None}
    assert api.activate_group(groups[2].uuid).next_due <= timezone.now()


def test_a_group_that_was_just_edited_is_due_once_more_when_everybody_knows_of_it(scope):
    group = a_group(scope, VERIFIED)
    refreshed(group)

    row = row_of(group)

    assert row.next_due == row.modified + timedelta(seconds=60)


def test_so_is_one_that_only_events_refresh(scope):
    group = a_group(scope, VERIFIED, method="events")
    refreshed(group)
    assert row_of(group).next_due == row_of(group).modified + timedelta(seconds=60)
    aged(group, minutes=2)

    refreshed(group)

    assert row_of(group).next_due is None


@pytest.mark.parametrize("when", [0, 1], ids=["before it has written", "afterwards"])
def test_what_is_made_due_while_it_is_being_refreshed_is_refreshed_once_more(course, scope, when):
    a_learner(course, "verified")
    group = a_group(scope, VERIFIED)
    aged(group, hours=1)

    refreshed(group, progress=lambda done, _total: schedule.look_again([row_of(group).pk]) if done == when else None)

    assert row_of(group).next_due <= timezone.now()
    assert put_off(group) > timedelta(hours=20), "once"


def test_what_is_put_off_meanwhile_for_the_refresh_that_is_running_is_not(course, scope):
    a_learner(course, "verified")
    group = a_group(scope, VERIFIED)
    aged(group, hours=1)

    refreshed(group, progress=lambda *_: rounds.put_off([row_of(group)]))

    assert row_of(group).next_due > timezone.now() + timedelta(hours=20)


@pytest.mark.parametrize("method", ["any", "events", "request"])
def test_a_refresh_that_was_stopped_is_due_soon(course, scope, method):
    group = a_group(scope, VERIFIED, method=method)
    aged(group, hours=1)
    refreshed(group)
    before = row_of(group).next_due

    with pytest.raises(KeyboardInterrupt):
        refreshed(group, progress=Mock(side_effect=KeyboardInterrupt))

    assert RefreshRun.objects.filter(outcome="failed").count() == 1
    row = row_of(group)
    if method == "request":
        assert row.next_due == before
    else:
        assert timedelta(minutes=4) < row.next_due - timezone.now() <= timedelta(minutes=5)


def test_a_group_that_fails_is_tried_again_after_longer_and_longer(scope):
    with temporarily(test__answer=Raises):
        group = a_group(scope, {"all": [leaf("test.answer", "in")]})
        waits = []
        for _ in range(12):
            refreshed(group)
            waits.append(row_of(group).next_due - timezone.now())

    assert timedelta(minutes=4) < waits[0] <= timedelta(minutes=5)
    assert waits[1] > waits[0] * 1.9
    minutes = [round(wait.total_seconds() / 60) for wait in waits]
    assert minutes == sorted(minutes)
    assert waits[-1] <= DAY


def test_a_group_that_has_failed_very_often_is_tried_again_as_well(scope):
    group = row_of(a_group(scope, VERIFIED))
    group.failures = 1_000

    assert schedule.after_failure(group, timezone.now()) <= timezone.now() + DAY


def test_a_group_that_heals_is_due_at_once_for_what_passed_it_by(course, scope):
    a_learner(course)
    with temporarily(test__answer=Raises):
        group = a_group(scope, {"all": [leaf("test.answer", "in")]})
        refreshed(group)
    with temporarily(test__answer=Answer):
        refreshed(group)

    row = row_of(group)
    assert (row.health, row.failures) == ("ok", 0)
    assert row.next_due <= timezone.now()


def test_groups_found_by_name_or_tag_are_looked_at_again_when_one_is_called_otherwise(scope):
    named = a_group(scope, VERIFIED, name="Tutorial A")
    above = a_group(scope, {"all": [leaf("group_field", "starts_with", field="name", value="Tutorial")]})
    other = a_group(scope, VERIFIED)
    later = timezone.now() + DAY
    UserGroup.objects.update(next_due=later)

    api.update_group(named.uuid, revision=1, name="Workshop A")

    assert row_of(above).next_due < later
    assert row_of(other).next_due == later
