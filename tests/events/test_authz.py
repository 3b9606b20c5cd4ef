"""Roles that openedx-authz keeps: groups follow its events, which name users and places by texts."""

import pytest

from openedx_user_groups.events import handlers
from openedx_user_groups.upkeep import drain
from tests.authz import ALL_COURSES, ALL_OF_ACME, give, take
from tests.by_api import a_group, leaf, member_ids
from tests.factories import a_learner, scope_of_course, scope_of_instance, scope_of_organization
from tests.happenings import noted

# Releases of openedx-events for Python 3.11 have no such module.
authz_signals = pytest.importorskip("openedx_events.authz.signals")
RoleAssignmentData = pytest.importorskip("openedx_events.authz.data").RoleAssignmentData

pytestmark = pytest.mark.django_db

STAFF = {"all": [leaf("course_role", "in", roles=["staff"])]}
CREATED = "org.openedx.authz.role_assignment.created"


def assignment(operation: str, subject: str, place: object) -> object:
    return RoleAssignmentData(operation, subject, "role^course_staff", f"course-v1^{place}")


def tell(signal, operation: str, subject: str, place: object) -> None:
    signal.send_event(role_assignment=assignment(operation, subject, place))


@pytest.fixture
def ana(course):
    return a_learner(course, username="Ana")


@pytest.mark.parametrize("place", ["course-v1:Acme+A1+2026", ALL_OF_ACME, ALL_COURSES])
@pytest.mark.parametrize("subject", ["user^Ana", "user^ana"])
def test_a_role_in_a_course_an_organization_or_everywhere(place, subject, course, ana) -> None:
    scopes = (scope_of_course(course), scope_of_organization(), scope_of_instance())
    groups = [a_group(scope, STAFF) for scope in scopes]
    drain.drain()

    give(ana, "course_staff", place)
    tell(authz_signals.ROLE_ASSIGNMENT_CREATED, "created", subject, place)
    assert noted() == [(CREATED, ana.pk, "")]
    drain.drain()
    assert [member_ids(group) for group in groups] == [{ana.pk}] * 3

    take(ana, "course_staff", place)
    tell(authz_signals.ROLE_ASSIGNMENT_DELETED, "deleted", subject, place)
    drain.drain()
    assert [member_ids(group) for group in groups] == [set()] * 3


def test_openedx_authz_sends_them_itself_after_the_commit(course, ana, django_capture_on_commit_callbacks) -> None:
    group = a_group(scope_of_course(course), STAFF)
    drain.drain()

    with django_capture_on_commit_callbacks(execute=True):
        give(ana, "course_staff", course.id)

    drain.drain()
    assert member_ids(group) == {ana.pk}


@pytest.mark.parametrize("subject", ["user^nobody", "role^Ana", "user^", "Ana", "user^\x00"])
def test_a_subject_that_is_nobody_here_is_a_line_in_the_log(subject, course, ana, caplog) -> None:
    a_group(scope_of_course(course), STAFF)

    # To our handler alone: that of openedx-authz keeps what it is told, and PostgreSQL keeps no such text.
    handlers.on_event(authz_signals.ROLE_ASSIGNMENT_CREATED, role_assignment=assignment("created", subject, course.id))

    assert noted() == []
    assert "role_assignment.created is passed over: 'role_assignment.subject' leads to no user" in caplog.text
