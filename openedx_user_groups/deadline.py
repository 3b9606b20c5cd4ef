"""Deadlines: code of plugins is ended when it takes too long, so that one that hangs holds up nothing else."""

from __future__ import annotations

import math
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType

from .exceptions import CriterionFailed

# Seconds that somebody waits for a sentence, or for a config to be checked; what takes longer is not worth it.
PROMPT = 5
# A signal that comes at a bad moment, or that the code has caught, comes again so soon.
TICK = 0.1

# When the time of the block is up, and what is said then.
_limit: ContextVar[tuple[float, str] | None] = ContextVar("_limit", default=None)


class _TimeIsUp(BaseException):
    """Ends code that goes on after every Exception, too; never leaves ``within()``."""


@contextmanager
def within(seconds: float, *, hint: str = "") -> Iterator[None]:
    """End the block after that time with CriterionFailed; 0 sets no limit, and a block within another one sets none.

    The ``hint`` says what to do about it.

    In the main thread, where requests and tasks run as a rule, whatever it waits for is interrupted, except the
    database. In other threads only ``check()`` ends it, which is called for every id that a criterion hands over; a
    block that comes to its end too late has failed there all the same.
    """
    if not seconds or _limit.get() is not None:
        yield
        return
    message = f"It took longer than {seconds:g} seconds, and was ended. {hint}".rstrip()
    token = _limit.set((time.monotonic() + seconds, message))
    try:
        with _alarm(seconds):
            yield
        check()
    except _TimeIsUp:
        raise CriterionFailed(message) from None
    finally:
        _limit.reset(token)


def check() -> None:
    """Raises CriterionFailed when the time of the block it is called in is up."""
    ends, message = _limit.get() or (math.inf, "")
    if time.monotonic() > ends:
        raise CriterionFailed(message)


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    # Only the main thread gets signals; and somebody else's alarm is left alone.
    if threading.current_thread() is not threading.main_thread() or signal.getitimer(signal.ITIMER_REAL)[0]:
        yield
        return
    outside, armed = _database_calls(sys._getframe()), True

    def ring(_signal: int, frame: FrameType | None) -> None:
        # An exception between a statement and its result would leave a connection that nobody can use.
        if armed and _database_calls(frame) == outside:
            raise _TimeIsUp

    before = signal.signal(signal.SIGALRM, ring)
    if signal.getsignal(signal.SIGALRM) is not ring:
        # A server that keeps signals to itself; an alarm would end the process.
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds, TICK)
    try:
        try:
            yield
        finally:
            # It may ring until the timer is set back, and must not hinder that.
            armed = False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before or signal.SIG_DFL)


def _database_calls(frame: FrameType | None) -> int:
    """How many of the functions that are being called are Django's database layer."""
    calls = 0
    while frame is not None:
        calls += frame.f_globals.get("__name__", "").startswith("django.db.")
        frame = frame.f_back
    return calls
