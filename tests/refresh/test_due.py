"""What is due: by the schedule, or because somebody has asked."""

from datetime import timedelta

import pytest
from django.utils import timezone

from openedx_user_groups import api
from openedx_user_groups.models import GroupCollection, UserGroup
from openedx_user_groups.refresh import due, waiting
from tests.by_api import VERIFIED, a_group, aged, leaf, refreshed, row_of, uuids

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(scope):
    """One that was refreshed, and is not due."""
    made = a_group(scope, VERIFIED)
    aged(made, hours=1)
    refreshed(made)
    return made


def due_now(**later):
    return uuids(due.due_groups(timezone.now() + timedelta(**later)))


def test_at_its_time_it_is(group):
    assert due_now() == []
    assert due_now(days=1) == [group.uuid]


def test_so_is_what_somebody_has_asked_for(group):
    waiting.wait(row_of(group).pk, ["request"])

    assert due_now() == [group.uuid]


def test_what_is_being_refreshed_is_not(group):
    GroupCollection.objects.update(lease_expires=timezone.now() + timedelta(days=1, minutes=1))
    assert due_now(days=1) == []

    GroupCollection.objects.update(lease_expires=timezone.now() - timedelta(seconds=1))
    assert due_now(days=1) == [group.uuid]


@pytest.mark.parametrize("act", [api.pause_group, api.archive_group, api.delete_group])
def test_what_is_not_active_is_not(group, act):
    act(group.uuid)

    assert due_now(days=1) == []


def test_a_clock_that_jumped_back_does_not_put_groups_off_for_years(group):
    UserGroup.objects.update(
        last_refreshed=timezone.now() + timedelta(days=400), next_due=timezone.now() + timedelta(days=401)
    )

    assert due_now() == [group.uuid]
    refreshed(group)
    assert due_now() == []


def test_a_lease_that_a_clock_has_given_for_years_keeps_nobody_waiting(group):
    GroupCollection.objects.update(lease_expires=timezone.now() + timedelta(days=400))

    assert due_now(days=1) == [group.uuid]


def test_groups_come_after_those_they_are_built_on(scope):
    below = a_group(scope, VERIFIED)
    above = a_group(scope, VERIFIED)
    on_it = {"all": [leaf("group_member", "in", groups=[str(above.uuid)])]}
    draft = api.update_group(below.uuid, revision=1, rule=on_it)
    api.activate_group(below.uuid, revision=draft.draft_revision)

    assert due_now() == [above.uuid, below.uuid]
