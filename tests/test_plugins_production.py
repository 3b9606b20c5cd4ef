"""A service whose plugin cannot be loaded: it starts and refreshes its groups, and everybody who looks is told."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command, load_command_class
from django.core.management.base import SystemCheckError

from openedx_user_groups.criteria import registry
from tests.by_api import VERIFIED, a_group, member_ids
from tests.factories import a_course, a_learner, scope_of_course
from tests.management.running import run
from tests.plugins import Packages, packages

CHECKOUT = Path(__file__).resolve().parents[1]
SETTINGS = """
from tests.sandbox.settings import *
OPENEDX_USER_GROUPS_PLUGIN_ERRORS_ARE_FATAL = {fatal}
"""
SERVE = """
from django.core.wsgi import get_wsgi_application
get_wsgi_application()
from openedx_user_groups.criteria import registry
print(len(registry.all_types()), "types, without", *registry.broken_plugins())
"""


@pytest.fixture
def broken(tmp_path: Path):
    """A package that cannot be loaded is installed."""
    with packages(tmp_path) as installed:
        installed.install("acme_broken", "import shoes")
        yield installed


@pytest.fixture
def loaded(broken: Packages, settings):
    """A service in production has started with it."""
    settings.OPENEDX_USER_GROUPS_PLUGIN_ERRORS_ARE_FATAL = False
    registry.discover()
    assert registry.broken_plugins()


def start(folder: Path, *arguments: str, fatal: bool = False) -> subprocess.CompletedProcess[str]:
    """Another process, with what is installed in the folder."""
    (folder / "production.py").write_text(SETTINGS.format(fatal=fatal), encoding="utf-8")
    importlib.invalidate_caches()
    path = os.pathsep.join((str(folder), str(CHECKOUT)))
    environment = {**os.environ, "PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "production"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)


def test_a_server_starts_without_the_package_and_logs_it(broken: Packages) -> None:
    done = start(broken.folder, "-c", SERVE)

    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("types, without openedx_user_groups.criteria: acme_broken = acme_broken\n")
    assert "the plugin EntryPoint(name='acme_broken'" in done.stderr
    assert "No module named 'shoes'" in done.stderr


def test_where_the_setting_says_so_it_does_not_start(broken: Packages) -> None:
    done = start(broken.folder, "-c", SERVE, fatal=True)

    assert done.returncode == 1
    assert done.stderr.endswith("No module named 'shoes'\n")


@pytest.mark.usefixtures("loaded")
def test_the_checks_of_the_platform_say_it() -> None:
    with pytest.raises(SystemCheckError, match=r"acme_broken cannot be loaded: .*No module named 'shoes'"):
        call_command("check")


@pytest.mark.django_db
@pytest.mark.usefixtures("loaded")
def test_groups_are_refreshed_by_the_command_all_the_same() -> None:
    course = a_course()
    ana = a_learner(course, "verified")
    group = a_group(scope_of_course(course), VERIFIED)

    # As the command line does, which runs the checks first; call_command() does not.
    command = load_command_class("openedx_user_groups", "refresh_user_groups")
    command.execute(**vars(command.create_parser("manage.py", "refresh_user_groups").parse_args(["--all"])))

    assert member_ids(group) == {ana.pk}


@pytest.mark.django_db
@pytest.mark.usefixtures("loaded")
def test_the_command_that_checks_groups_says_it() -> None:
    ended = run("check_user_groups")

    assert ended.code == 1
    assert "Cannot be loaded: openedx_user_groups.criteria: acme_broken = acme_broken" in ended.out
    assert "No module named 'shoes'" in ended.out
