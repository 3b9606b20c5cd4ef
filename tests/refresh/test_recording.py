"""Recording: what a batch of some users does to a group is a run of it, with the claims that it loses."""

import pytest

from openedx_user_groups import api
from openedx_user_groups.models import RefreshRun
from openedx_user_groups.upkeep import drain
from tests.by_api import VERIFIED, a_group, in_mode, member_ids, refreshed, row_of
from tests.factories import a_user
from tests.happenings import enrolls

pytestmark = pytest.mark.django_db


@pytest.fixture
def tracks(scope):
    return api.create_collection(scope, name="Tracks")


@pytest.fixture
def two(scope, tracks):
    """Two groups of the collection that want the same people."""
    return [a_group(scope, rule, collection=tracks.uuid) for rule in (VERIFIED, in_mode("verified", "audit"))]


def last_run(group):
    return RefreshRun.objects.filter(group=row_of(group)).order_by("pk").last()


def runs(group):
    return RefreshRun.objects.filter(group=row_of(group)).count()


def test_a_claim_lost_to_a_group_of_higher_priority_is_counted_when_an_event_says_it(course, two):
    first, second = two
    learner = a_user()
    enrolls(learner, course, "verified")

    drain.drain()

    assert member_ids(first) == {learner.pk}
    assert (last_run(first).outcome, last_run(first).joined, last_run(first).lost_claims) == ("done", 1, 0)
    assert (last_run(second).outcome, last_run(second).joined, last_run(second).lost_claims) == ("nothing", 0, 1)
    (told,) = api.explain(second.uuid, [learner.pk])
    assert (told.is_member, told.held_by) == (False, first.uuid)


def test_when_somebody_moves_the_group_that_they_leave_has_lost_them(course, two):
    _first, second = two
    learner = a_user()
    enrolls(learner, course, "audit")
    drain.drain()
    assert member_ids(second) == {learner.pk}

    enrolls(learner, course, "verified")
    drain.drain()

    assert (last_run(second).left, last_run(second).lost_claims) == (1, 1)
    assert refreshed(second).lost_claims == 1


@pytest.mark.parametrize("origin", ["manual", "self", "random"])
def test_a_claim_lost_to_whoever_was_put_in_otherwise_is_counted_and_explained(course, scope, tracks, two, origin):
    first, _second = two
    by_hand = a_group(scope, collection=tracks.uuid)
    learner = a_user()
    enrolls(learner, course, "honor")
    api.add_members(by_hand.uuid, [learner.pk])
    row_of(by_hand).memberships.update(origin=origin)

    enrolls(learner, course, "verified")
    drain.drain()

    assert member_ids(by_hand) == {learner.pk}
    assert (last_run(first).outcome, last_run(first).lost_claims) == ("nothing", 1)
    assert refreshed(first).lost_claims == 1
    (told,) = api.explain(first.uuid, [learner.pk])
    assert (told.is_member, told.held_by, told.belongs) == (False, by_hand.uuid, True)


def test_what_was_said_once_is_not_said_with_every_event(course, two):
    _first, second = two
    learner = a_user()
    enrolls(learner, course, "verified")
    drain.drain()
    before = runs(second)

    enrolls(learner, course, "verified")
    drain.drain()

    assert runs(second) == before


def test_whom_nobody_else_has_is_no_lost_claim(course, scope, two):
    alone = a_group(scope, VERIFIED)
    enrolls(a_user(), course, "verified")

    drain.drain()

    assert last_run(alone).lost_claims == 0


def test_a_group_that_takes_nobody_in_claims_nobody(course, two):
    _first, second = two
    api.update_group(second.uuid, revision=1, update_mode="remove")
    before = runs(second)
    enrolls(a_user(), course, "verified")

    drain.drain()

    assert runs(second) == before
