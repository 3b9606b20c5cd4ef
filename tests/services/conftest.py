"""What all tests with servers share: a database that several connections can write to at the same time."""

import os
from urllib.parse import urlsplit

import pytest
from django.db import connection


@pytest.fixture(autouse=True)
def _on_a_server(transactional_db):
    if connection.vendor == "sqlite":
        pytest.fail("Set DATABASE_URL to a MariaDB or PostgreSQL: SQLite has one writer at a time.")


@pytest.fixture
def environment():
    """The environment of another process that works on the database of these tests."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + connection.settings_dict["NAME"])
    return {**os.environ, "DATABASE_URL": url.geturl(), "DJANGO_SETTINGS_MODULE": "tests.sandbox.settings"}
