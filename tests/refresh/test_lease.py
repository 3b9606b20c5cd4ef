"""Leases: one refresh at a time, and none that lives on after its worker has died."""

from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from openedx_user_groups.exceptions import RefreshInProgress
from openedx_user_groups.models import GroupCollection, RefreshRun
from openedx_user_groups.refresh import lease, saying
from tests.by_api import a_group, row_of, statements
from tests.factories import scope_of_instance

pytestmark = pytest.mark.django_db


@pytest.fixture
def collection():
    return row_of(a_group(scope_of_instance())).collection


def expire(collection):
    GroupCollection.objects.filter(pk=collection.pk).update(lease_expires=timezone.now() - timedelta(seconds=1))


def test_tokens_only_grow(collection):
    tokens = []
    for _ in range(3):
        tokens.append(lease.acquire(collection.pk))
        lease.release(collection.pk, tokens[-1])

    assert tokens == [1, 2, 3]


def test_while_one_is_alive_there_is_no_other(collection):
    lease.acquire(collection.pk)

    with pytest.raises(RefreshInProgress):
        lease.acquire(collection.pk)


def test_one_that_has_expired_is_taken_over(collection):
    old = lease.acquire(collection.pk)
    expire(collection)

    new = lease.acquire(collection.pk)

    collection.refresh_from_db()
    assert new == old + 1
    lease.prove(collection, new)
    with pytest.raises(lease.LeaseLost):
        lease.prove(collection, old)


def test_it_goes_on_while_something_long_is_read(collection):
    token = lease.acquire(collection.pk)
    with statements() as fresh:
        lease.keeper(collection.pk, token)()
    assert not fresh

    with override_settings(OPENEDX_USER_GROUPS_LEASE_SECONDS=0):
        keep = lease.keeper(collection.pk, token)
    expire(collection)
    keep()

    collection.refresh_from_db()
    assert collection.lease_expires > timezone.now() + timedelta(seconds=800)


def test_an_old_one_does_not_prolong_a_newer_one(collection):
    with override_settings(OPENEDX_USER_GROUPS_LEASE_SECONDS=0):
        keep_old = lease.keeper(collection.pk, lease.acquire(collection.pk))
        lease.acquire(collection.pk)

    keep_old()

    collection.refresh_from_db()
    assert collection.lease_expires <= timezone.now()


def test_an_old_one_gives_nothing_back(collection):
    old = lease.acquire(collection.pk)
    expire(collection)
    lease.acquire(collection.pk)

    lease.release(collection.pk, old)

    with pytest.raises(RefreshInProgress):
        lease.acquire(collection.pk)


def test_one_that_was_given_back_or_has_expired_untaken_is_still_the_newest(collection):
    token = lease.acquire(collection.pk)
    expire(collection)
    collection.refresh_from_db()

    lease.prove(collection, token)

    collection.refresh_from_db()
    assert collection.lease_expires > timezone.now()


def test_it_lasts_as_long_as_the_setting_says(collection):
    with override_settings(OPENEDX_USER_GROUPS_LEASE_SECONDS=60):
        before = timezone.now()
        lease.acquire(collection.pk)
        after = timezone.now()

    collection.refresh_from_db()
    assert before <= collection.lease_expires - timedelta(seconds=60) <= after


def test_runs_of_older_leases_are_ended_and_others_are_not(collection):
    now = timezone.now()
    group = collection.groups.get()
    common = {"group": group, "collection": collection, "revision": 1, "requested": now, "started": now}
    dead = RefreshRun.objects.create(**common, lease_token=0)
    done = RefreshRun.objects.create(**common, lease_token=0, finished=now, outcome="done")
    elsewhere = RefreshRun.objects.create(**{**common, "collection_id": collection.pk + 1}, lease_token=0)

    lease.acquire(collection.pk)

    for run in (dead, done, elsewhere):
        run.refresh_from_db()
    assert [run.outcome for run in (dead, done, elsewhere)] == ["failed", "done", ""]
    assert dead.finished
    assert "worker stopped" in saying.told(dead.error)


def test_rows_are_locked_in_the_order_of_their_ids(collection):
    other = row_of(a_group(scope_of_instance())).collection

    with statements() as sent:
        locked = lease.lock([other.pk, collection.pk])

    assert [one.pk for one in locked] == sorted([other.pk, collection.pk])
    assert len(sent) == 1
    assert "ORDER BY" in sent[0]
