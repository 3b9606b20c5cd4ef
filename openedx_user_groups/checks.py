"""System checks: what would make groups wrong without anybody noticing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.db import connections

from .criteria import registry
from .refresh import options

DAY = 24 * 60 * 60


def plugins_load(**_kwargs: Any) -> list[CheckMessage]:
    """Every package that announces criteria or sources can be loaded."""
    hint = "Groups that use its criteria keep their members and are not refreshed until it can be loaded."
    return [
        Error(f"{name} cannot be loaded: {reason}", hint=hint, id="openedx_user_groups.E001")
        for name, reason in registry.broken_plugins().items()
    ]


def plugins_register(**_kwargs: Any) -> list[CheckMessage]:
    """Every package that announces criteria or sources has some."""
    hint = "Decorate criteria with @register(name) and data sources with @register_source(name)."
    return [
        Warning(f"{name} registers nothing.", hint=hint, id="openedx_user_groups.W002")
        for name in registry.silent_plugins()
    ]


# Settings that are numbers, with the smallest and the largest that means something; None stands for no number.
NUMBERS: Mapping[str, tuple[float, float, bool]] = {
    "OPENEDX_USER_GROUPS_REMOVAL_LIMIT": (0, 100, False),
    "OPENEDX_USER_GROUPS_SIZE_LIMIT": (0, options.MAX_SIZE, False),
    "OPENEDX_USER_GROUPS_LEASE_SECONDS": (1, DAY, False),
    "OPENEDX_USER_GROUPS_CLAIM_SECONDS": (1, DAY, False),
    "OPENEDX_USER_GROUPS_DRAIN_SECONDS": (0, DAY, False),
    "OPENEDX_USER_GROUPS_DUE_SECONDS": (0, DAY, False),
    "OPENEDX_USER_GROUPS_CRITERION_SECONDS": (0, DAY, False),
    "OPENEDX_USER_GROUPS_KEEP_RUNS_DAYS": (0, 36_500, True),
    "OPENEDX_USER_GROUPS_KEEP_HISTORY_DAYS": (0, 36_500, True),
    "OPENEDX_USER_GROUPS_KEEP_IMPORTS_DAYS": (1, 36_500, True),
}


def settings_make_sense(**_kwargs: Any) -> list[CheckMessage]:
    """Settings that are numbers are numbers, and within what they can mean."""
    found: list[CheckMessage] = []
    for name, (lowest, highest, may_be_none) in NUMBERS.items():
        value = getattr(settings, name)
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and lowest <= value <= highest
        if not is_number and not (may_be_none and value is None):
            hint = f"It must be a number from {lowest} to {highest}{', or None' if may_be_none else ''}."
            found.append(Error(f"{name} is {value!r}.", hint=hint, id="openedx_user_groups.E002"))
    return found


def isolation_is_read_committed(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """MySQL and MariaDB run in READ COMMITTED; other levels lock rows of the platform while groups are written."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor != "mysql":
            continue
        with connection.cursor() as cursor:
            variable = "tx_isolation" if connection.mysql_is_mariadb else "transaction_isolation"  # type: ignore[attr-defined]
            cursor.execute(f"SELECT @@{variable}")
            level = cursor.fetchone()[0]
        if level != "READ-COMMITTED":
            found.append(
                Warning(
                    f"The database {alias!r} runs in {level}.",
                    hint='Set OPTIONS["isolation_level"] of the database to "read committed".',
                    id="openedx_user_groups.W001",
                )
            )
    return found
