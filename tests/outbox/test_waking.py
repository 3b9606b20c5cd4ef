"""Waking: a worker is sent one task for all that happens within a moment, and sees all of it."""

from unittest.mock import Mock

import pytest
from celery import current_app
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache

from openedx_user_groups.outbox import waking

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sent(monkeypatch):
    """The tasks that a broker is sent."""
    cache.delete(waking.SENT)
    monkeypatch.setitem(current_app.conf, "task_always_eager", False)
    monkeypatch.setattr(current_app.tasks[waking.TASK], "apply_async", calls := Mock())
    yield calls
    cache.delete(waking.SENT)


def test_within_a_moment_one_is_sent(sent):
    for _ in range(3):
        waking.wake()

    assert sent.call_count == 1


@pytest.mark.parametrize("seconds", [0.2, 1, 2.5])
def test_it_is_marked_for_whole_seconds_and_comes_later(sent, settings, monkeypatch, seconds):
    settings.OPENEDX_USER_GROUPS_DRAIN_SECONDS = seconds
    monkeypatch.setattr(LocMemCache, "add", marked := Mock(return_value=True))

    waking.wake()

    lives = marked.call_args.kwargs["timeout"]
    assert isinstance(lives, int)
    assert seconds <= lives < sent.call_args.kwargs["countdown"]
