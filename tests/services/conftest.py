"""What all tests with servers share: a database that several connections can write to at once, and workers."""

import os
from contextlib import ExitStack
from itertools import count
from urllib.parse import urlsplit

import pytest
from celery import current_app
from django.db import connection

from openedx_user_groups.criteria import registry
from tests.services.criteria import PLUGIN
from tests.services.workers import a_redis, a_worker

_numbers = count(1)


@pytest.fixture(autouse=True)
def _on_a_server(transactional_db):
    if connection.vendor == "sqlite":
        pytest.fail("Set DATABASE_URL to a MariaDB or PostgreSQL: SQLite has one writer at a time.")


@pytest.fixture
def environment():
    """The environment of another process that works on the database of these tests."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + connection.settings_dict["NAME"])
    return {**os.environ, "DATABASE_URL": url.geturl(), "DJANGO_SETTINGS_MODULE": "tests.sandbox.settings"}


@pytest.fixture(scope="session")
def broker():
    """The URL of a broker: the one that BROKER names, or else a Redis that is started for these tests."""
    if url := os.environ.get("BROKER"):
        yield url
        return
    with a_redis() as url:
        yield url


@pytest.fixture
def queue(broker, monkeypatch, settings):
    """A queue of its own for each test; what asks for a refresh in this process sends the task there."""
    name = f"user_groups_{os.getpid()}_{next(_numbers)}"
    monkeypatch.setenv("CELERY_BROKER_URL", broker)
    monkeypatch.setitem(current_app.conf, "task_always_eager", False)
    settings.OPENEDX_USER_GROUPS_QUEUE = name
    # Tasks that were done at once have left connections to the broker of this process behind, which has no workers.
    current_app._after_fork()
    yield name
    current_app._after_fork()
    with current_app.connection_for_write() as sender:
        sender.default_channel.queue_delete(name)


@pytest.fixture
def start_worker(environment, broker, queue, tmp_path):
    """Starts workers on the queue of the test, with criteria of a plugin; they end with the test.

    ``lease`` and ``patience`` are the seconds of a lease, and those that a criterion may take.
    """
    own = {"DJANGO_SETTINGS_MODULE": "tests.services.settings", "BROKER": broker, "QUEUE": queue}
    plugin = {name.replace(".", "__"): criterion for name, criterion in PLUGIN.items()}

    def start(concurrency=1, lease=60, patience=60):
        settings = {**environment, **own, "LEASE_SECONDS": str(lease), "CRITERION_SECONDS": str(patience)}
        return workers.enter_context(a_worker(settings, queue, tmp_path / f"worker{next(_numbers)}.log", concurrency))

    with ExitStack() as workers, registry.temporarily(**plugin):
        yield start
