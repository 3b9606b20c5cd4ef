"""The steps of the README, done as they are written, with what the sandbox is seeded with."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from openedx_user_groups import api
from tests.browser.conftest import PATIENCE
from tests.sandbox.demo.groups import COURSE

README = Path(__file__).resolve().parents[2] / "README.rst"
STEPS = re.compile(r"From ``make run`` to a group by a rule:\n\n(.*?)\n\n\.\. image::", re.DOTALL)


@pytest.fixture
def steps(transactional_db) -> list[str]:
    call_command("demo", "--no-refresh", learners=200)
    text = STEPS.search(README.read_text(encoding="utf-8")).group(1)
    return [" ".join(step.split()) for step in re.split(r"^\d\. ", text, flags=re.MULTILINE)[1:]]


@pytest.fixture
def page(browser, live_server) -> Page:
    with browser.new_context(base_url=live_server.url) as window:
        window.set_default_timeout(PATIENCE)
        yield window.new_page()


def count(page: Page) -> int:
    return int(page.locator("[data-count-all]").inner_text().replace(",", ""))


def test_the_steps_lead_to_a_group_with_members(steps, page):
    log_in, choose, begin, save = steps

    name = re.search("``(instructor)``; the password is the same", log_in).group(1)
    page.goto("/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(name)
    page.get_by_role("button", name="Log in").click()

    for link in re.findall(r"\*([^*]+)\*", choose):
        page.get_by_role("link", name=link, exact=True).first.click()

    template, preview = re.findall(r"\*([^*]+)\*", begin)
    page.get_by_role("link", name=re.compile(f"^{template}")).click()
    expect(page.get_by_role("heading", name=preview)).to_be_visible()
    expect(page.locator("[data-count-all]")).to_have_text(re.compile("[1-9]"))
    before = count(page)
    old, new = re.search(r"Change the (\d+) days to (\d+)", begin).groups()
    days = page.get_by_role("spinbutton", name="Days")
    expect(days).to_have_value(old)
    days.fill(new)
    expect(page.locator("[data-count-all]")).not_to_have_text(f"{before:,}")
    assert 0 < count(page) < before
    expected = count(page)

    assert save == "Save it: you see who would join. Activate it, and the members are there."
    page.get_by_role("button", name=re.compile("^Save")).click()
    expect(page.get_by_role("heading", name="Who will be in it")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Activate")).click()
    page.get_by_role("link", name="Members", exact=True).click()

    group = api.groups_in(api.course_scope(COURSE.key)).get(name=template)
    assert api.count_members(group.uuid) == expected
    expect(page.locator("tbody tr")).to_have_count(min(expected, 25))
