"""The page of a learner: all groups now and in the past, as far as one may see them."""

import pytest
from django.urls import reverse

from openedx_user_groups import api
from tests.by_api import a_group
from tests.factories import a_learner, enroll, scope_of_course


def learner(client, username="ana"):
    return client.get(reverse("openedx_user_groups:pages:learner", args=[username]))


def text(answer):
    return answer.content.decode()


def below_heading(answer):
    return text(answer).split("</h1>")[1]


@pytest.fixture
def ana(campus):
    """In a group here and one elsewhere; and was in another one here, and in one that is deleted."""
    ana = a_learner(campus.course, username="ana")
    enroll(ana, campus.foreign)
    for scope, name in (
        (campus.scope, "Here"),
        (scope_of_course(campus.foreign), "Elsewhere"),
        (campus.scope, "Before"),
        (campus.scope, "Deleted"),
    ):
        group = a_group(scope, name=name)
        api.add_members(group.uuid, [ana.pk])
        if name == "Before":
            api.remove_members(group.uuid, [ana.pk])
        if name == "Deleted":
            api.delete_group(group.uuid)
    return ana


def test_groups_of_now_and_of_the_past_are_told_as_far_as_one_may_see_them(staff, ana):
    page = text(learner(staff))

    now, past = page.split("Groups in the past", 1)
    assert ("Here" in now, "Before" in now, "Before" in past, "Deleted" in past) == (True, False, True, True)
    assert "Elsewhere" not in page
    assert "ana@example.com" in page


def test_who_may_see_everything_sees_all(visitor, ana):
    assert "Elsewhere" in text(learner(visitor("global_staff")))


def test_of_who_is_in_none_of_ones_groups_nothing_is_told(visitor, ana):
    known, unknown = (learner(visitor("staff_of_another_course"), name) for name in ("ana", "no_such"))

    assert "ana@example.com" not in text(known)
    assert known.status_code == unknown.status_code
    assert below_heading(known) == below_heading(unknown)


def test_whoever_left_is_known_for_the_groups_of_the_past_alone(campus, staff, ana):
    api.remove_members(next(each.uuid for each in api.groups_in(campus.scope) if each.name == "Here"), [ana.pk])

    page = text(learner(staff))

    assert "Before" in page
    assert "ana@example.com" not in page


def test_that_there_is_no_such_user_is_told_to_who_may_see_all(staff, visitor):
    assert learner(staff, "no_such").status_code == 200
    assert learner(visitor("global_staff"), "no_such").status_code == 404


@pytest.mark.parametrize("username", ["a.b+c@d_e-f", "<script>alert(1)</script>", "a/b", "ä ö"])
def test_any_name_has_an_address(staff, username):
    answer = learner(staff, username)

    assert answer.status_code == 200
    assert "<script>alert" not in text(answer)


def test_a_learner_sees_nothing_of_others(visitor, ana):
    page = text(learner(visitor("learner")))

    assert "Here" not in page
    assert "ana@example.com" not in page


def test_pages_and_queries_are_bounded(campus, staff, ana, django_assert_max_num_queries):
    group = a_group(campus.scope, name="Often")
    for _time in range(30):
        api.add_members(group.uuid, [ana.pk])
        api.remove_members(group.uuid, [ana.pk])

    with django_assert_max_num_queries(30):
        page = text(learner(staff))

    assert "Page 1 of 2" in page
