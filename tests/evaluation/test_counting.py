"""Counting: who is a member now, and how many there are."""

from datetime import timedelta

import pytest
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.evaluation.counting import count_members
from openedx_user_groups.evaluation.definition import load
from openedx_user_groups.models import UserGroup
from tests.by_api import VERIFIED, a_group, member_ids, refreshed, row_of
from tests.factories import a_learner, disable, retire, scope_of_course, scope_of_instance

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(course):
    return a_group(scope_of_course(course))


def counted(*groups):
    rows = load(UserGroup.objects.filter(uuid__in=[group.uuid for group in groups]))
    found = count_members(rows, timezone.now())
    return [found[row_of(group).pk] for group in groups]


@pytest.mark.parametrize("leave", [disable, retire, lambda user: CourseEnrollment.objects.update(is_active=False)])
def test_who_was_put_in_by_hand_and_is_not_in_the_population_does_not_count(course, group, leave):
    ana = a_learner(course)
    api.add_members(group.uuid, [ana.pk])
    assert counted(group) == [1]

    leave(ana)

    assert counted(group) == [0]
    assert not member_ids(group)
    assert not api.is_member(group.uuid, ana.pk)
    assert not api.groups_of_user(ana.pk).exists()


def test_who_was_put_in_until_an_instant_counts_until_then(course, group):
    ana, ben = a_learner(course), a_learner(course)
    now = timezone.now()
    api.add_members(group.uuid, [ana.pk], expires_at=now - timedelta(seconds=1))
    api.add_members(group.uuid, [ben.pk], expires_at=now + timedelta(hours=1))

    assert counted(group) == [1]
    assert member_ids(group) == {ben.pk}
    assert not api.groups_of_user(ana.pk).exists()
    assert api.groups_of_user(ben.pk).count() == 1


def test_members_by_the_rule_count_until_a_refresh_removes_them(course):
    group = a_group(scope_of_course(course), VERIFIED)
    ana = a_learner(course, "verified")
    refreshed(group)
    CourseEnrollment.objects.update(is_active=False)

    assert counted(group) == [1]
    assert member_ids(group) == {ana.pk}


def test_groups_of_a_collection_are_counted_together(course, django_assert_num_queries):
    scope = scope_of_course(course)
    collection = api.create_collection(scope, name="Halves")
    groups = [a_group(scope, collection=collection.uuid) for _ in range(3)]
    learners = [a_learner(course).pk for _ in range(3)]
    api.add_members(groups[0].uuid, learners[:2])
    api.add_members(groups[1].uuid, learners[2:])
    rows = load(UserGroup.objects.all())

    with django_assert_num_queries(3):
        found = count_members(rows, timezone.now())

    assert [found[row.group_id] for row in rows] == [2, 1, 0]


def test_no_group_has_nobody():
    assert not count_members([], timezone.now())


def test_a_deleted_group_is_none_of_a_users_groups(course, group):
    ana = a_learner(course)
    api.add_members(group.uuid, [ana.pk])
    UserGroup.objects.update(status="deleted")

    assert not api.groups_of_user(ana.pk).exists()


@pytest.mark.parametrize("number", [1, 6])
def test_a_lookup_of_a_users_groups_takes_a_fixed_number_of_queries(course, django_assert_max_num_queries, number):
    ana = a_learner(course)
    for _ in range(number):
        api.add_members(a_group(scope_of_course(course)).uuid, [ana.pk])
    api.add_members(a_group(scope_of_instance()).uuid, [ana.pk])

    with django_assert_max_num_queries(11):
        assert len(api.groups_of_user(ana.pk)) == number + 1
