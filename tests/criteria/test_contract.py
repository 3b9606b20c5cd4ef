"""Every criterion that is registered passes the contract that plugins are held to, among people of every kind."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openedx_user_groups.criteria import registry
from openedx_user_groups.criteria.testing import check_criterion
from tests.factories import NOW
from tests.plain import SCOPES, Person, Study
from tests.strategies import CONFIGS, configs_of, criteria_in, people
from tests.world import rolled_back, save, save_courses

pytestmark = pytest.mark.django_db

CROWD = st.lists(people, min_size=8, max_size=12).map(
    lambda some: [*some, Person(), Person(studies={str(SCOPES[0].key): Study()})]
)


def test_every_registered_criterion_has_its_examples_here() -> None:
    # Those with a dot are of plugins that are installed beside; test_plugins_contract.py is about them.
    ours = [criterion for criterion in registry.all_types() if "." not in criterion.name]
    assert {criterion.name for criterion in ours} == set(CONFIGS)
    for criterion in ours:
        assert set(map(str, criterion.operators)) == set(CONFIGS[criterion.name])


@pytest.mark.parametrize(
    ("name", "scope"), [(name, scope) for scope in SCOPES for name in criteria_in(scope)], ids=lambda part: str(part)
)
def test_a_registered_criterion_passes_the_contract(name, scope) -> None:
    configs = st.fixed_dictionaries({operator: configs_of(name, operator, scope) for operator in CONFIGS[name]})

    @settings(max_examples=2)
    @given(crowd=CROWD, configs=configs)
    def check(crowd, configs) -> None:
        with rolled_back():
            save_courses()
            save(crowd)
            check_criterion(registry.get(name), scope=scope, configs=configs, now=NOW)

    check()
