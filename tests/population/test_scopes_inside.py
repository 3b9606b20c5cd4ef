"""What is inside a scope, found for many scopes at once."""

import pytest

from openedx_user_groups.data import ScopeData
from openedx_user_groups.population import scopes
from openedx_user_groups.population.scopes import inside
from tests.factories import a_course

pytestmark = pytest.mark.django_db

EVERYTHING = [
    *(ScopeData("course", f"course-v1:{key}") for key in ("Acme+A1+2026", "Acme+A2+2026", "Other+B1+2026", "X+gone+1")),
    *(ScopeData("organization", name) for name in ("Acme", "ACME", "Other", "Acm", "")),
    ScopeData("instance"),
]


@pytest.fixture(autouse=True)
def _courses():
    for scope in EVERYTHING[:3]:
        a_course(scope.key)
    # Of a course whose key says otherwise the organization is what its row says.
    a_course("course-v1:Other+B2+2026", org="acme")


@pytest.mark.parametrize("outer", EVERYTHING, ids=str)
def test_many_at_once_get_the_answers_that_each_would_get_alone(outer, django_assert_max_num_queries) -> None:
    many = [*EVERYTHING, ScopeData("course", "course-v1:Other+B2+2026"), ScopeData("course", "course-v1:acme+a1+2026")]
    expected = {inner for inner in many if scopes.contains(outer, inner)}

    with django_assert_max_num_queries(1):
        assert inside(outer, many) == expected
    assert inside(outer, []) == set()
