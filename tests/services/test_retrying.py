"""Real deadlocks and lock time-outs are tried again."""

import threading

import pytest
from django.db import OperationalError, connection

from openedx_user_groups.models import Scope
from openedx_user_groups.retrying import in_transaction
from tests.services.together import together

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


def locking(first, second, both_have_one, tried):
    """Lock two rows in this order; the first time, once the other one holds the second of them."""

    def act():
        tried.append(first)
        Scope.objects.select_for_update().get(pk=first)
        if tried.count(first) == 1:
            both_have_one.wait(timeout=30)
        Scope.objects.select_for_update().get(pk=second)
        return "done"

    return lambda: in_transaction(act)


def test_a_deadlock_is_tried_again():
    one, two = (Scope.objects.create(type="course", key=key).pk for key in ("one", "two"))
    both_have_one, tried = threading.Barrier(2), []

    results = together(locking(one, two, both_have_one, tried), locking(two, one, both_have_one, tried))

    assert results == ["done", "done"]
    assert len(tried) >= 3


def test_a_lock_time_out_is_tried_again():
    Scope.objects.create(type="course", key="one")
    held, tried = threading.Event(), []

    def hold():
        def act():
            Scope.objects.select_for_update().get(key="one")
            held.set()
            wait_for_tries(tried, 2)
            return "held"

        return in_transaction(act)

    def wait():
        with connection.cursor() as cursor:
            mysql = connection.vendor == "mysql"
            cursor.execute("SET innodb_lock_wait_timeout = 1" if mysql else "SET lock_timeout = '500ms'")
        held.wait(timeout=30)

        def act():
            tried.append(None)
            return Scope.objects.select_for_update().get(key="one").key

        return in_transaction(act)

    assert together(hold, wait) == ["held", "one"]
    assert len(tried) >= 2


def wait_for_tries(tried, number):
    pause = threading.Event()
    for _ in range(200):
        if len(tried) >= number:
            return
        pause.wait(0.05)
    raise OperationalError("Nobody tried again.")
