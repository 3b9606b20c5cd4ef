"""The retirement pipeline of the platform: its steps erase the person here, and fail loudly where that fails."""

import sys

import pytest
from django.db import DatabaseError

from openedx.core.djangoapps.user_api.accounts import signals
from openedx_user_groups import api
from openedx_user_groups.groups import retirement, retirement_pipeline
from openedx_user_groups.models import Membership, PastMembership
from openedx_user_groups.upkeep import drain
from tests.by_api import VERIFIED, a_group, member_ids, refreshed
from tests.factories import a_learner, retire, scope_of_course
from tests.happenings import noted, unenrolls

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(course):
    return a_group(scope_of_course(course), VERIFIED)


@pytest.fixture
def ana(course, group):
    learner = a_learner(course, "verified")
    refreshed(group)
    return learner


def is_named(user):
    return any(model.objects.filter(user=user).exists() for model in (Membership, PastMembership))


@pytest.mark.parametrize(
    ("signal", "more"),
    [
        (signals.USER_RETIRE_LMS_MISC, {}),
        (signals.USER_RETIRE_LMS_CRITICAL, {}),
        (signals.USER_RETIRE_LMS_CRITICAL, {"retired_username": "retired__1", "retired_email": "r@retired.invalid"}),
    ],
)
def test_both_steps_erase_the_person_whatever_the_release_sends(ana, signal, more):
    signal.send(sender=None, user=ana, **more)

    assert not is_named(ana)


def test_mailing_lists_are_not_meant(ana):
    signals.USER_RETIRE_MAILINGS.send(sender=None, user=ana, email="ana@example.com", new_email="r@retired.invalid")

    assert is_named(ana)


def test_an_error_fails_the_step_and_it_can_be_taken_again(ana, monkeypatch):
    def refuses(user_id):
        raise DatabaseError("server has gone away")

    with monkeypatch.context() as patched:
        patched.setattr(retirement, "retire_user", refuses)
        with pytest.raises(DatabaseError):
            signals.USER_RETIRE_LMS_MISC.send(sender=None, user=ana)
    assert is_named(ana)

    signals.USER_RETIRE_LMS_MISC.send(sender=None, user=ana)

    assert not is_named(ana)


def test_the_whole_pipeline_leaves_nothing_behind(course, group, ana):
    """As the platform goes: the request, the enrollments, the apps, and last the account itself."""
    retire(ana)
    unenrolls(ana, course)
    drain.drain()
    assert member_ids(group) == set()
    assert is_named(ana)

    signals.USER_RETIRE_LMS_MISC.send(sender=None, user=ana)
    signals.USER_RETIRE_LMS_CRITICAL.send(sender=None, user=ana, retired_username="retired__1", retired_email="r@x.y")
    ana.username, ana.email, ana.is_active = "retired__1", "r@x.y", False
    ana.save()
    drain.drain()
    api.refresh(group.uuid)

    assert noted() == []
    assert not is_named(ana)


@pytest.fixture
def disconnected():
    for signal in (signals.USER_RETIRE_LMS_MISC, signals.USER_RETIRE_LMS_CRITICAL):
        signal.disconnect(dispatch_uid=retirement_pipeline.UID)
    yield
    retirement_pipeline.connect()


def test_a_service_that_only_reads_takes_no_part(ana, disconnected, settings):
    settings.SERVICE_VARIANT = "cms"

    retirement_pipeline.connect()
    signals.USER_RETIRE_LMS_MISC.send(sender=None, user=ana)

    assert is_named(ana)
    # The settings of the test end after the fixture that connects again.
    settings.SERVICE_VARIANT = "lms"


def test_without_the_platform_there_is_nothing_to_take_part_in(disconnected, monkeypatch):
    name = "openedx.core.djangoapps.user_api.accounts"
    monkeypatch.setitem(sys.modules, name, None)

    retirement_pipeline.connect()

    assert not signals.USER_RETIRE_LMS_MISC.receivers
    monkeypatch.undo()
