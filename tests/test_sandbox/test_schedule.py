"""The schedule of the sandbox: what is due is refreshed while it is served."""

import threading

import pytest

from openedx_user_groups import api
from tests.by_api import VERIFIED, a_group, aged, refreshed
from tests.factories import a_learner
from tests.sandbox.demo import schedule


@pytest.mark.django_db(transaction=True)
def test_what_is_due_is_refreshed(course, scope):
    group = a_group(scope, VERIFIED)
    refreshed(group)
    a_learner(course, "verified", username="ana")
    aged(group, days=2)

    schedule.once()

    assert list(api.members(group.uuid).values_list("username", flat=True)) == ["ana"]


def test_it_runs_only_where_the_sandbox_is_served():
    schedule.start()

    assert "schedule" not in {thread.name for thread in threading.enumerate()}
