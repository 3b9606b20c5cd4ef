"""The criterion about roles where openedx-authz keeps roles as well: whichever keeps it, a role counts."""

import pytest
from openedx_events.learning.signals import COURSE_ACCESS_ROLE_ADDED, COURSE_ACCESS_ROLE_REMOVED

from openedx_user_groups import api
from openedx_user_groups.criteria import registry
from openedx_user_groups.criteria.base import Asking
from openedx_user_groups.criteria.testing import check_criterion
from openedx_user_groups.data import ScopeData
from openedx_user_groups.events.affected import user_of
from tests.authz import ALL_COURSES, ALL_OF_ACME, authz_api, give, rename, take
from tests.by_api import a_group, leaf, member_ids, refreshed
from tests.criteria.asking import found
from tests.factories import NOW, a_course, a_learner, has_role, scope_of_course, scope_of_instance
from tests.factories import scope_of_organization as organization

# Releases of openedx-events for Python 3.11 have no such module.
authz_signals = pytest.importorskip("openedx_events.authz.signals")
RoleAssignmentData = pytest.importorskip("openedx_events.authz.data").RoleAssignmentData

pytestmark = pytest.mark.django_db

COURSE, ACME, INSTANCE = ScopeData("course", "course-v1:Acme+A1+2026"), organization(), scope_of_instance()
SCOPES = (COURSE, ACME, INSTANCE)
CourseRole = registry.get("course_role")


@pytest.fixture
def people(course):
    """Learners of the course, by how they come to be staff."""
    neighbour, foreign = a_course("course-v1:Acme+B2+2026"), a_course("course-v1:Other+B1+2026")
    names = ("old", "here", "both", "next door", "in all of Acme", "in all courses", "elsewhere", "other", "none")
    people = {name: a_learner(course) for name in names}
    places = {"here": course.id, "both": course.id, "next door": neighbour.id, "elsewhere": foreign.id}
    for name, place in (places | {"in all of Acme": ALL_OF_ACME, "in all courses": ALL_COURSES}).items():
        give(people[name], "course_staff", place)
    for name in ("old", "both"):
        has_role(people[name], "staff", course)
    give(people["other"], "course_limited_staff", course.id)
    return people


STAFF = {
    COURSE: {"old", "here", "both", "in all of Acme", "in all courses"},
    ACME: {"old", "here", "both", "in all of Acme", "in all courses", "next door"},
    INSTANCE: {"old", "here", "both", "in all of Acme", "in all courses", "next door", "elsewhere"},
}


@pytest.mark.parametrize("scope", SCOPES, ids=str)
@pytest.mark.parametrize("named", ["staff", "course_staff", "Course_STAFF"])
def test_roles_of_both_count_under_either_name(scope, named, people) -> None:
    staff = {people[name] for name in STAFF[scope]}

    assert found(scope, "course_role", "in", roles=[named]) == staff
    assert found(scope, "course_role", "not_in", roles=[named]) == set(people.values()) - staff
    assert found(scope, "course_role", "in", roles=["limited_staff"]) == {people["other"]}


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_it_passes_the_contract_of_criteria(scope, people) -> None:
    rename(people["here"], "somebody_else")
    config = {"roles": ["staff", "course_limited_staff"]}

    check_criterion(CourseRole, scope=scope, configs={"in": config, "not_in": config}, now=NOW)


def test_the_values_are_the_roles_of_both_as_each_calls_them(people) -> None:
    give(people["both"], "course_admin", ALL_OF_ACME)
    give(people["none"], "library_admin", "lib:Acme:*")
    users = {people[name].pk: name for name in ("old", "both", "next door", "other", "none")}

    def values(scope: ScopeData) -> dict[str, list[str]]:
        found = CourseRole("in", {"roles": ["staff"]}, Asking(scope, NOW, users=list(users))).values()
        return {users[pk]: roles for pk, roles in found.items()}

    in_course = {"old": ["staff"], "both": ["course_admin", "course_staff", "staff"], "other": ["course_limited_staff"]}
    assert values(COURSE) == in_course
    assert values(ACME) == values(INSTANCE) == in_course | {"next door": ["course_staff"]}


def test_a_group_follows_roles_that_are_given_and_taken(course) -> None:
    ana, ben = a_learner(course), a_learner(course)
    give(ana, "course_staff", course.id)
    group = a_group(scope_of_course(course), {"all": [leaf("course_role", "in", roles=["staff"])]})
    refreshed(group)
    assert member_ids(group) == {ana.pk}

    take(ana, "course_staff", course.id)
    give(ben, "course_staff", ALL_COURSES)
    refreshed(group)

    assert member_ids(group) == {ben.pk}


def test_when_openedx_authz_fails_members_stay_and_the_group_says_why(course, monkeypatch) -> None:
    ana = a_learner(course)
    give(ana, "course_staff", course.id)
    group = a_group(scope_of_course(course), {"all": [leaf("course_role", "in", roles=["staff"])]})
    refreshed(group)

    def fail() -> None:
        raise ValueError("Unknown scope: boat")

    monkeypatch.setattr(authz_api, "get_user_role_assignments_filtered", fail)

    assert refreshed(group).outcome == "failed"
    assert member_ids(group) == {ana.pk}
    assert "openedx-authz cannot tell who has which role" in api.get_group(group.uuid).health_reason


def test_events_of_both_name_whose_roles_have_changed(course) -> None:
    ana = a_learner(course, username="ana")
    events = (authz_signals.ROLE_ASSIGNMENT_CREATED, authz_signals.ROLE_ASSIGNMENT_DELETED)

    for event in events:
        path = CourseRole.updated_by[event.event_type]
        data = RoleAssignmentData("created", "user^ana", "role^course_staff", f"course-v1^{course.id}")
        assert user_of({"role_assignment": data}, path) == ana.pk
    for event in (COURSE_ACCESS_ROLE_ADDED, COURSE_ACCESS_ROLE_REMOVED):
        assert CourseRole.updated_by[event.event_type] == "course_access_role_data.user.id"
