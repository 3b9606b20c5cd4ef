"""users/{username}/groups/: which groups somebody is in."""

import pytest

from openedx_user_groups import api
from tests.by_api import a_group, statements
from tests.factories import a_learner, enroll, scope_of_course, scope_of_instance
from tests.rest_api.campus import KEY, address


@pytest.fixture
def ana(campus):
    user = a_learner(campus.course, username="ana")
    enroll(user, campus.foreign)
    return user


def groups_of(client, username, **query):
    response = client.get(address("user-groups", username), query)
    assert response.status_code == 200, response.content
    return [group["name"] for group in response.json()["results"]]


@pytest.fixture
def groups(campus, ana):
    for name, scope in {
        "b": campus.scope,
        "a": campus.scope,
        "foreign": scope_of_course(campus.foreign),
        "instance": scope_of_instance(),
    }.items():
        api.add_members(a_group(scope, name=name).uuid, [ana.pk])
    a_group(campus.scope, name="not in it")


@pytest.mark.usefixtures("groups")
def test_they_are_those_that_one_may_see(campus, staff, admin):
    assert groups_of(staff, "ana") == ["a", "b"]
    assert groups_of(admin, "ana") == ["a", "b", "foreign", "instance"]
    assert groups_of(campus.client("learner"), "ana") == []
    assert groups_of(staff, "ANA") == ["a", "b"]


@pytest.mark.usefixtures("groups")
def test_they_take_the_filters_of_groups(admin):
    assert groups_of(admin, "ana", course_key=KEY, ordering="-name") == ["b", "a"]
    assert groups_of(admin, "ana", is_dynamic="true") == []
    (summary,) = admin.get(address("user-groups", "ana"), {"view": "minimal", "search": "foreign"}).json()["results"]
    assert set(summary) == {"uuid", "name", "status", "is_dynamic", "member_count"}


def test_who_has_left_the_course_is_in_none_of_its_groups(campus, staff, ana):
    api.add_members(a_group(campus.scope, name="a").uuid, [ana.pk])
    ana.courseenrollment_set.update(is_active=False)

    assert groups_of(staff, "ana") == []


def test_global_staff_learn_that_there_is_no_such_user(campus, staff, admin):
    for name in ("nobody", "\0", "x" * 1_000, "5", "learner@example.com"):
        assert admin.get(address("user-groups", name)).status_code == 404
        assert groups_of(staff, name) == []


def test_the_queries_do_not_grow_with_groups(campus, staff, ana):
    def join(number):
        for _ in range(number):
            api.add_members(a_group(campus.scope).uuid, [ana.pk])

    join(1)
    groups_of(staff, "ana")
    with statements() as few:
        groups_of(staff, "ana")
    join(8)
    with statements() as many:
        assert len(groups_of(staff, "ana")) == 9

    assert len(many) <= len(few)
