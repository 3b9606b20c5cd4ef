"""The criteria of the example plugin keep the contract, and answer like plain Python in whatever rule they stand."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from openedx_user_groups.criteria import registry
from openedx_user_groups.criteria.base import Asking
from openedx_user_groups.criteria.testing import check_criterion
from openedx_user_groups.data import ScopeData
from openedx_user_groups.evaluation import matching
from openedx_user_groups.evaluation.answers import Answers
from openedx_user_groups.groups import rule_reader
from openedx_user_groups.population.staging import staging
from tests.by_api import leaf
from tests.examples import examples
from tests.factories import NOW
from tests.plain import SCOPES, Person, Study, belongs
from tests.plugins import Register
from tests.strategies import crowds, people
from tests.world import definition, rolled_back, save, save_courses

pytestmark = pytest.mark.django_db

PROGRAMMES = ("Physics", "Law", 'History, "modern"', "É")
# Of every criterion of the plugin and each of its operators, configs.
_listed = st.lists(st.sampled_from(PROGRAMMES), min_size=1, unique=True)
CONFIGS: dict[str, dict[str, st.SearchStrategy[dict[str, Any]]]] = {
    "campus.programme": dict.fromkeys(("in", "not_in"), st.fixed_dictionaries({"programmes": _listed})),
    "campus.course_load": {">=": st.fixed_dictionaries({"courses": st.integers(1, 3)})},
}


@pytest.fixture
def register(tmp_path, settings) -> Register:
    settings.CAMPUS_REGISTER = str(tmp_path / "register.csv")
    return Register(tmp_path / "register.csv")


def test_every_criterion_of_a_plugin_that_is_installed_has_examples_here() -> None:
    installed = {criterion.name: criterion for criterion in registry.all_types() if "." in criterion.name}

    assert installed.keys() == CONFIGS.keys()
    assert all(set(map(str, installed[name].operators)) == set(CONFIGS[name]) for name in CONFIGS)


@pytest.mark.parametrize(
    ("name", "scope"),
    [(name, scope) for name in CONFIGS for scope in SCOPES if scope.type != "course" or name != "campus.course_load"],
    ids=str,
)
def test_its_criteria_pass_the_contract(name, scope, register) -> None:
    configs = st.fixed_dictionaries(CONFIGS[name])
    crowd = st.lists(people, min_size=8, max_size=12)

    @hypothesis_settings(max_examples=2)
    @given(crowd=crowd, configs=configs)
    def check(crowd: list[Person], configs: dict[str, Any]) -> None:
        with rolled_back():
            save_courses()
            enrolled = Person(studies={str(scope.key): Study()} if scope.type == "course" else {})
            write_register(register, save([*crowd, enrolled]))
            check_criterion(registry.get(name), scope=scope, configs=configs, now=NOW)

    check()


def write_register(register: Register, saved: Mapping[int, Person]) -> dict[int, str]:
    """Every third person studies nothing here; the programme of the others, by id."""
    chosen = {pk: PROGRAMMES[pk % len(PROGRAMMES)] for pk in saved if pk % 3}
    register.write({saved[pk].fields["username"]: programme for pk, programme in chosen.items()})
    return chosen


_leaves = st.one_of(
    [
        st.builds(lambda config, name=name, operator=operator: leaf(name, operator, **config), config)
        for name, operators in CONFIGS.items()
        for operator, config in operators.items()
    ]
    + [st.just(leaf("staff_status", "is_true")), st.just(leaf("enrollment_mode", "in", modes=["audit"]))]
)


def _branches(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(
        lambda combine, nodes: {combine: nodes},
        st.sampled_from(("all", "any", "none")),
        st.lists(children, min_size=1, max_size=3),
    )


RULES = _branches(_leaves | _branches(_leaves | _branches(_leaves)))


def test_whatever_it_is_combined_with_everybody_gets_the_answer_that_plain_python_gives(register) -> None:
    acme = ScopeData("organization", "Acme")

    @hypothesis_settings(max_examples=examples(25))
    @given(crowd=crowds, rule=RULES)
    def check(crowd: list[Person], rule: dict[str, Any]) -> None:
        with rolled_back():
            save_courses()
            saved = save(crowd)
            programmes = write_register(register, saved)
            tree = rule_reader.parse(rule, acme)
            expected = {
                pk for pk, person in saved.items() if belongs(person, acme) and _plain(rule, person, programmes.get(pk))
            }
            with staging() as stage:
                users = matching.matching_users(tree, Asking(acme, NOW, stage=stage))
                assert sorted(users.values_list("pk", flat=True)) == sorted(expected)
            some = sorted(saved)[::2]
            assert Answers(some, NOW).matching(definition(tree, acme)) == expected & set(some)

    check()


def _plain(rule: Mapping[str, Any], person: Person, programme: str | None) -> bool:
    if "criterion" not in rule:
        [(combine, children)] = rule.items()
        answers = [_plain(child, person, programme) for child in children]
        return {"all": all(answers), "any": any(answers), "none": not any(answers)}[combine]
    here = [study for key, study in person.studies.items() if "Acme" in key and study.is_active]
    match rule["criterion"]:
        case "campus.programme":
            return (programme in rule["config"]["programmes"]) == (rule["operator"] == "in")
        case "campus.course_load":
            return len(here) >= rule["config"]["courses"]
        case "staff_status":
            return person.is_staff
        case "enrollment_mode":
            return any(study.mode == "audit" for study in here)
    raise AssertionError(rule)
