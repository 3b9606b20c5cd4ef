"""A real browser on the pages: Debian's Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.rest_api.campus import Campus

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
# In milliseconds; a slow machine may take as long.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
OTHERS = ("course_groups", "teams", "course_modes")
# Chromium would call its maker; and root has no sandbox.
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


Tables = dict[str, list[dict[str, Any]]]


def tables_of_others() -> Tables:
    """All rows of the platform's own ways to group people: cohorts, teams and tracks."""
    models = [model for label in OTHERS for model in apps.get_app_config(label).get_models()]
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in models}


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(os.path.dirname(__file__)):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser, one for all tests."""
    if CHROMIUM is None:
        pytest.fail("Install Chromium (Debian: chromium), or name its program: CHROMIUM=/path/to/chromium")
    # Playwright's loop runs in this thread, and so does Django, one after the other.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)


@pytest.fixture
def campus(transactional_db) -> Campus:
    return Campus()


@pytest.fixture
def open_as(browser, live_server, campus) -> Iterator[Callable[..., Page]]:
    """Opens an address as somebody, by what they are (see Campus) or as an account; errors of scripts fail the test."""
    problems: list[str] = []
    before: list[Tables] = []

    def open_page(who: str | User, path: str = "/user_groups/", **context: object) -> Page:
        client = Client()
        user = who if isinstance(who, User) else campus.person(who)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        window = browser.new_context(base_url=live_server.url, **context)
        windows.callback(window.close)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        window.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        window.set_default_timeout(PATIENCE)
        page = window.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        if not before:
            before.append(tables_of_others())
        page.goto(path)
        return page

    with ExitStack() as windows:
        yield open_page
    assert problems == []
    # Without a bridge nothing is done to what groups of the platform's own there are.
    assert not before or tables_of_others() == before[0]


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Fails when axe finds something on a page, in light or dark colours."""
    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}

    def check(page: Page) -> None:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found = Axe().run(page, options=rules)
            assert found.violations_count == 0, f"{page.url} ({scheme}): {found.generate_report()}"

    return check
