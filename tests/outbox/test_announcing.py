"""Announcing: others are told what has changed, after it was committed, in its order and at least once."""

import logging
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from openedx_user_groups import api, signals, tasks
from openedx_user_groups.models import Announcement, RefreshRun
from openedx_user_groups.outbox import announcements, announcing, waking
from openedx_user_groups.upkeep import drain
from tests.audience import an_audience
from tests.by_api import VERIFIED, a_group, edited, many_learners, refreshed, row_of, statements
from tests.factories import a_learner

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard():
    with an_audience() as events:
        yield events


@pytest.fixture
def group(scope, heard):
    """A group of which everything has been told."""
    made = a_group(scope, VERIFIED, name="Verified", tags=["paying", "Spring"])
    announcing.send()
    heard.clear()
    return made


def names(events):
    return [event.name for event in events]


def change(group, *users):
    announcements.announce_members({row_of(group).pk: list(users)}, {}, ["manual"])


def broken(**_event):
    raise ZeroDivisionError("the receiver divides by zero")


@pytest.fixture
def broken_receiver(heard):
    """A receiver that fails, and is told before the others."""
    signal = signals.MEMBERSHIP_CHANGED
    receivers, signal.receivers = signal.receivers, []
    signal.connect(broken)
    signal.receivers += receivers
    signal.sender_receivers_cache.clear()
    yield
    signal.disconnect(broken)


def test_a_new_group_is_told_with_all_that_a_consumer_needs(scope, group, heard):
    parent = a_group(scope)
    teams = api.create_collection(scope, name="Teams", parent_group=parent.uuid)
    announcing.send()
    heard.clear()

    team = api.create_group(scope, name="Blue 🟦", tags=["b", "a"], collection=teams.uuid)
    announcing.send()

    (event,) = heard
    assert (event.name, event.from_event_bus) == ("group.created", False)
    assert event.group == signals.UserGroupData(
        uuid=str(team.uuid),
        name="Blue 🟦",
        tags=["b", "a"],
        scope=signals.UserGroupScopeData(type="course", key=scope.key),
        collection=signals.UserGroupCollectionData(
            uuid=str(teams.uuid), rest_uuid=str(teams.rest_uuid), parent_group_uuid=str(parent.uuid)
        ),
        status="active",
        health="never",
        revision=1,
    )
    assert event.metadata.event_type == "org.openedx.user_groups.group.created.v1"


def test_an_event_is_dated_from_when_it_happened(group, heard):
    change(group, 1)
    then = timezone.now() - timedelta(hours=2)
    Announcement.objects.update(created=then)

    announcing.send()

    assert heard[0].metadata.time == then


def test_who_has_joined_and_left_is_told_with_the_refresh_that_did_it(course, group, heard):
    ana, ben = a_learner(course, "verified"), a_learner(course, "verified")
    run = refreshed(group, cause="term")
    announcing.send()

    (event,) = heard
    assert event.membership.group.uuid == str(group.uuid)
    assert sorted(event.membership.joined) == [ana.pk, ben.pk]
    assert (event.membership.left, event.membership.causes) == ([], ["term"])
    assert (event.membership.run_uuid, event.membership.batch) == (str(run.uuid), 0)

    heard.clear()
    api.remove_members(group.uuid, [ben.pk])
    announcing.send()
    (event,) = heard
    assert (event.membership.joined, event.membership.left) == ([], [ben.pk])
    assert (event.membership.causes, event.membership.run_uuid) == (["manual"], "")


def test_a_large_change_comes_in_several_events_that_can_be_told_apart(course, group, heard, monkeypatch):
    monkeypatch.setattr(announcements, "IDS_AT_A_TIME", 4)
    monkeypatch.setattr("openedx_user_groups.refresh.membership.batches", lambda users: iter([users[:8], users[8:]]))
    learners = many_learners(course, 14)
    refreshed(group)

    announcing.send()

    told = [event.membership for event in heard]
    assert sorted(user for each in told for user in each.joined) == learners
    assert [(len(each.joined), each.batch) for each in told] == [(4, 0), (4, 1), (4, 2), (2, 3)]
    assert len({each.run_uuid for each in told}) == 1


