"""System checks: what would make groups wrong without anybody noticing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Warning
from django.db import connections

from .criteria import registry


def plugins_load(**_kwargs: Any) -> list[CheckMessage]:
    """Every package that announces criteria or sources can be loaded."""
    return [
        Error(f"{name} cannot be loaded: {reason}", hint="Its criteria are unavailable.", id="openedx_user_groups.E001")
        for name, reason in registry.broken_plugins().items()
    ]


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
