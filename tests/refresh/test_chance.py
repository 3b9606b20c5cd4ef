"""Chance: everybody always draws the same of several groups, each as often as its weight says."""

import math
from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openedx_user_groups.refresh import chance
from tests.examples import examples

COLLECTION = UUID(int=7)
GROUPS = [UUID(int=number) for number in range(1, 9)]
# Enough for the law of large numbers, few enough to be quick.
USERS = range(10_000_001, 10_002_001)

weights = st.integers(0, 20)
users = st.integers(1, 2**63 - 1)
several = st.dictionaries(st.sampled_from(GROUPS), weights, min_size=1)


def drawn(user, weights, collection=COLLECTION):
    """The group that a user draws of groups with these weights."""
    return chance.strongest({group: chance.claim(collection, group, n, user) for group, n in weights.items()})


def everybody(weights, collection=COLLECTION):
    return {user: drawn(user, weights, collection) for user in USERS}


@given(user=users, weights=several)
def test_whoever_draws_again_draws_the_same_in_whatever_order_the_groups_come(user, weights):
    first = drawn(user, weights)

    assert drawn(user, dict(reversed(weights.items()))) == first
    assert (first is None) == (not any(weights.values()))
    assert first is None or weights[first] > 0


def test_what_was_drawn_is_drawn_in_years_to_come():
    """Pinned: who was put into a group by an older release would otherwise be put into another one by a newer."""
    weights = {GROUPS[0]: 1, GROUPS[1]: 2, GROUPS[2]: 1}

    found = "".join(str(GROUPS.index(drawn(user, weights))) for user in range(1, 41))

    assert found == "1110210101112121000122011010112011111011"
    assert chance.claim(COLLECTION, GROUPS[0], 1, 1) == pytest.approx(-0.5178055725076566)


@given(user=users, weights=several, group=st.sampled_from(GROUPS), weight=weights)
def test_another_group_takes_people_and_moves_nobody_between_the_others(user, weights, group, weight):
    without = {key: n for key, n in weights.items() if key != group}

    before, after = drawn(user, without), drawn(user, without | {group: weight})

    assert after in (before, group)


@given(user=users, weights=several, group=st.sampled_from(GROUPS), more=st.integers(1, 20))
def test_a_larger_weight_keeps_all_that_it_had_and_a_smaller_one_takes_nobody(user, weights, group, more):
    before, after = drawn(user, weights), drawn(user, weights | {group: weights.get(group, 0) + more})

    assert after in (before, group)


@given(user=users, weights=several, factor=st.integers(2, 5))
def test_weights_count_in_relation_to_each_other(user, weights, factor):
    assert drawn(user, {key: n * factor for key, n in weights.items()}) == drawn(user, weights)


@settings(max_examples=examples(20))
@given(weights=st.lists(st.integers(0, 10), min_size=2, max_size=6).filter(any))
def test_each_group_is_drawn_as_often_as_its_weight_says(weights):
    asked = dict(zip(GROUPS, weights, strict=False))

    found = Counter(everybody(asked).values())

    for group, weight in asked.items():
        share = weight / sum(weights)
        # Five standard deviations: what is by chance further away is one of a million.
        assert abs(found[group] - share * len(USERS)) <= 5 * math.sqrt(len(USERS) * share * (1 - share))


def test_another_group_takes_its_share_and_as_much_from_each_of_the_others():
    before = everybody(dict.fromkeys(GROUPS[:4], 1))
    after = everybody(dict.fromkeys(GROUPS[:5], 1))

    moved = Counter(before[user] for user in USERS if before[user] != after[user])

    assert abs(moved.total() - len(USERS) / 5) <= 5 * math.sqrt(len(USERS) * 0.2 * 0.8)
    for group in GROUPS[:4]:
        assert abs(moved[group] - len(USERS) / 20) <= 5 * math.sqrt(len(USERS) * 0.05 * 0.95)


def test_collections_draw_independently_of_each_other():
    weights = dict.fromkeys(GROUPS[:2], 1)
    here, there = everybody(weights), everybody(weights, UUID(int=8))

    alike = sum(here[user] == there[user] for user in USERS)

    assert abs(alike - len(USERS) / 2) <= 5 * math.sqrt(len(USERS) / 4)


def test_where_nobody_claims_nobody_wins():
    assert chance.strongest({}) is None
    assert chance.strongest({"a": -math.inf}) is None
    assert chance.claim(COLLECTION, GROUPS[0], 0, 1) == -math.inf


@given(number=st.integers(0, 10_000), weights=several)
def test_the_shares_of_a_number_add_up_and_are_less_than_one_away_from_exact(number, weights):
    found = chance.shares(number, weights)

    total = sum(weights.values())
    assert found.keys() == weights.keys()
    assert sum(found.values()) == (number if total else 0)
    assert all(abs(found[key] - number * weights[key] / total) < 1 for key in weights if total)
    assert all(found[key] == 0 for key in weights if not weights[key])


@given(claims=st.dictionaries(users, st.floats(-50, 0)), number=st.integers(0, 20))
def test_the_weakest_are_the_same_every_time_and_more_contain_fewer(claims, number):
    found = chance.weakest(claims, number)

    assert len(found) == min(number, len(claims))
    assert chance.weakest(claims, number + 1)[: len(found)] == found
    assert chance.weakest(dict(reversed(claims.items())), number) == found
    assert max((claims[user] for user in found), default=-math.inf) <= min(
        (claims[user] for user in claims.keys() - set(found)), default=0
    )
