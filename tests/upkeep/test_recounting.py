"""Recounting: the number of members is right again, whoever has fallen asleep or woken up."""

import pytest
from django.core.cache import cache

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.upkeep import clearing, recounting
from tests.by_api import VERIFIED, a_group, refreshed, row_of, statements, writes
from tests.factories import a_learner, scope_of_course

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(course):
    return a_group(scope_of_course(course))


def unenroll(*users):
    CourseEnrollment.objects.filter(user__in=users).update(is_active=False)


def test_who_sleeps_is_not_counted_and_who_is_back_is(course, group):
    ana, ben = a_learner(course), a_learner(course)
    api.add_members(group.uuid, [ana.pk, ben.pk])
    unenroll(ana)

    recounting.recount()
    assert row_of(group).member_count == 1

    CourseEnrollment.objects.update(is_active=True)
    recounting.recount()
    assert row_of(group).member_count == 2


def test_what_is_right_is_not_written(course, group):
    by_rule = a_group(scope_of_course(course), VERIFIED)
    api.add_members(group.uuid, [a_learner(course, "verified").pk])
    refreshed(by_rule)

    with statements() as sent:
        recounting.recount()

    assert not writes(sent)


def test_the_sweep_does_it_once_a_day(course, group):
    ana = a_learner(course)
    api.add_members(group.uuid, [ana.pk])
    unenroll(ana)
    cache.clear()

    clearing.clear()
    assert row_of(group).member_count == 0

    CourseEnrollment.objects.update(is_active=True)
    clearing.clear()
    assert row_of(group).member_count == 0
    cache.clear()
