"""The database of the sandbox, chosen by ``DATABASE_URL``; an SQLite file where there is none."""

import os
from pathlib import Path
from typing import Any

import dj_database_url

SQLITE_OPTIONS = {
    # A transaction that reads first and writes later could not wait for another writer.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
MYSQL_OPTIONS = {"isolation_level": "read committed", "charset": "utf8mb4"}
# The platform compares text on MySQL without regard to case.
MYSQL_TEST = {"CHARSET": "utf8mb4", "COLLATION": "utf8mb4_unicode_ci"}


def database(checkout: Path) -> dict[str, Any]:
    """Return the entry for ``DATABASES["default"]``."""
    url = os.environ.get("DATABASE_URL") or f"sqlite:///{_sqlite_file(checkout)}"
    config: dict[str, Any] = dict(dj_database_url.parse(url))
    options = config.setdefault("OPTIONS", {})
    if config["ENGINE"].endswith("sqlite3"):
        options.update(SQLITE_OPTIONS)
    elif config["ENGINE"].endswith("mysql"):
        options.update(MYSQL_OPTIONS)
        config["TEST"] = {**config.get("TEST", {}), **MYSQL_TEST}
        if os.environ.get("SANDBOX_MYSQL_WITHOUT_RETURNING") == "1":
            config["ENGINE"] = "tests.sandbox.mysql_without_returning"
    return config


def _sqlite_file(checkout: Path) -> Path:
    folder = checkout / ".sandbox"
    folder.mkdir(exist_ok=True)
    return folder / "db.sqlite3"
