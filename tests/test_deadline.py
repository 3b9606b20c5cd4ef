"""Time limits: what a plugin does ends when its time is up, wherever it is, and leaves nothing behind."""

import signal
import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from openedx_user_groups import deadline
from openedx_user_groups.exceptions import CriterionFailed

SHORT = 0.2
# Whatever is not ended takes so long, and the test notices.
LONG = 60
TOO_LONG = r"^It took longer than 0\.\d+ seconds, and was ended\."

# A statement that takes a second or two.
SLOW_STATEMENTS = {
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 2000000) SELECT max(x) FROM n",
    "mysql": "SELECT SLEEP(1)",
    "postgresql": "SELECT pg_sleep(1)",
}


@pytest.fixture(autouse=True)
def _nothing_is_left():
    handler = signal.getsignal(signal.SIGALRM)
    yield
    assert signal.getsignal(signal.SIGALRM) is handler
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    deadline.check()


def seconds_of(act: Callable[[], None]) -> float:
    begun = time.monotonic()
    with pytest.raises(CriterionFailed, match=TOO_LONG):
        act()
    return time.monotonic() - begun


def ended(act: Callable[[], object], limit: float = SHORT) -> float:
    """After how long what has a time limit is ended, in seconds."""

    def limited() -> None:
        with deadline.within(limit):
            act()

    return seconds_of(limited)


def in_a_thread(act: Callable[[], float]) -> float:
    found: list[float] = []
    thread = threading.Thread(target=lambda: found.append(act()))
    thread.start()
    thread.join(LONG)
    [seconds] = found
    return seconds


def sleep() -> None:
    time.sleep(LONG)


def compute() -> None:
    while True:
        pass


def go_on_after_every_error() -> None:
    while True:
        try:
            time.sleep(LONG)
        except Exception:
            continue


def go_on_after_being_ended() -> None:
    for _attempt in range(3):
        try:
            time.sleep(LONG)
        except BaseException:
            continue
    time.sleep(LONG)


def match_in_vain() -> None:
    import re

    re.match(r"(a+)+$", "a" * 60 + "!")


def test_what_is_in_time_is_left_alone() -> None:
    with deadline.within(LONG):
        deadline.check()
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0


@pytest.mark.parametrize("hangs", [sleep, compute, go_on_after_every_error, go_on_after_being_ended, match_in_vain])
def test_in_the_main_thread_whatever_hangs_is_ended(hangs) -> None:
    assert SHORT <= ended(hangs) < LONG / 4


def test_an_error_in_time_is_the_error_itself() -> None:
    with pytest.raises(ZeroDivisionError), deadline.within(LONG):
        raise ZeroDivisionError


def test_zero_sets_no_limit() -> None:
    with deadline.within(0):
        assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
        deadline.check()


def test_a_limit_within_another_one_counts_for_nothing() -> None:
    with deadline.within(LONG), deadline.within(SHORT / 10):
        time.sleep(SHORT)
        deadline.check()

    def nested() -> None:
        with deadline.within(LONG):
            sleep()

    assert ended(nested) < LONG / 4


def test_somebody_elses_alarm_is_left_alone_and_then_only_asking_ends_it() -> None:
    rung: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, _frame: rung.append(number))
    signal.setitimer(signal.ITIMER_REAL, SHORT)
    try:

        def asks() -> None:
            while True:
                time.sleep(0.01)
                deadline.check()

        assert SHORT * 2 <= ended(asks, limit=SHORT * 2) < LONG / 4
        assert rung == [signal.SIGALRM]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_server_that_keeps_signals_to_itself_is_not_ended_by_one(monkeypatch) -> None:
    monkeypatch.setattr(signal, "signal", lambda number, _handler: signal.getsignal(number))

    assert SHORT * 2 <= ended(lambda: time.sleep(SHORT * 2)) < LONG / 4


def test_in_another_thread_asking_ends_it() -> None:
    def asks() -> None:
        while True:
            time.sleep(0.01)
            deadline.check()

    assert in_a_thread(lambda: ended(asks)) < LONG / 4


def test_in_another_thread_what_comes_to_its_end_too_late_has_failed_all_the_same() -> None:
    assert in_a_thread(lambda: ended(lambda: time.sleep(SHORT * 2))) < LONG / 4


@pytest.mark.django_db
def test_a_statement_comes_to_its_end_first_and_the_connection_can_be_used() -> None:
    def asks_the_database() -> None:
        with connection.cursor() as cursor:
            cursor.execute(SLOW_STATEMENTS[connection.vendor])
            cursor.fetchall()
        sleep()

    assert ended(asks_the_database) < LONG / 4
    with connection.cursor() as cursor:
        cursor.execute("SELECT 5")
        assert cursor.fetchone() == (5,)


@pytest.mark.django_db
def test_many_short_statements_are_ended_between_two_of_them() -> None:
    def asks_again_and_again() -> None:
        while True:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 5")
                assert cursor.fetchone() == (5,)

    assert ended(asks_again_and_again) < LONG / 4
    with connection.cursor() as cursor:
        cursor.execute("SELECT 5")
        assert cursor.fetchone() == (5,)


@pytest.mark.django_db(transaction=True)
def test_the_database_layer_around_the_block_is_not_taken_for_a_statement_in_it() -> None:

    taken: list[float] = []
    with transaction.atomic():
        transaction.on_commit(lambda: taken.append(ended(sleep)))

    assert taken[0] < LONG / 4
