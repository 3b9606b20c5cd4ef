"""The sandbox served with a worker: what is asked of the pages' server is done there, and both end together."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress

import pytest
import requests
from django.contrib.auth.models import User

from tests.by_api import VERIFIED, a_group, many_learners, member_ids
from tests.factories import a_course, scope_of_course
from tests.services.workers import CHECKOUT, a_redis, eventually

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

MANY = 6_000


@pytest.fixture
def address():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


@pytest.fixture
def serving(environment, broker, address, tmp_path):
    """Serves the sandbox until the block ends; gives the process and what it and its worker print."""

    @contextmanager
    def serve():
        log = tmp_path / "serve.log"
        command = [sys.executable, "manage.py", "serve", address]
        settings = {**environment, "BROKER": broker, "PYTHONUNBUFFERED": "1"}
        with (
            log.open("w") as output,
            subprocess.Popen(command, cwd=CHECKOUT, env=settings, stdout=output, stderr=output) as process,
        ):
            try:
                eventually(lambda: is_served(address) and " ready." in log.read_text(), "It is not served.", log)
                yield process, log
            finally:
                process.terminate()
                process.wait(timeout=120)

    return serve


def is_served(address):
    with suppress(requests.ConnectionError):
        return requests.get(f"http://{address}/login/", timeout=120).ok
    return False


def logged_in(address, username):
    """A browser in which somebody, whose password is the user name, is logged in."""
    browser = requests.Session()
    browser.headers["Referer"] = f"http://{address}/"
    browser.get(f"http://{address}/login/", timeout=120)
    form = {"username": username, "password": username, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
    assert browser.post(f"http://{address}/login/", form, allow_redirects=False, timeout=120).status_code == 302
    browser.headers["X-CSRFToken"] = browser.cookies["csrftoken"]
    return browser


def children_of(process):
    """The ids of the processes that a process has started: the worker and the server."""
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=True
    )
    return [int(pid) for pid in listed.stdout.split()]


def is_alive(pid):
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def test_a_refresh_that_is_asked_of_the_server_is_done_by_the_worker(serving, address):
    course = a_course()
    group = a_group(scope_of_course(course), VERIFIED)
    learners = many_learners(course, MANY)
    User.objects.create_superuser("teacher", password="teacher")

    with serving() as (process, log):
        browser = logged_in(address, "teacher")
        asked = browser.post(f"http://{address}/api/user_group/v1/groups/{group.uuid}/refreshes/", timeout=120)
        assert (asked.status_code, asked.json()["status"]) == (202, "waiting")
        run = asked.headers["Location"]
        eventually(lambda: browser.get(run, timeout=120).json()["status"] == "done", "It is not done.", log)
        assert browser.get(run, timeout=120).json()["joined"] == MANY
        children = children_of(process)
        process.terminate()
        assert process.wait(timeout=120) == 0

    assert member_ids(group) == set(learners)
    assert "openedx_user_groups.tasks.refresh_collection" in log.read_text()
    assert "succeeded" in log.read_text()
    assert not is_served(address)
    assert len(children) == 2
    assert not any(map(is_alive, children))


@pytest.mark.parametrize(("place", "name"), [(0, "worker"), (1, "server")])
def test_when_one_of_the_two_is_lost_the_other_one_is_ended(serving, address, place, name):
    with serving() as (process, log):
        children = children_of(process)
        os.kill(children[place], signal.SIGKILL)
        assert process.wait(timeout=120) == 1

    assert f"The {name} ended with code -9, so everything was stopped." in log.read_text()
    assert not any(map(is_alive, children))
    assert not is_served(address)


@pytest.mark.parametrize("is_named", [True, False])
def test_without_a_broker_that_answers_nothing_is_served(environment, is_named):
    with a_redis() as broker:
        pass
    command = [sys.executable, "manage.py", "serve", "--check"]
    settings = {**environment, "BROKER": broker if is_named else ""}

    served = subprocess.run(command, cwd=CHECKOUT, env=settings, capture_output=True, text=True, timeout=120)

    assert served.returncode == 1
    assert ("does not answer" if is_named else "Name the broker of the worker") in served.stderr
    assert "Traceback" not in served.stderr
