"""Criteria about log-ins and registration."""

import pytest

from openedx_user_groups.data import ScopeData
from tests.criteria.asking import found, unknown
from tests.factories import a_course, a_learner, a_user, days_ago, disable, retire, scope_of_course, scope_of_instance

pytestmark = pytest.mark.django_db

SCOPES = [ScopeData("course", "course-v1:Acme+A1+2026"), ScopeData("organization", "Acme"), ScopeData("instance")]


@pytest.fixture
def learners():
    """Two who logged in, lately and a while ago, and one who never did."""
    course = a_course()
    logins = {"lately": days_ago(2), "ago": days_ago(30), "never": None}
    learners = {name: a_learner(course, last_login=at, date_joined=days_ago(60)) for name, at in logins.items()}
    for leave in (disable, retire):
        leave(a_learner(course, last_login=days_ago(1)))
    return learners


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize(
    ("operator", "config", "names"),
    [
        ("within_days", {"days": 10}, {"lately"}),
        ("within_days", {"days": 30}, {"lately", "ago"}),
        ("more_than_days_ago", {"days": 10}, {"ago", "never"}),
        ("more_than_days_ago", {"days": 30}, {"never"}),
        ("before", {"date": "2026-03-01"}, {"ago"}),
        ("on_or_after", {"date": "2026-03-01"}, {"lately"}),
        ("is_true", {}, {"lately", "ago"}),
        ("is_false", {}, {"never"}),
    ],
)
def test_a_learner_who_never_logged_in_counts_as_absent_and_as_nothing_else(
    scope, operator, config, names, learners
) -> None:
    assert found(scope, "last_login", operator, **config) == {learners[name] for name in names}
    assert unknown(scope, "last_login", operator, **config) == 1


@pytest.mark.parametrize("scope", SCOPES)
def test_when_somebody_registered(scope) -> None:
    course = a_course()
    old, new = a_learner(course, date_joined=days_ago(30)), a_learner(course, date_joined=days_ago(3))

    assert found(scope, "date_joined", "within_days", days=3) == {new}
    assert found(scope, "date_joined", "more_than_days_ago", days=3) == {old}
    assert found(scope, "date_joined", "before", date="2026-03-01") == {old}
    assert found(scope, "date_joined", "on_or_after", date="2026-03-01") == {new}
    assert unknown(scope, "date_joined", "within_days", days=3) == 0


def test_on_the_instance_only_active_accounts_count_and_in_a_course_unconfirmed_ones_too() -> None:
    course = a_course()
    unconfirmed = a_learner(course, last_login=days_ago(1), is_active=False)
    stranger = a_user(last_login=days_ago(1))

    assert found(scope_of_instance(), "last_login", "is_true") == {stranger}
    assert found(scope_of_course(course), "last_login", "is_true") == {unconfirmed}