def test_a_group_is_told_as_it_is_now_and_in_the_order_of_its_changes(scope, heard):
    group = a_group(scope, name="First")
    edited(group, name="Second", tags=["new"])
    change(group, 1)
    api.delete_group(group.uuid)

    announcing.send()

    assert names(heard) == ["group.created", "group.updated", "membership.changed", "group.deleted"]
    assert {(event.group.name, event.group.status, *event.group.tags) for event in heard} == {
        ("Second", "deleted", "new")
    }


def test_of_a_deleted_group_uuid_name_and_scope_are_told_and_who_was_in_it(course, scope, group, heard):
    ana = a_learner(course)
    api.add_members(group.uuid, [ana.pk])
    announcing.send()
    heard.clear()

    api.delete_group(group.uuid)
    # Its name is free again.
    a_group(scope, name="Verified")
    announcing.send()

    deleted, left, _created = heard
    assert (deleted.name, deleted.group.uuid, deleted.group.name) == ("group.deleted", str(group.uuid), "Verified")
    assert (deleted.group.scope.key, deleted.group.status) == (scope.key, "deleted")
    assert (left.membership.left, left.membership.causes) == ([ana.pk], ["deleted"])


def test_what_was_sent_is_gone_and_is_not_sent_again(group, heard):
    change(group, 1)

    assert announcing.send() == 1
    assert announcing.send() == 0
    assert len(heard) == 1
    assert not Announcement.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_told_before_the_commit_and_nothing_that_was_rolled_back(scope, heard):
    with transaction.atomic():
        a_group(scope, name="Kept")
        announcing.announce()
        assert heard == []
    assert names(heard) == ["group.created"]

    with transaction.atomic():
        a_group(scope, name="Not kept")
        announcing.announce()
        transaction.set_rollback(True)
    announcing.announce()
    assert len(heard) == 1


@pytest.mark.django_db(transaction=True)
def test_whatever_changes_something_sees_to_it_that_others_are_told(course, scope, heard):
    group = a_group(scope, VERIFIED)
    assert names(heard) == ["group.created", "group.updated"]

    api.add_members(group.uuid, [a_learner(course).pk])
    assert names(heard)[2:] == ["membership.changed"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "work",
    [
        lambda group: drain.drain(),
        lambda group: tasks.drain_outbox.delay(),
        lambda group: tasks.refresh_due.delay(),
        lambda group: tasks.refresh_collection.delay(row_of(group).collection_id),
        lambda group: tasks.refresh_users.delay(row_of(group).scope_id, []),
        lambda group: call_command("refresh_user_groups", due=True),
        lambda group: call_command("refresh_user_groups", group=str(group.uuid)),
    ],
)
def test_what_a_task_has_missed_is_told_by_the_next_work_of_any_kind(scope, heard, work, capsys):
    # As if the broker had lost all tasks.
    with waking.awake():
        group = a_group(scope, VERIFIED)
        assert heard == []

        work(group)

    assert names(heard)[:2] == ["group.created", "group.updated"]
    assert not Announcement.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_command_tells_what_it_has_changed_itself_and_nothing_in_a_dry_run(course, scope, heard, capsys):
    with waking.awake():
        group = a_group(scope, VERIFIED)
        ana = a_learner(course, "verified")
        call_command("refresh_user_groups", group=str(group.uuid), dry_run=True)
        assert heard == []

        call_command("refresh_user_groups", group=str(group.uuid))

    assert heard[-1].membership.joined == [ana.pk]


@pytest.mark.django_db(transaction=True)
@override_settings(SERVICE_VARIANT="cms")
def test_studio_only_notes_it_and_the_lms_tells(scope, heard):
    a_group(scope)
    announcing.announce()
    assert heard == []
    assert Announcement.objects.count() == 1

    with override_settings(SERVICE_VARIANT="lms"):
        announcing.announce()
    assert names(heard) == ["group.created"]


@pytest.mark.usefixtures("broken_receiver")
@pytest.mark.parametrize("debug", [False, True])
def test_a_receiver_that_fails_holds_up_no_event_and_loses_none(group, heard, settings, caplog, debug):
    settings.DEBUG = debug
    change(group, 1)
    edited(group, name="New")
    change(group, 2)

    assert announcing.send() == 3

    assert not Announcement.objects.exists()
    assert "divides by zero" in caplog.text
    # With DEBUG, openedx-events ends with the first receiver that fails; who comes after it is not told of that event.
    expected = ["group.updated"] if debug else ["membership.changed", "group.updated", "membership.changed"]
    assert names(heard) == expected


