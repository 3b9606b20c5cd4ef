"""Packages announce their criteria and data sources; one that cannot be loaded keeps no platform from starting."""

import logging
import sys
from pathlib import Path

import pytest

from openedx_user_groups import checks, sources
from openedx_user_groups.api.findings import findings
from openedx_user_groups.criteria import registry
from openedx_user_groups.exceptions import RegistrationError, UnknownCriterion, UnknownSource
from tests.factories import scope_of_instance
from tests.plugins import CRITERIA, SOURCE, SOURCES, WORKING, Packages, packages

TAKES_A_NAME = WORKING.replace("acme.working", "country")
TAKES_A_SOURCE = SOURCE.replace("acme.source", "lms")
BARE = WORKING.replace("acme.working", "working")


@pytest.fixture
def installed(tmp_path: Path):
    with packages(tmp_path) as folder:
        yield folder


@pytest.fixture
def production(settings):
    settings.OPENEDX_USER_GROUPS_PLUGIN_ERRORS_ARE_FATAL = False


# What a package does when it is imported, and what is said of it.
BROKEN = {
    "import a module that there is not": ("import shoes", "No module named 'shoes'"),
    "break the syntax": ("def (:", "SyntaxError"),
    "raise": ("1 / 0", "ZeroDivisionError('division by zero')"),
    "raise what cannot say what it is": (
        "class Hostile(Exception):\n    def __repr__(self): 1 / 0\n    __str__ = __repr__\nraise Hostile",
        "Hostile",
    ),
    "end the process": ("import sys; sys.exit('no licence')", "wants to end the process: SystemExit('no licence')"),
    "end it in another way": ("raise SystemExit", "wants to end the process: SystemExit()"),
    "warn": ("import warnings; warnings.warn('old', DeprecationWarning)", "DeprecationWarning('old')"),
    "take a name of ours": (TAKES_A_NAME, "are both the criterion 'country'"),
    "take a bare name": (BARE, "'working' must have a dot"),
    "take the name of a data source": (TAKES_A_SOURCE, "are both the data source 'lms'"),
    "name no data source": (SOURCE.replace("acme.source", " "), "A data source is a class with a name"),
    "break a schema": (WORKING.replace('"object"', '"lots"'), "that must be a JSON Schema with"),
    "invent an operator": (WORKING.replace("Operator.IS_TRUE", "'resembles'"), "has no operator 'resembles'"),
    "invent a scope": (
        WORKING.replace('"instance"', '"galaxy"'),
        "it must be a list of course, organization, instance",
    ),
    "forget to say what it asks": (WORKING.replace("describe", "say"), "needs a method describe()"),
    "forget to answer": (WORKING.replace("predicate", "answer"), "needs a method predicate() or user_ids()"),
    "hang": ("import time; time.sleep(60)", "It took longer than 0.5 seconds, and was ended."),
    "fail after it has registered some": (WORKING + "\n    1 / 0", "ZeroDivisionError"),
}


@pytest.mark.parametrize("does", BROKEN)
def test_in_production_the_platform_starts_without_a_package_that_cannot_be_loaded(
    does, installed: Packages, production, settings, caplog
) -> None:
    settings.OPENEDX_USER_GROUPS_CRITERION_SECONDS = 0.5
    code, said = BROKEN[does]
    before, sources_before = registry.all_types(), sources.registered()
    installed.install("acme_broken", code)

    with caplog.at_level(logging.CRITICAL):
        registry.discover()

    assert (registry.all_types(), sources.registered()) == (before, sources_before)
    [(name, reason)] = registry.broken_plugins().items()
    assert name == "openedx_user_groups.criteria: acme_broken = acme_broken"
    assert said in reason
    [record] = caplog.records
    assert (record.levelname, record.name) == ("CRITICAL", "openedx_user_groups.criteria.registry")
    assert "acme_broken" in record.getMessage()


@pytest.mark.parametrize("does", sorted(set(BROKEN) - {"hang"}))
@pytest.mark.parametrize(("fatal", "debug"), [(True, False), (False, True)])
def test_tests_and_debugging_are_stopped_by_it(does, fatal, debug, installed: Packages, settings) -> None:
    settings.OPENEDX_USER_GROUPS_PLUGIN_ERRORS_ARE_FATAL, settings.DEBUG = fatal, debug
    code, _said = BROKEN[does]
    installed.install("acme_broken", code)

    with pytest.raises(Exception) as caught:  # noqa: PT011
        registry.discover()
    assert caught.type is not SystemExit


def test_a_check_and_the_findings_say_which_package_it_is_and_why(installed: Packages, production, db) -> None:
    installed.install("acme_broken", "import shoes")
    installed.install("acme_broken_too", "import hats", group=SOURCES)

    registry.discover()

    first, second = checks.plugins_load()
    assert (first.id, first.level) == ("openedx_user_groups.E001", logging.ERROR)
    assert first.msg.startswith("openedx_user_groups.sources: acme_broken_too = acme_broken_too cannot be loaded: ")
    assert "No module named 'shoes'" in second.msg
    assert second.hint is not None
    assert "keep their members" in second.hint
    assert findings().broken_plugins == registry.broken_plugins()


