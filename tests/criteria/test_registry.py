"""Criteria are found by name: who may have which name, and what happens when a package cannot be loaded."""

import logging
from importlib.metadata import EntryPoint

import pytest

from openedx_user_groups import checks
from openedx_user_groups.criteria import Criterion, Operator, register, registry
from openedx_user_groups.exceptions import RegistrationError, UnknownCriterion

BUILT_IN = {
    *("enrollment_mode", "enrollment_date", "enrolled_in_course", "last_login", "date_joined", "course_progress"),
    *("course_grade", "course_passed", "certificate", "country", "level_of_education", "gender", "user_field"),
    *("email_domain", "staff_status"),
}


def a_type(**attributes: object) -> type[Criterion]:
    """A new criterion class of somebody else's package."""
    defaults = {
        "scopes": ("course",),
        "operators": {Operator.IS_TRUE: {"type": "object"}},
        "__module__": "acme.criteria",
    }
    return type("Asked", (Criterion,), defaults | attributes)


@pytest.fixture(autouse=True)
def _as_it_was():
    with registry.temporarily():
        yield


def test_the_built_in_criteria_are_there() -> None:
    assert {name for name in (criterion.name for criterion in registry.all_types()) if "." not in name} == BUILT_IN


def test_a_registered_criterion_is_found_by_its_name_and_knows_it() -> None:
    criterion = register("acme.asked")(a_type())

    assert registry.get("acme.asked") is criterion
    assert criterion.name == "acme.asked"
    assert criterion in registry.all_types()
    names = [each.name for each in registry.all_types()]
    assert names == sorted(names)


@pytest.mark.parametrize("name", ["acme.nothing", "", None, 5, [], {}, "Country"])
def test_an_unknown_name(name) -> None:
    with pytest.raises(UnknownCriterion, match="No installed package offers the criterion"):
        registry.get(name)


def test_a_name_belongs_to_one_criterion() -> None:
    first = register("acme.asked")(a_type())

    with pytest.raises(RegistrationError, match=r"are both the criterion 'acme\.asked'"):
        register("acme.asked")(a_type())
    assert registry.get("acme.asked") is first


def test_a_built_in_name_cannot_be_taken_over() -> None:
    with pytest.raises(RegistrationError, match="are both the criterion 'country'"):
        register("country")(a_type())


@pytest.mark.parametrize("module", ["acme.criteria", "openedx_user_groups_extra", "tests.openedx_user_groups.criteria"])
def test_bare_names_are_refused_to_others(module) -> None:
    with pytest.raises(RegistrationError, match="'shoe_size' must have a dot"):
        register("shoe_size")(a_type(__module__=module))

    own = register("shoe_size")(a_type(__module__="openedx_user_groups.criteria.builtin.shoes"))
    assert registry.get("shoe_size") is own
    with pytest.raises(UnknownCriterion):
        registry.get("acme.shoe_size")


@pytest.mark.parametrize(
    "attributes",
    [
        {"scopes": ()},
        {"operators": {}},
        {"operators": {"resembles": {"type": "object"}}},
        {"operators": {Operator.IN: {"type": "lots"}}},
        {"operators": {Operator.IN: {"properties": []}}},
        {"operators": {Operator.IN: "object"}},
    ],
)
def test_a_broken_declaration_is_refused_and_not_registered(attributes) -> None:
    with pytest.raises(RegistrationError, match=r"'acme\.asked'"):
        register("acme.asked")(a_type(**attributes))
    with pytest.raises(UnknownCriterion):
        registry.get("acme.asked")


def test_a_test_can_add_replace_and_hide_criteria_for_a_while() -> None:
    country, replaced = registry.get("country"), a_type(__module__="openedx_user_groups.criteria.builtin.new")

    with registry.temporarily(acme__asked=a_type(), country=replaced, gender=None):
        assert registry.get("acme.asked").name == "acme.asked"
        assert registry.get("country") is replaced
        with pytest.raises(UnknownCriterion):
            registry.get("gender")
    assert registry.get("country") is country
    assert registry.get("gender").name == "gender"
    with pytest.raises(UnknownCriterion):
        registry.get("acme.asked")


def test_what_a_test_changed_is_put_back_after_an_error_too() -> None:
    before = registry.all_types()

    with pytest.raises(ZeroDivisionError), registry.temporarily(gender=None):
        raise ZeroDivisionError
    with pytest.raises(RegistrationError), registry.temporarily(gender=None, bare=a_type()):
        pass
    assert registry.all_types() == before


class Announced:
    """Packages as installed ones announce themselves; these cannot all be loaded."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        broken = EntryPoint("acme", "acme_that_is_not_installed.criteria", "openedx_user_groups.criteria")
        working = EntryPoint("json", "json", "openedx_user_groups.criteria")
        self.points = {"openedx_user_groups.criteria": [broken, working], "openedx_user_groups.sources": []}
        monkeypatch.setattr(registry, "entry_points", lambda group: self.points[group])
        monkeypatch.setattr(registry, "_broken", {})


@pytest.fixture
def announced(monkeypatch) -> Announced:
    return Announced(monkeypatch)


@pytest.mark.parametrize(("fatal", "debug"), [(True, False), (False, True)])
def test_a_package_that_cannot_be_loaded_stops_tests_and_debugging(fatal, debug, announced, settings) -> None:
    settings.OPENEDX_USER_GROUPS_PLUGIN_ERRORS_ARE_FATAL = fatal
    settings.DEBUG = debug

    with pytest.raises(ModuleNotFoundError, match="acme_that_is_not_installed"):
        registry.discover()


def test_in_production_it_is_told_by_a_check_and_a_critical_log_line(announced, settings, caplog) -> None:
    settings.OPENEDX_USER_GROUPS_PLUGIN_ERRORS_ARE_FATAL = False

    with caplog.at_level(logging.CRITICAL):
        registry.discover()

    [(name, reason)] = registry.broken_plugins().items()
    assert name == "openedx_user_groups.criteria: acme"
    assert "acme_that_is_not_installed" in reason
    [record] = caplog.records
    assert (record.levelname, record.name) == ("CRITICAL", "openedx_user_groups.criteria.registry")
    assert "acme_that_is_not_installed" in caplog.text
    [error] = checks.plugins_load()
    assert (error.id, error.level) == ("openedx_user_groups.E001", logging.ERROR)
    assert "openedx_user_groups.criteria: acme cannot be loaded" in error.msg


def test_a_duplicate_name_or_a_broken_schema_of_a_package_counts_as_one_that_cannot_be_loaded(
    announced, settings, tmp_path, monkeypatch
) -> None:
    settings.OPENEDX_USER_GROUPS_PLUGIN_ERRORS_ARE_FATAL = False
    (tmp_path / "acme_twice.py").write_text(
        "from openedx_user_groups.criteria import Criterion, Operator, register\n"
        "@register('country')\n"
        "class Country(Criterion):\n"
        "    scopes = ('course',)\n"
        "    operators = {Operator.IS_TRUE: {}}\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    announced.points["openedx_user_groups.criteria"] = [
        EntryPoint("twice", "acme_twice", "openedx_user_groups.criteria")
    ]

    registry.discover()

    [reason] = registry.broken_plugins().values()
    assert "RegistrationError" in reason
    assert registry.get("country").__module__ == "openedx_user_groups.criteria.builtin.profile"


def test_when_all_can_be_loaded_nothing_is_told(announced) -> None:
    announced.points["openedx_user_groups.criteria"].pop(0)

    registry.discover()

    assert registry.broken_plugins() == {}
    assert checks.plugins_load() == []
