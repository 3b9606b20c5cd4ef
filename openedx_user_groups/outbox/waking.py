"""Waking: a worker is told that something waits in the outbox, once the transaction is committed.

Nothing depends on it: the schedule looks into the outbox as well. So whoever caused the work never suffers from a
broker that does not answer, and what happens within a moment is dealt with together.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from ..platform import services

log = logging.getLogger(__name__)

TASK = "openedx_user_groups.tasks.drain"
SENT = "openedx_user_groups.drain_sent"
# How much longer the task waits than the mark lives that it was sent: whoever still finds the mark is seen by it.
MARGIN = 0.5
# Where no worker takes the task within that many seconds the schedule has looked into the outbox since.
EXPIRES = 60 * 60

_state = threading.local()


def wake() -> None:
    """Send the task when the transaction is committed; raises nothing."""
    if services.refreshes() and not getattr(_state, "is_awake", False):
        transaction.on_commit(_send, robust=True)


@contextmanager
def awake() -> Iterator[None]:
    """Within the block whatever is noted is seen by the caller, who looks into the outbox at the end."""
    before = getattr(_state, "is_awake", False)
    _state.is_awake = True
    try:
        yield
    finally:
        _state.is_awake = before


def _send() -> None:
    task = current_app.tasks[TASK]
    queue = {"queue": settings.OPENEDX_USER_GROUPS_QUEUE} if settings.OPENEDX_USER_GROUPS_QUEUE else {}
    # A task that is done at once, in the process that sends it, collects nothing.
    # Whole ones: Memcached takes a part of a second for none, and that for ever.
    seconds = 0 if current_app.conf.task_always_eager else ceil(settings.OPENEDX_USER_GROUPS_DRAIN_SECONDS)
    try:
        if not seconds or cache.add(SENT, True, timeout=seconds):
            later = {"countdown": seconds + MARGIN, "expires": seconds + EXPIRES} if seconds else {}
            task.apply_async(retry=False, **later, **queue)
    except Exception:
        log.exception("User groups: no worker could be woken; the schedule will find what waits.")
