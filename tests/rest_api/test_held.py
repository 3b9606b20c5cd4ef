"""groups/{uuid}/refreshes/{uuid}/ that is held: looked at, decided; and groups/{uuid}/undo/."""

import pytest

from common.djangoapps.student.models import CourseEnrollment
from tests.by_api import VERIFIED, a_group, many_learners, member_ids, refreshed
from tests.factories import a_learner
from tests.rest_api.campus import address


@pytest.fixture
def group(campus):
    return a_group(campus.scope, VERIFIED)


@pytest.fixture
def learners(campus, group):
    found = many_learners(campus.course, 30)
    refreshed(group)
    return found


@pytest.fixture
def run(campus, group, learners):
    """One that would take out twenty, of whom one has left the course, and put in one."""
    a_learner(campus.course, "verified", username="ben")
    CourseEnrollment.objects.filter(user__in=learners[:20]).update(mode="audit")
    CourseEnrollment.objects.filter(user=learners[0]).update(is_active=False)
    return refreshed(group)


def decide(client, group, run, decision):
    return client.patch(address("refresh", group.uuid, run.uuid), {"decision": decision}, format="json")


def people(client, group, run, **query):
    return client.get(address("held-people", group.uuid, run.uuid), query)


def test_it_says_why_it_is_held_and_whom_it_is_about(staff, group, run):
    shown = staff.get(address("refresh", group.uuid, run.uuid)).json()

    assert (shown["status"], shown["decision"], shown["decided_by"]) == ("held", "", None)
    assert "20 of 30 members would leave" in shown["error"]
    assert [row["username"] for row in people(staff, group, run, of="joining").json()["results"]] == ["ben"]
    page = people(staff, group, run, of="leaving").json()
    assert (page["count"], len(page["results"])) == (20, 10)


def test_of_who_has_left_the_course_its_staff_see_the_name_only(staff, admin, group, run):
    def first(client):
        row = people(client, group, run, of="leaving").json()["results"][0]
        return row["username"], row["email"]

    name, address_of = first(admin)
    assert address_of
    assert first(staff) == (name, "")


@pytest.mark.parametrize("of", ["", "both", None])
def test_of_whom_has_to_be_said(staff, group, run, of):
    response = people(staff, group, run, **({} if of is None else {"of": of}))

    assert response.status_code == 400
    assert "of" in response.json()["errors"]


def test_it_is_approved(staff, group, learners, run):
    response = decide(staff, group, run, "approved")

    assert response.status_code == 200
    shown = response.json()
    assert (shown["decision"], shown["decided_by"]) == ("approved", "staff")
    assert len(member_ids(group)) == 11
    assert people(staff, group, run, of="leaving").json()["count"] == 0


def test_it_is_discarded_and_the_group_says_why_it_is_paused(staff, group, learners, run):
    assert decide(staff, group, run, "discarded").json()["decision"] == "discarded"

    assert staff.get(address("group", group.uuid)).json()["status"] == "paused"
    assert member_ids(group) == set(learners)


def test_it_is_decided_once(staff, group, run):
    decide(staff, group, run, "discarded")

    response = decide(staff, group, run, "approved")

    assert response.status_code == 409
    assert "does not wait for a decision" in response.json()["detail"]


@pytest.mark.parametrize("body", [{}, {"decision": "overtaken"}, {"decision": None}, {"decision": "approved", "x": 1}])
def test_a_decision_is_one_of_two(staff, group, run, body):
    response = staff.patch(address("refresh", group.uuid, run.uuid), body, format="json")

    assert response.status_code == 400
    assert run.outcome == "held"


def test_a_refresh_of_another_group_is_not_found(campus, staff, group, run):
    other = a_group(campus.scope, VERIFIED)

    assert decide(staff, other, run, "approved").status_code == 404
    assert people(staff, other, run, of="leaving").status_code == 404


def test_the_last_refresh_is_undone(staff, group, learners):
    assert staff.post(address("undo", group.uuid)).status_code == 204

    assert member_ids(group) == set()
    assert staff.get(address("group", group.uuid)).json()["status"] == "paused"
    response = staff.post(address("undo", group.uuid))
    assert response.status_code == 409
    assert "could be undone" in response.json()["detail"]
