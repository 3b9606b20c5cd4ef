"""The criteria about age and language."""

from datetime import UTC, datetime

import attrs
import pytest

from openedx.core.djangoapps.user_api.models import UserPreference
from openedx_user_groups.criteria.base import Asking
from openedx_user_groups.data import ScopeData
from openedx_user_groups.evaluation import matching
from openedx_user_groups.groups import rule_reader
from tests.criteria.asking import found, refusals, sentence, unknown, values
from tests.factories import a_course, a_learner, a_user, disable, profile, scope_of_instance

pytestmark = pytest.mark.django_db

SCOPES = [ScopeData("course", "course-v1:Acme+A1+2026"), ScopeData("organization", "Acme"), ScopeData("instance")]
INSTANCE = scope_of_instance()


def born(year: int | None, **fields):
    user = a_user(**fields)
    profile(user, year_of_birth=year)
    return user


@pytest.mark.parametrize("scope", SCOPES)
def test_whoever_turns_18_this_year_is_17_until_it_ends(scope) -> None:
    course = a_course()
    learners = {year: a_learner(course) for year in (2007, 2008, 2009)}
    for year, learner in learners.items():
        profile(learner, year_of_birth=year)
    no_year, no_profile, disabled = (a_learner(course) for _ in range(3))
    profile(no_year)
    profile(disabled, year_of_birth=2000)
    disable(disabled)

    def aged(operator: str, years: object) -> set[int]:
        matched = found(scope, "age", operator, years=years)
        return {year for year, learner in learners.items() if learner in matched} | matched.intersection([no_profile])

    assert aged("<", 18) == {2008, 2009}
    assert aged("<=", 17) == {2008, 2009}
    assert aged(">=", 18) == {2007}
    assert aged(">", 17) == {2007}
    assert aged("between", [17, 17]) == {2008}
    assert aged("between", [0, 150]) == {2007, 2008, 2009}
    assert unknown(scope, "age", "<", years=18) == 2


def test_a_year_begins_at_midnight_utc() -> None:
    user = born(2008)
    rule = rule_reader.parse({"all": [{"criterion": "age", "operator": ">=", "config": {"years": 18}}]}, INSTANCE)
    asking = Asking(INSTANCE, datetime(2026, 12, 31, 23, 59, tzinfo=UTC))

    assert set(matching.matching_users(rule, asking)) == set()
    asking = attrs.evolve(asking, now=datetime(2027, 1, 1, tzinfo=UTC))
    assert set(matching.matching_users(rule, asking)) == {user}


def test_years_that_nobody_was_born_in_are_ages_all_the_same() -> None:
    ahead, ancient = born(2100), born(1)

    assert found(INSTANCE, "age", "<", years=0) == {ahead}
    assert found(INSTANCE, "age", ">", years=150) == {ancient}


@pytest.mark.parametrize("years", [17.5, -1, 151, "18", None])
def test_ages_are_whole_numbers(years) -> None:
    assert [key for key, _ in refusals(INSTANCE, "age", "<", years=years)] == ["years"]


def test_the_value_is_the_age() -> None:
    young, old, untold = born(2008), born(1926), born(None)

    assert values(INSTANCE, [young, old, untold], "age", "<", years=18) == {young: 17, old: 99}
    assert sentence(INSTANCE, "age", "<", years=18) == "age is below 18"
    assert sentence(INSTANCE, "age", "between", years=[18, 25]) == "age is between 18 and 25"


def prefers(user, value: str, key: str = "pref-lang"):
    UserPreference.objects.create(user=user, key=key, value=value)
    return user


@pytest.mark.parametrize("scope", SCOPES)
def test_the_language_is_the_one_that_was_chosen_and_no_other_preference(scope) -> None:
    course = a_course()
    chosen, other, empty, none, zone = (a_learner(course) for _ in range(5))
    prefers(chosen, "es-419")
    prefers(other, "en")
    prefers(empty, "")
    prefers(zone, "es-419", "time_zone")
    # What is chosen elsewhere, in any of the profile's own columns, is not it.
    profile(none, language="es-419")

    assert found(scope, "language", "in", values=["ES-419", "de"]) == {chosen}
    assert found(scope, "language", "not_in", values=["es-419"]) == {other, empty, none, zone}
    assert unknown(scope, "language", "in", values=["es-419"]) == 3
    assert values(scope, [chosen, other, empty, none], "language", "in", values=["x"]) == {
        chosen: "es-419",
        other: "en",
    }
    assert sentence(scope, "language", "in", values=["de", "fr"]) == "language is German or French"
