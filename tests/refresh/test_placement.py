"""Placing: who matches several groups of a collection gets one of them, and the others are lost claims."""

import pytest

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.models import Membership, PastMembership, UserGroup
from tests.by_api import VERIFIED, a_group, in_mode, member_ids, origins, refreshed, row_of
from tests.factories import a_learner

pytestmark = pytest.mark.django_db

BOTH = in_mode("verified", "audit")


@pytest.fixture
def collection(scope):
    return api.create_collection(scope, name="Exclusive")


@pytest.fixture
def first(scope, collection):
    return a_group(scope, VERIFIED, name="First", collection=collection.uuid)


@pytest.fixture
def second(scope, collection, first):
    return a_group(scope, BOTH, name="Second", collection=collection.uuid)


def test_the_group_of_highest_priority_gets_whoever_matches_several(course, first, second):
    ana, ben = a_learner(course, "verified"), a_learner(course, "audit")

    run = refreshed(second)

    assert (member_ids(first), member_ids(second)) == ({ana.pk}, {ben.pk})
    assert (run.matched, run.joined, run.lost_claims) == (2, 1, 1)


def test_another_priority_moves_them(course, first, second):
    ana = a_learner(course, "verified")
    refreshed(first)
    UserGroup.objects.filter(uuid=first.uuid).update(priority=5)

    run = refreshed(second)

    assert (member_ids(first), member_ids(second)) == (set(), {ana.pk})
    assert (run.joined, run.left) == (1, 0)
    assert PastMembership.objects.get().group_id == row_of(first).pk


def test_who_moves_leaves_and_joins_in_one_refresh(course, first, second):
    ana = a_learner(course, "verified")
    refreshed(first)
    CourseEnrollment.objects.update(mode="audit")

    run = refreshed(first)

    assert (run.left, member_ids(second)) == (1, {ana.pk})
    assert Membership.objects.count() == 1


@pytest.mark.parametrize("origin", ["manual", "self", "random"])
def test_a_rule_never_takes_anybody_from_another_origin(course, first, second, origin):
    ana = a_learner(course, "verified")
    api.add_members(second.uuid, [ana.pk])
    Membership.objects.update(origin=origin)

    run = refreshed(first)

    assert (run.matched, run.joined, run.lost_claims) == (1, 0, 1)
    assert origins(second) == {ana.pk: origin}


def test_members_of_a_paused_group_are_pinned(course, first, second):
    ana = a_learner(course, "audit")
    refreshed(second)
    api.pause_group(second.uuid)
    CourseEnrollment.objects.update(mode="verified")

    run = refreshed(first)

    assert (run.joined, run.lost_claims) == (0, 1)
    assert member_ids(second) == {ana.pk}


def test_a_deleted_group_frees_its_members_for_the_others(course, first, second):
    ana = a_learner(course, "verified")
    refreshed(first)
    api.delete_group(first.uuid)

    refreshed(second)

    assert member_ids(second) == {ana.pk}


def test_who_is_excluded_from_one_group_gets_the_next(course, first, second):
    ana = a_learner(course, "verified")
    api.exclude(first.uuid, [ana.pk])

    refreshed(first)

    assert (member_ids(first), member_ids(second)) == (set(), {ana.pk})


def test_given_users_are_placed_by_the_same_rules(course, first, second):
    ana, ben = a_learner(course, "verified"), a_learner(course, "audit")
    api.refresh(first.uuid, users=[ana.pk, ben.pk])
    assert (member_ids(first), member_ids(second)) == ({ana.pk}, {ben.pk})

    CourseEnrollment.objects.filter(user=ben).update(mode="verified")
    CourseEnrollment.objects.filter(user=ana).update(mode="audit")
    api.refresh(first.uuid, users=[ana.pk, ben.pk])

    assert (member_ids(first), member_ids(second)) == ({ben.pk}, {ana.pk})
    assert api.get_group(first.uuid).member_count == api.get_group(second.uuid).member_count == 1


def test_collections_know_nothing_of_each_other(course, scope, first):
    other = a_group(scope, VERIFIED)
    ana = a_learner(course, "verified")

    refreshed(first)
    refreshed(other)

    assert member_ids(first) == member_ids(other) == {ana.pk}


def test_members_of_a_group_are_the_population_of_its_subdivision(course, scope, first):
    ana, ben = a_learner(course, "verified"), a_learner(course, "audit")
    teams = api.create_collection(scope, name="Teams")
    team = a_group(scope, BOTH, collection=teams.uuid)
    row_of(team).collection.__class__.objects.filter(uuid=teams.uuid).update(parent_group=row_of(first))
    refreshed(first)

    refreshed(team)
    assert member_ids(team) == {ana.pk}

    CourseEnrollment.objects.filter(user=ben).update(mode="verified")
    CourseEnrollment.objects.filter(user=ana).update(mode="audit")
    refreshed(first)
    refreshed(team)
    assert member_ids(team) == {ben.pk}
