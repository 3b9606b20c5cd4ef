"""What was noted in the open transaction: one act often comes as several events, and is one row of the outbox.

The platform enrolls somebody by a save and two events, and a log-in is a save and an event. What a row that is
already there covers is not noted again. Whenever that is in doubt it is: a row too many costs little.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection

# Scopes by id, None for all that the user has to do with, each with the names of what listens there.
Listeners = Mapping[int | None, frozenset[str]]

# A transaction that notes more is one of many users, whose events hardly repeat each other.
MAX_USERS = 10_000


class _Noted(threading.local):
    """What one thread has noted, as long as its transaction is the same."""

    def __init__(self) -> None:
        self.hooks: Any = None
        self.begin_anew()

    def begin_anew(self) -> None:
        self.users: dict[int, dict[int | None, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.is_done = False


_noted = _Noted()


def _of_this_transaction() -> _Noted:
    # Django makes another list after each commit, and when a transaction or a savepoint is rolled back.
    if _noted.hooks is not connection.run_on_commit or not connection.in_atomic_block:
        forget()
    return _noted


def forget() -> None:
    """What was noted is being dealt with, or may be: from now on everything is noted again."""
    _noted.begin_anew()
    # Without a transaction nothing is to last until the next one, whose list it may be.
    _noted.hooks = connection.run_on_commit if connection.in_atomic_block else None


def missing(user_id: int, listeners: Listeners) -> Listeners:
    """The scopes in which not all of the listeners will hear of the user anyway."""
    known = _of_this_transaction().users.get(user_id, {})
    return {scope: names for scope, names in listeners.items() if not names <= known.get(scope, set())}


def add(user_id: int, listeners: Listeners) -> None:
    """Remember that these listeners will hear of the user."""
    noted = _of_this_transaction()
    if len(noted.users) >= MAX_USERS:
        noted.users.clear()
    for scope, names in listeners.items():
        noted.users[user_id][scope] |= names


def once(act: Callable[[], None]) -> None:
    """Do it once, however much is noted in the transaction."""
    noted = _of_this_transaction()
    if not noted.is_done:
        noted.is_done = True
        act()
