"""System checks: what would make groups wrong without anybody noticing."""

import pytest
from django.core.checks import Error, registry, run_checks
from django.db import connection

from openedx_user_groups import checks
from openedx_user_groups.criteria.registry import broken_plugins


def test_they_are_registered():
    assert {checks.plugins_load, checks.plugins_register, checks.isolation_is_read_committed} <= set(
        registry.registry.get_checks(include_deployment_checks=True)
    )


def test_here_all_plugins_load():
    assert broken_plugins() == {}
    assert checks.plugins_load() == []
    assert checks.plugins_register() == []


def test_the_sandbox_passes_all_checks():
    assert not [message for message in run_checks() if message.id and message.id.startswith("openedx_user_groups")]
    assert not [message for message in run_checks() if isinstance(message, Error)]


def test_without_a_database_none_is_asked():
    assert checks.isolation_is_read_committed(databases=None) == []


@pytest.mark.django_db
def test_the_level_of_isolation_is_as_it_must_be():
    assert checks.isolation_is_read_committed(databases=["default"]) == []


@pytest.mark.django_db(transaction=True)
def test_on_mysql_another_level_of_isolation_is_a_warning():
    if connection.vendor != "mysql":
        # Elsewhere READ COMMITTED or one lock for all is what there is.
        assert checks.isolation_is_read_committed(databases=["default"]) == []
        return
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    try:
        (warning,) = checks.isolation_is_read_committed(databases=["default"])
    finally:
        connection.close()

    assert warning.id == "openedx_user_groups.W001"
    assert "REPEATABLE-READ" in warning.msg
    assert "read committed" in warning.hint


def test_settings_as_they_come_make_sense():
    assert checks.settings_make_sense() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REMOVAL_LIMIT", 101),
        ("REMOVAL_LIMIT", "50"),
        ("REMOVAL_LIMIT", None),
        ("LEASE_SECONDS", 0),
        ("CLAIM_SECONDS", -5),
        ("KEEP_RUNS_DAYS", float("nan")),
        ("KEEP_HISTORY_DAYS", True),
    ],
)
def test_a_setting_that_is_no_sensible_number_is_an_error(settings, name, value):
    setattr(settings, f"OPENEDX_USER_GROUPS_{name}", value)

    (found,) = checks.settings_make_sense()

    assert (found.id, found.is_serious()) == ("openedx_user_groups.E002", True)
    assert found.msg == f"OPENEDX_USER_GROUPS_{name} is {value!r}."
    assert "a number from" in found.hint


@pytest.mark.parametrize("name", ["KEEP_RUNS_DAYS", "KEEP_HISTORY_DAYS"])
def test_what_is_kept_for_ever_is_none(settings, name):
    setattr(settings, f"OPENEDX_USER_GROUPS_{name}", None)

    assert checks.settings_make_sense() == []