def test_who_dies_leaves_the_rest_to_the_next_one_and_nothing_is_lost(group, heard):
    def die(membership, **_event):
        if membership.joined == [2]:
            raise KeyboardInterrupt

    for user in (1, 2, 3):
        change(group, user)
    signals.MEMBERSHIP_CHANGED.connect(die)
    try:
        with pytest.raises(KeyboardInterrupt):
            announcing.send()
    finally:
        signals.MEMBERSHIP_CHANGED.disconnect(die)
    # The claim holds until it runs out.
    assert announcing.send() == 0
    heard.clear()
    Announcement.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))

    assert announcing.send() == 3
    assert [event.membership.joined for event in heard] == [[1], [2], [3]]


def test_nobody_overtakes_within_a_group_and_other_groups_do_not_wait(scope, group, heard):
    other = a_group(scope)
    announcing.send()
    heard.clear()
    change(group, 1)
    # Another worker is about to send it.
    Announcement.objects.update(claim=uuid4(), claimed_until=timezone.now() + timedelta(minutes=1))
    change(group, 2)
    change(other, 3)
    edited(group, name="New")

    assert announcing.send() == 1

    assert [event.membership.joined for event in heard] == [[3]]
    # They are left as if nobody had touched them.
    assert Announcement.objects.filter(claim=None, claimed_until=None).count() == 2
    heard.clear()
    Announcement.objects.update(claim=None, claimed_until=None)
    announcing.send()
    assert names(heard) == ["membership.changed", "membership.changed", "group.updated"]
    assert [event.membership.joined for event in heard[:2]] == [[1], [2]]


def test_who_has_only_later_ones_between_another_ones_sends_those_before_them(group, heard):
    for user in (1, 2, 3):
        change(group, user)
    middle = Announcement.objects.order_by("pk")[1]
    Announcement.objects.filter(pk=middle.pk).update(claim=uuid4(), claimed_until=timezone.now() + timedelta(minutes=1))

    assert announcing.send() == 1
    assert [event.membership.joined for event in heard] == [[1]]


def test_who_takes_too_long_stops_before_another_one_may_send_the_same(group, heard, settings):
    settings.OPENEDX_USER_GROUPS_CLAIM_SECONDS = 0
    for user in (1, 2, 3):
        change(group, user)

    with statements() as sent:
        assert announcing.send() == 3

    assert [event.membership.joined for event in heard] == [[1], [2], [3]]
    assert len([sql for sql in sent if sql.startswith("DELETE")]) == 3


def test_what_a_newer_release_has_noted_is_left_to_it(group, heard):
    Announcement.objects.create(
        created=timezone.now(), event_type="org.openedx.user_groups.group.sung.v1", group=row_of(group)
    )

    assert announcing.send() == 0
    assert Announcement.objects.count() == 1


def test_a_group_without_a_row_is_a_line_in_the_log_and_others_go_on(group, heard, caplog):
    Announcement.objects.create(created=timezone.now(), event_type=announcements.GROUP_UPDATED, group_id=2**30)
    change(group, 1)

    with caplog.at_level(logging.ERROR):
        announcing.send()

    assert names(heard) == ["membership.changed"]
    assert f"no group {2**30}" in caplog.text
    assert not Announcement.objects.exists()


def test_a_run_whose_record_is_gone_is_told_without_it(course, group, heard):
    a_learner(course, "verified")
    refreshed(group)
    RefreshRun.objects.all().delete()

    announcing.send()

    assert heard[0].membership.run_uuid == ""


def test_many_events_cost_as_many_queries_as_one_and_none_costs_one(scope, group):
    groups = [a_group(scope) for _ in range(5)]
    announcing.send()
    counts = []
    for number in (0, 1, 90):
        for place in range(number):
            change(groups[place % 5], place + 1)
        with statements() as sent:
            assert announcing.send() == number
        counts.append(len([sql for sql in sent if "SAVEPOINT" not in sql]))

    assert counts == [1, 7, 7]
