"""Real deadlocks and lock time-outs are tried again."""

import threading

import pytest
from django.db import OperationalError, connection

from openedx_user_groups import api
from openedx_user_groups.criteria import registry
from openedx_user_groups.models import GroupCollection, RefreshRun, Scope, UserGroup
from openedx_user_groups.retrying import in_transaction
from tests.by_api import Answer, a_group, leaf, member_ids, refreshed, row_of
from tests.factories import a_course, a_learner, scope_of_course
from tests.services.together import together

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


def locking(first, second, both_have_one, tried):
    """Lock two rows in this order; the first time, once the other one holds the second of them."""

    def act():
        tried.append(first)
        Scope.objects.select_for_update().get(pk=first)
        if tried.count(first) == 1:
            both_have_one.wait(timeout=120)
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
        held.wait(timeout=120)

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


class Cuts(Answer):
    """A criterion in whose next answer the connection is cut."""

    is_next = False

    def predicate(self):
        if Cuts.is_next:
            Cuts.is_next = False
            cut()
        return super().predicate()


def cut():
    """End the connection of this thread from another one."""
    mysql = connection.vendor == "mysql"
    with connection.cursor() as cursor:
        cursor.execute("SELECT CONNECTION_ID()" if mysql else "SELECT pg_backend_pid()")
        (own,) = cursor.fetchone()

    def end():
        with connection.cursor() as cursor:
            cursor.execute(f"KILL CONNECTION {own}" if mysql else f"SELECT pg_terminate_backend({own})")

    assert not isinstance(together(end)[0], Exception)


@pytest.mark.parametrize("users", [None, "some"])
def test_a_connection_that_is_cut_breaks_no_group(users):
    """It says nothing about the group; nothing is left over, and the next refresh does it."""
    course = a_course()
    ana = a_learner(course)
    with registry.temporarily(acme__cuts=Cuts):
        group = a_group(scope_of_course(course), {"all": [leaf("acme.cuts", "in", ids=[ana.pk])]})
        Cuts.is_next = True
        if users is None:
            assert refreshed(group).outcome == RefreshRun.Outcome.FAILED
        else:
            with pytest.raises(OperationalError):
                refreshed_for(group, ana)
        connection.close_if_unusable_or_obsolete()

        assert not Cuts.is_next
        assert row_of(group).health == UserGroup.Health.NEVER
        assert not GroupCollection.objects.exclude(lease_expires=None).exists()
        assert not RefreshRun.objects.filter(finished=None).exists()

        assert refreshed(group).outcome == RefreshRun.Outcome.DONE
        assert member_ids(group) == {ana.pk}


def refreshed_for(group, user):
    api.refresh(group.uuid, users=[user.pk])
