"""Staleness: whether members are older than the criteria of their group can be relied on."""

from datetime import timedelta

import pytest
from django.utils import timezone

from openedx_user_groups import api
from openedx_user_groups.criteria.registry import temporarily
from openedx_user_groups.models import UserGroup
from tests.by_api import VERIFIED, Answer, a_group, leaf, refreshed

pytestmark = pytest.mark.django_db

BY_LOGIN = {"any": [*VERIFIED["all"], leaf("last_login", "is_true")]}


def is_stale(group, **ago):
    then = timezone.now() - timedelta(**ago)
    UserGroup.objects.filter(uuid=group.uuid).update(last_refreshed=then, swept_until=then)
    return api.get_group(group.uuid).is_stale


@pytest.mark.parametrize(("rule", "days"), [(VERIFIED, 7), (BY_LOGIN, 1)])
def test_the_most_impatient_criterion_decides(scope, rule, days):
    group = a_group(scope, rule)

    assert is_stale(group, days=days, minutes=-5) is False
    assert is_stale(group, days=days, minutes=5) is True


def test_what_was_never_refreshed_is_stale(scope):
    group = a_group(scope, VERIFIED)
    assert group.is_stale is True

    refreshed(group)

    assert api.get_group(group.uuid).is_stale is False


def test_a_look_at_those_whom_time_has_changed_counts(scope):
    group = a_group(scope, BY_LOGIN)
    UserGroup.objects.update(last_refreshed=timezone.now() - timedelta(days=2), swept_until=timezone.now())

    assert api.get_group(group.uuid).is_stale is False


def test_of_what_is_not_refreshed_nobody_can_say_it(scope):
    paused = a_group(scope, VERIFIED)
    api.pause_group(paused.uuid)

    assert [api.get_group(each.uuid).is_stale for each in (a_group(scope), paused)] == [None, None]


def test_with_a_criterion_that_is_gone_it_always_is(scope):
    with temporarily(test__answer=Answer):
        group = a_group(scope, {"all": [leaf("test.answer", "in")]})
        refreshed(group)
        assert api.get_group(group.uuid).is_stale is False

    assert api.get_group(group.uuid).is_stale is True