def test_the_others_are_loaded(installed: Packages, production) -> None:
    installed.install("acme_broken", "import shoes")
    installed.install("acme_working", WORKING)
    installed.install("acme_source", SOURCE, group=SOURCES)

    registry.discover()

    assert registry.get("acme.working").title == "Working"
    assert sources.open_source("acme.source", scope=scope_of_instance(), users=[5]).users == [5]
    assert len(registry.broken_plugins()) == 1


def test_a_package_that_failed_half_way_has_registered_nothing(installed: Packages, production) -> None:
    """Neither in the module that failed nor in those it had imported."""
    code = "import acme_part, acme_part_source\nimport shoes"
    installed.install("acme_broken", code, acme_part=WORKING, acme_part_source=SOURCE)

    registry.discover()

    with pytest.raises(UnknownCriterion):
        registry.get("acme.working")
    with pytest.raises(UnknownSource):
        sources.open_source("acme.source", scope=scope_of_instance(), users=None)


def test_modules_that_were_there_before_stay(installed: Packages, production) -> None:
    kinds = sys.modules["openedx_user_groups.criteria.kinds"]
    code = (
        "from openedx_user_groups.criteria import register\n"
        "from openedx_user_groups.criteria.kinds import FactCriterion\n"
        "FactCriterion.title, FactCriterion.scopes = 'Fact', ('course',)\n"
        "register('acme.fact')(FactCriterion)\n"
        "import shoes"
    )
    installed.install("acme_broken", code)

    registry.discover()

    assert list(registry.broken_plugins().values()) == ["ModuleNotFoundError(\"No module named 'shoes'\")"]
    assert sys.modules["openedx_user_groups.criteria.kinds"] is kinds


def test_a_part_of_it_that_is_announced_by_itself_is_loaded(installed: Packages, production) -> None:
    points = f"[{CRITERIA}]\nbroken = acme_broken\npart = acme_part\n"
    installed.install("acme_broken", "import acme_part\nimport shoes", points=points, acme_part=WORKING)

    registry.discover()

    assert registry.get("acme.working").title == "Working"
    assert list(registry.broken_plugins()) == ["openedx_user_groups.criteria: broken = acme_broken"]


@pytest.mark.parametrize("value", ["acme_broken:Missing", "acme_broken.missing", "not a module", "acme_broken:"])
def test_an_entry_point_that_names_nothing(value, installed: Packages, production) -> None:
    installed.install("acme_broken", WORKING, points=f"[{CRITERIA}]\nacme = {value}\n")

    registry.discover()

    assert list(registry.broken_plugins()) == [f"openedx_user_groups.criteria: acme = {value}"]
    with pytest.raises(UnknownCriterion):
        registry.get("acme.working")


def test_two_packages_whose_entry_points_are_called_the_same_are_both_told(installed: Packages, production) -> None:
    for name in ("one", "two"):
        installed.install(name, "import shoes", points=f"[{CRITERIA}]\nacme = {name}\n")

    registry.discover()

    assert set(registry.broken_plugins()) == {f"openedx_user_groups.criteria: acme = {name}" for name in ("one", "two")}


def test_a_package_that_registers_nothing_is_a_warning(installed: Packages) -> None:
    installed.install("acme_forgets", WORKING.replace('@register("acme.working")', ""))
    installed.install("acme_forgets_too", "", group=SOURCES)
    installed.install("acme_working", WORKING)

    registry.discover()

    assert checks.plugins_load() == []
    first, second = checks.plugins_register()
    assert (first.id, first.level) == ("openedx_user_groups.W002", logging.WARNING)
    assert first.msg == "openedx_user_groups.sources: acme_forgets_too = acme_forgets_too registers nothing."
    assert second.msg == "openedx_user_groups.criteria: acme_forgets = acme_forgets registers nothing."
    assert second.hint is not None
    assert "@register(name)" in second.hint


def test_a_package_that_cannot_be_loaded_is_not_told_to_be_silent_as_well(installed: Packages, production) -> None:
    installed.install("acme_broken", "import shoes")

    registry.discover()

    assert checks.plugins_register() == []


def test_sources_and_criteria_may_be_in_one_module(installed: Packages) -> None:
    points = f"[{SOURCES}]\nacme = acme_all\n[{CRITERIA}]\nacme = acme_all\n"
    installed.install("acme_all", WORKING + SOURCE, points=points)

    registry.discover()

    assert registry.get("acme.working").name == "acme.working"
    assert "acme.source" in sources.registered()


def test_what_can_be_loaded_again_is_no_longer_told(installed: Packages, production) -> None:
    installed.install("acme_broken", "import shoes")
    registry.discover()
    (installed.folder / "shoes.py").touch()

    registry.discover()

    assert registry.broken_plugins() == {}
    assert checks.plugins_load() == []


def test_a_registration_error_reads_as_a_sentence(installed: Packages) -> None:
    installed.install("acme_broken", TAKES_A_NAME)

    with pytest.raises(RegistrationError, match="are both the criterion 'country'"):
        registry.discover()
