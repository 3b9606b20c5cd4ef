"""Who is in a group otherwise than by its rule, and who is kept out of it above the rule."""

from datetime import timedelta

import pytest
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.models import Exclusion, Membership
from tests.by_api import VERIFIED, a_group, member_ids, origins, refreshed, row_of
from tests.factories import a_learner

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(scope):
    return a_group(scope, VERIFIED)


def move(user, mode):
    """Put a learner on another track."""
    CourseEnrollment.objects.filter(user=user).update(mode=mode)


def test_excluded_users_leave_and_stay_out_until_the_exclusion_ends(course, group):
    ana = a_learner(course, "verified")
    refreshed(group)
    Exclusion.objects.create(
        user=ana, group=row_of(group), created=timezone.now(), expires_at=timezone.now() + timedelta(hours=1)
    )
    run = refreshed(group)
    assert (run.matched, run.left) == (0, 1)
    assert refreshed(group).outcome == "nothing"

    Exclusion.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    refreshed(group)

    assert member_ids(group) == {ana.pk}


def test_an_exclusion_counts_for_given_users_too_and_for_its_group_only(course, scope, group):
    other = a_group(scope, VERIFIED)
    ana = a_learner(course, "verified")
    Exclusion.objects.create(user=ana, group=row_of(group), created=timezone.now())

    for each in (group, other):
        api.refresh(each.uuid, users=[ana.pk])

    assert not member_ids(group)
    assert member_ids(other) == {ana.pk}


def test_manual_members_stay_whatever_the_rule_says(course, group):
    ana = a_learner(course, "audit")
    api.add_members(group.uuid, [ana.pk])

    run = refreshed(group)

    assert (run.outcome, run.lost_claims) == ("nothing", 0)
    assert origins(group) == {ana.pk: "manual"}


@pytest.mark.parametrize("origin", ["manual", "self", "random"])
def test_only_rule_rows_are_removed(course, group, origin):
    ana = a_learner(course, "verified")
    refreshed(group)
    Membership.objects.update(origin=origin)
    move(ana, "audit")

    refreshed(group)

    assert origins(group) == {ana.pk: origin}


@pytest.mark.parametrize("origin", ["manual", "self", "random"])
def test_others_than_the_rules_are_dormant_while_they_are_out_of_the_population(course, group, origin):
    ana = a_learner(course, "verified")
    refreshed(group)
    Membership.objects.update(origin=origin)
    CourseEnrollment.objects.update(is_active=False)

    refreshed(group)
    assert origins(group) == {ana.pk: origin}
    assert not member_ids(group)
    assert api.get_group(group.uuid).member_count == 0
    assert not api.groups_of_user(ana.pk).exists()

    CourseEnrollment.objects.update(is_active=True)
    refreshed(group)
    assert member_ids(group) == {ana.pk}
    assert api.get_group(group.uuid).member_count == 1
