"""The criterion that divides people at random: the same way every time, exactly, and without gaps."""

from fractions import Fraction
from itertools import pairwise

import pytest
from django.contrib.auth.models import User
from django.db.models import BigIntegerField, Value
from django.db.models.functions import Cast
from hypothesis import given
from hypothesis import strategies as st

from openedx_user_groups.criteria.base import Asking
from openedx_user_groups.criteria.builtin.random_share import PRIME, order, place, place_of
from openedx_user_groups.evaluation import matching
from openedx_user_groups.evaluation.matching import users_where
from openedx_user_groups.rules.tree import Leaf
from tests.criteria.asking import found, refusals, sentence, values
from tests.factories import NOW, a_course, a_learner, a_user, disable, scope_of_course, scope_of_instance
from tests.world import rolled_back

pytestmark = pytest.mark.django_db

INSTANCE = scope_of_instance()
SHARE = "random_share"
MAX_ID = 2**63 - 1

seeds = st.text(min_size=1, max_size=20)
percents = st.integers(0, 100) | st.floats(0, 100).map(lambda number: round(number, 3))
crowds = st.sets(st.integers(1, 100_000), min_size=1, max_size=30)
# As large as any database has them, and where 31 bits end.
ids = st.integers(1, MAX_ID) | st.integers(PRIME - 3, PRIME + 3) | st.integers(2**32 - 3, 2**32 + 3)


def share(first: float, end: float, seed: str = "s") -> set[int]:
    """The ids of everybody in a share."""
    leaf = Leaf("/all/0", SHARE, "between", {"percent": [first, end], "seed": seed})
    return set(users_where(matching.predicate_of(leaf, Asking(INSTANCE, NOW))).values_list("pk", flat=True))


def people(pks) -> None:
    User.objects.bulk_create(User(pk=pk, username=str(pk)) for pk in pks)


@given(pks=st.lists(ids, min_size=1, max_size=20), seed=seeds)
def test_the_database_computes_exactly_what_python_does_for_ids_of_any_size(pks, seed) -> None:
    with rolled_back():
        people([1])
        columns = {f"column_{number}": place(whole(pk), seed) for number, pk in enumerate(pks)}
        (found,) = User.objects.filter(pk=1).annotate(**columns).values_list(*columns)

        factor, shift = order(seed)
        assert list(found) == [(factor * pk + shift) % PRIME for pk in pks] == [place_of(pk, seed) for pk in pks]


def whole(number: int) -> Cast:
    return Cast(Value(number), BigIntegerField())


@given(pks=crowds, seed=seeds, limits=st.lists(percents, min_size=2, max_size=2).map(sorted))
def test_whose_place_is_within_the_limits_is_in_the_share(pks, seed, limits) -> None:
    with rolled_back():
        people(pks)
        first, end = (Fraction(str(limit)) for limit in limits)
        places = {pk: Fraction(place_of(pk, seed) * 100, PRIME) for pk in pks}

        assert share(*limits, seed) == {pk for pk, where in places.items() if first <= where < end}


@given(pks=crowds, seed=seeds, limits=st.lists(percents, max_size=4, unique=True))
def test_neighbouring_shares_divide_everybody_and_a_larger_one_contains_a_smaller_one(pks, seed, limits) -> None:
    with rolled_back():
        people(pks)
        edges = [0, *sorted(set(limits) - {0, 100}), 100]
        shares = [share(first, end, seed) for first, end in pairwise(edges)]

        assert set().union(*shares) == pks
        assert sum(map(len, shares)) == len(pks)
        so_far = [share(0, end, seed) for end in edges[1:]]
        assert all(smaller <= larger for smaller, larger in pairwise(so_far))


@given(seed=seeds, first=st.integers(1, MAX_ID - 1_000), percent=st.integers(1, 99))
def test_of_people_with_neighbouring_ids_a_share_gets_its_share(seed, first, percent) -> None:
    # Closer than tossing a coin for everybody would come.
    for number, give_or_take in ((30, 6), (1_000, 20)):
        within = sum(place_of(pk, seed) * 100 < percent * PRIME for pk in range(first, first + number))

        assert abs(within - number * percent / 100) <= give_or_take


@given(seed=seeds, other=seeds)
def test_a_seed_has_one_order_and_another_one_has_another(seed, other) -> None:
    assert order(seed) == order(seed)
    assert (order(seed) == order(other)) == (seed == other)


def test_orders_do_not_change_with_releases() -> None:
    # Groups that were drawn years ago must stay as they are.
    assert order("Homepage, spring") == (317_853_496, 1_381_032_844)
    assert order("🎓") == (500_529_025, 1_438_927_346)


def test_two_seeds_are_independent_of_each_other() -> None:
    people(range(1, 1_001))
    halves = [share(0, 50, seed) for seed in ("a", "b", "c")]

    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert 200 <= len(halves[one] & halves[other]) <= 300


def test_everybody_is_in_the_whole_and_nobody_twice() -> None:
    course = a_course()
    learners = {a_learner(course) for _ in range(20)}
    disable(a_learner(course))
    a_user()
    scope = scope_of_course(course)

    assert found(scope, SHARE, "between", percent=[0, 100], seed="s") == learners
    first, second = (found(scope, SHARE, "between", percent=half, seed="s") for half in ([0, 50], [50, 100]))
    assert first | second == learners
    assert not first & second
    assert 5 <= len(first) <= 15


@pytest.mark.parametrize(
    ("percent", "message"),
    [
        ([50, 50], "The first number must be smaller than the second."),
        ([60, 50], "The first number must be smaller than the second."),
        ([0], "It needs at least 2 values."),
    ],
)
def test_a_share_of_nobody_is_refused(percent, message) -> None:
    assert refusals(INSTANCE, SHARE, "between", percent=percent, seed="s") == [("percent", message)]


def test_a_share_needs_a_seed() -> None:
    assert refusals(INSTANCE, SHARE, "between", percent=[0, 50], seed="") == [
        ("seed", "It must have 1 or more characters.")
    ]
    assert refusals(INSTANCE, SHARE, "between", percent=[0, 50]) == [("seed", "It is missing.")]


def test_the_value_is_the_place_between_0_and_100() -> None:
    users = [a_user() for _ in range(50)]
    places = values(INSTANCE, users, SHARE, "between", percent=[0, 10], seed="s")

    assert set(places) == set(users)
    matched = found(INSTANCE, SHARE, "between", percent=[0, 10], seed="s")
    assert {user for user, place in places.items() if place < 10} == matched
    assert all(0 <= place < 100 for place in places.values())


def test_it_reads_as_a_sentence() -> None:
    words = sentence(INSTANCE, SHARE, "between", percent=[0, 33.5], seed="spring")

    assert words == "is in the share from 0% to 33.5% that the seed “spring” draws"
