"""The outbox: rows are claimed one by one, for a while, and by one worker."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from openedx_user_groups.models import Change
from openedx_user_groups.outbox import store

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows():
    store.note([1, 2, 3], "auth.User")
    return list(Change.objects.order_by("pk"))


def claimed(limit=10):
    return [row.user_id for row in store.claim(Change.objects.all(), limit)]


def test_the_oldest_are_claimed_first_and_each_once(rows):
    assert claimed(2) == [1, 2]
    assert claimed(2) == [3]
    assert claimed(2) == []


def test_a_claim_is_stored_as_it_is_told(rows):
    for told, stored in zip(store.claim(Change.objects.all(), 10), Change.objects.order_by("pk"), strict=True):
        assert told.claim == stored.claim is not None
        assert told.claimed_until == stored.claimed_until > timezone.now()


def test_what_another_one_has_claimed_in_the_same_moment_is_theirs(rows, monkeypatch):
    found = store.unclaimed

    def meanwhile(some):
        # Between what is found and what is claimed.
        monkeypatch.setattr(store, "unclaimed", found)
        free = list(found(some))
        Change.objects.filter(pk=rows[1].pk).update(claim=uuid4(), claimed_until=timezone.now() + timedelta(minutes=1))
        return Change.objects.filter(pk__in=[row.pk for row in free])

    monkeypatch.setattr(store, "unclaimed", meanwhile)

    assert claimed() == [1, 3]


@pytest.mark.parametrize(
    "ahead", [timedelta(seconds=-1), timedelta(days=400)], ids=["run out", "of a clock that jumped"]
)
def test_a_claim_that_is_over_or_of_a_clock_that_has_jumped_is_nobodys(rows, ahead):
    Change.objects.update(claim=uuid4(), claimed_until=timezone.now() + ahead)

    assert claimed() == [1, 2, 3]


def test_what_is_given_back_is_free_unless_another_one_has_it_by_now(rows):
    mine = store.claim(Change.objects.all(), 10)
    Change.objects.filter(pk=mine[0].pk).update(claim=uuid4())

    store.give_back(mine)

    assert claimed() == [2, 3]


def test_exactly_what_was_dealt_with_is_deleted(rows):
    done = store.claim(Change.objects.all(), 2)

    store.done(done)

    assert list(Change.objects.values_list("user_id", flat=True)) == [3]
