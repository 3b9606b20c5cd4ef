"""Weighing: a change of weights moves the surplus of a random collection, and nobody else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.collections import weighing
from openedx_user_groups.exceptions import InvalidGroup, WrongStatus
from openedx_user_groups.models import Membership, PastMembership
from openedx_user_groups.refresh import chance
from tests.by_api import a_group, many_learners, member_ids, origins, row_of
from tests.examples import examples
from tests.factories import a_course, scope_of_course
from tests.soundness import assert_sound
from tests.world import rolled_back

pytestmark = pytest.mark.django_db


@pytest.fixture
def teams(scope):
    return api.create_collection(scope, name="Teams", kind="random")


@pytest.fixture
def two(course, scope, teams):
    """Two groups, among which forty learners were drawn."""
    groups = [a_group(scope, name=name, collection=teams.uuid) for name in ("Red", "Blue")]
    many_learners(course, 40)
    api.draw_newcomers(teams.uuid)
    return groups


def sizes(groups):
    return [len(member_ids(group)) for group in groups]


def test_only_as_many_move_as_are_too_many(teams, two):
    red, blue = two
    before = [member_ids(group) for group in two]

    moved = api.set_weights(teams.uuid, {red.uuid: 9, blue.uuid: 1})

    assert sizes(two) == [36, 4]
    assert moved == 36 - len(before[0])
    assert before[0] <= member_ids(red)
    assert member_ids(blue) <= before[1]
    assert PastMembership.objects.count() == moved
    assert_sound()


def test_those_move_on_whom_the_claim_is_weakest(teams, two):
    red, blue = two
    before = member_ids(blue)
    claims = {user: chance.claim(teams.uuid, blue.uuid, 1, user) for user in before}

    moved = api.set_weights(teams.uuid, {red.uuid: 3})

    assert before - member_ids(blue) == set(sorted(before, key=claims.get)[:moved])


def test_a_group_that_was_added_gets_its_share_from_all_others(scope, teams, two):
    api.set_weights(teams.uuid, {})
    before = [member_ids(group) for group in two]
    third = a_group(scope, collection=teams.uuid)

    moved = api.set_weights(teams.uuid, {})

    assert sorted(sizes([*two, third])) == [13, 13, 14]
    assert moved == len(member_ids(third))
    # Between the others nobody moved.
    assert all(member_ids(group) <= was for group, was in zip(two, before, strict=True))


def test_a_group_without_weight_is_left_by_all_who_were_drawn_into_it(course, teams, two):
    red, blue = two
    (by_hand,) = many_learners(course, 1)
    api.add_members(red.uuid, [by_hand])

    api.set_weights(teams.uuid, {red.uuid: 0})

    assert origins(red) == {by_hand: "manual"}
    assert len(member_ids(blue)) == 40


def test_dormant_members_do_not_count_and_do_not_move(teams, two):
    red, blue = two
    dormant = sorted(member_ids(red))[:5]
    CourseEnrollment.objects.filter(user__in=dormant).update(is_active=False)

    api.set_weights(teams.uuid, {red.uuid: 1, blue.uuid: 4})

    assert sizes(two) == [7, 28]
    assert set(dormant) <= set(origins(red))


def test_a_group_that_only_adds_lets_nobody_go(teams, two):
    red, blue = two
    api.update_group(red.uuid, revision=1, update_mode="add")

    assert api.set_weights(teams.uuid, {red.uuid: 1, blue.uuid: 9}) == 0


def test_whoever_is_kept_out_of_the_only_other_group_stays(teams, two):
    red, blue = two
    kept_out = sorted(member_ids(red))
    api.exclude(blue.uuid, kept_out)

    assert api.set_weights(teams.uuid, {red.uuid: 0}) == 0
    assert member_ids(red) == set(kept_out)


@pytest.mark.parametrize("weight", [-1, 1_001, "2", 1.5, True, None])
def test_a_weight_is_a_whole_number(teams, two, weight):
    with pytest.raises(InvalidGroup) as refused:
        api.set_weights(teams.uuid, {two[0].uuid: weight})

    assert refused.value.field == "weights"


def test_nonsense_is_refused_and_changes_nothing(scope, teams, two):
    red, blue = two
    before = sizes(two)
    outsider = a_group(scope)

    for weights in ({red.uuid: 0, blue.uuid: 0}, {red.uuid: 5, outsider.uuid: 1}):
        with pytest.raises(InvalidGroup):
            api.set_weights(teams.uuid, weights)
    with pytest.raises(WrongStatus):
        api.set_weights(outsider.collection_uuid, {outsider.uuid: 1})

    assert sizes(two) == before
    assert {row_of(group).weight for group in two} == {1}


def test_who_has_gone_meanwhile_is_not_moved(teams, two, monkeypatch):
    red, blue = two
    surplus = weighing._surplus

    def then_somebody_leaves(*args):
        moves = surplus(*args)
        api.remove_members(blue.uuid, [min(moves)])
        return moves

    monkeypatch.setattr(weighing, "_surplus", then_somebody_leaves)
    api.set_weights(teams.uuid, {red.uuid: 39})

    assert sum(sizes(two)) == 39
    assert_sound()


@settings(max_examples=examples(25))
@given(steps=st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3).filter(any), min_size=1, max_size=4))
def test_whatever_the_weights_groups_have_their_shares_and_no_more_move_than_must(steps):
    with rolled_back():
        course = a_course()
        scope = scope_of_course(course)
        teams = api.create_collection(scope, name="Teams", kind="random")
        groups = [a_group(scope, collection=teams.uuid) for _ in range(3)]
        many_learners(course, 24)
        api.draw_newcomers(teams.uuid)
        for weights in steps:
            before = sizes(groups)
            moved = api.set_weights(teams.uuid, dict(zip([group.uuid for group in groups], weights, strict=True)))
            wanted = chance.shares(24, dict(zip([row_of(group).pk for group in groups], weights, strict=True)))
            assert sizes(groups) == list(wanted.values())
            assert moved == sum(max(was - now, 0) for was, now in zip(before, sizes(groups), strict=True))
        assert Membership.objects.count() == 24
        assert_sound()
