"""Nobody learns of people outside what they may see: an account elsewhere is answered like none."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from openedx_user_groups import api
from openedx_user_groups.models import Exclusion, Membership
from tests.by_api import a_group, member_ids
from tests.factories import a_learner, enroll, scope_of_instance
from tests.rest_api.alike import same, told
from tests.rest_api.campus import address
from tests.rest_api.endpoints import a_site


@pytest.fixture
def foreign(campus):
    """A course of another organization, with a group and people of its own."""
    return a_site(campus, campus.foreign, "_foreign")


@pytest.fixture
def group(campus):
    return a_group(campus.scope, name="Mine")


@pytest.mark.parametrize("named", ["username", "email"])
def test_lists_of_people_tell_nothing_of_accounts_elsewhere(campus, staff, group, named):
    stranger = a_learner(campus.foreign, username="zoe", email="zoe@example.com")
    hidden, absent = getattr(stranger, named), {"username": "zed", "email": "zed@example.com"}[named]

    def add(person):
        return staff.post(address("members", group.uuid), {"people": [person]}, format="json")

    def swap(person):
        return staff.patch(address("members", group.uuid), {"add": [person], "remove": [person]}, format="json")

    def exclude(person):
        return staff.post(address("exclusions", group.uuid), {"people": [person], "reason": "x"}, format="json")

    def explain(person):
        return staff.post(address("explanations", group.uuid), {"people": [person]}, format="json")

    def upload(person):
        body = {"file": SimpleUploadedFile("people.txt", person.encode())}
        return staff.post(address("imports", group.uuid), body, format="multipart")

    for ask in (add, swap, exclude, explain, upload):
        assert same(ask, hidden, absent).status_code == 200
    assert member_ids(group) == set()
    assert not Exclusion.objects.exists()
    assert not Membership.objects.filter(user=stranger, group__uuid=group.uuid).exists()


def test_addresses_of_people_tell_nothing_of_accounts_elsewhere(campus, staff, group):
    a_learner(campus.foreign, username="zoe")

    for ask, status in (
        (lambda person: staff.get(address("member", group.uuid, person)), 404),
        (lambda person: staff.delete(address("member", group.uuid, person)), 404),
        (lambda person: staff.delete(address("exclusion", group.uuid, person)), 404),
        (lambda person: staff.get(address("user-groups", person)), 200),
    ):
        assert same(ask, "zoe", "zed").status_code == status


def test_ids_in_a_file_tell_nothing_of_accounts_elsewhere(campus, staff, group):
    stranger = a_learner(campus.foreign)

    def upload(pk):
        body = {"file": SimpleUploadedFile("people.csv", f"id\n{pk}\n".encode())}
        return staff.post(address("imports", group.uuid), body, format="multipart")

    assert same(upload, stranger.pk, 99_999_999).json()["summary"] == {"unknown": 1}


def test_a_name_that_fits_several_accounts_elsewhere_is_like_none(campus, staff, group):
    for name in ("Zoe", "zoE"):
        a_learner(campus.foreign, email=f"{name}@example.com")

    def add(person):
        return staff.post(address("members", group.uuid), {"people": [person]}, format="json")

    assert same(add, "zoe@example.com", "zed@example.com").json()["outcomes"][0]["outcome"] == "unknown"


def test_groups_that_somebody_is_in_elsewhere_are_not_told(campus, staff, foreign, group):
    ana = a_learner(campus.course, username="ana")
    enroll(ana, campus.foreign, "verified")
    api.refresh(foreign.group.uuid)
    instance = a_group(scope_of_instance(), name="Everywhere")
    api.add_members(instance.uuid, ["ana"])
    api.add_members(group.uuid, ["ana"])

    page = staff.get(address("user-groups", "ana")).json()

    assert (page["count"], [each["name"] for each in page["results"]]) == (1, ["Mine"])


def test_whoever_may_see_everybody_is_told_who_does_not_belong(campus, admin, group):
    a_learner(campus.foreign, username="zoe")

    outcomes = admin.post(address("members", group.uuid), {"people": ["zoe", "zed"]}, format="json").json()["outcomes"]

    assert [(row["outcome"], row["username"]) for row in outcomes] == [("not_in_population", "zoe"), ("unknown", None)]


def test_who_was_a_member_is_no_stranger(campus, staff, group):
    ana = a_learner(campus.course, username="ana")
    api.add_members(group.uuid, ["ana"])
    ana.courseenrollment_set.update(is_active=False)

    response = staff.post(address("explanations", group.uuid), {"people": ["ana"]}, format="json")

    assert response.json()["explanations"][0]["username"] == "ana"


def test_a_learner_sees_no_more_than_somebody_who_is_in_no_course(campus, group):
    api.add_members(group.uuid, [campus.person("learner").username])
    stranger = campus.client("staff_of_another_organization")

    for path in (address("group", group.uuid), address("members", group.uuid), address("user-groups", "learner")):
        assert told(campus.client("learner").get(path)) == told(stranger.get(path))
