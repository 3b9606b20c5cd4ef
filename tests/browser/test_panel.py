"""The panel, the pages of scopes and the tab in a browser."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from tests.by_api import VERIFIED, a_group
from tests.factories import a_course

PANEL = "/user_groups/"


def page_of(scope, name="scope"):
    return reverse(f"openedx_user_groups:pages:{name}", args=[scope])


def overflows(page):
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def test_groups_are_found_while_one_types(campus, open_as, accessible):
    a_group(campus.scope, VERIFIED, name="Verified")
    a_group(campus.scope, name="Helpers")
    page = open_as("staff")
    accessible(page)

    page.get_by_label("Search groups").press_sequentially("help")

    expect(page.get_by_role("link", name="Helpers")).to_be_visible()
    expect(page.get_by_role("link", name="Verified")).to_have_count(0)
    expect(page).to_have_url("/user_groups/?search=help")
    expect(page.get_by_role("status").filter(has_text="1 group found")).to_be_visible()


def test_a_group_is_opened_from_its_course(campus, open_as, accessible):
    a_group(campus.scope, name="Helpers", description="They answer questions.")
    page = open_as("staff")

    page.get_by_role("link", name=campus.course.display_name or campus.scope.key).first.click()
    accessible(page)
    page.get_by_role("link", name="Helpers").click()

    expect(page.get_by_text("They answer questions.")).to_be_visible()
    accessible(page)


def test_filters_and_order_go_together_and_stay_in_the_address(campus, open_as):
    a_group(campus.scope, VERIFIED, name="Verified")
    a_group(campus.scope, name="Helpers")
    a_group(campus.scope, name="Artists")
    page = open_as("staff")

    page.get_by_role("link", name="Group", exact=True).click()
    expect(page).to_have_url("/user_groups/?ordering=-name")
    page.get_by_label("Members come in").select_option("By hand")
    expect(page).to_have_url(re.compile(r"is_dynamic=false"))

    expect(page).to_have_url(re.compile(r"ordering=-name"))
    expect(page.get_by_role("rowheader")).to_have_text(["Helpers", "Artists"])
    page.reload()
    expect(page.get_by_role("rowheader")).to_have_text(["Helpers", "Artists"])
    expect(page.get_by_label("Members come in")).to_have_value("false")


def test_going_back_shows_the_list_of_before(campus, open_as):
    for name in ("Red", "Blue"):
        a_group(campus.scope, name=name)
    page = open_as("staff")
    page.get_by_label("Search groups").fill("red")
    expect(page.get_by_role("rowheader")).to_have_text(["Red"])

    page.go_back()

    expect(page.get_by_role("rowheader")).to_have_text(["Blue", "Red"])
    expect(page.get_by_label("Search groups")).to_have_value("")


def test_the_keyboard_keeps_its_place_when_a_list_is_sorted(campus, open_as):
    a_group(campus.scope, name="Red")
    page = open_as("staff")
    heading = page.get_by_role("link", name="Members")

    heading.focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("columnheader", name="Members")).to_have_attribute("aria-sort", "descending")
    expect(heading).to_be_focused()


def test_the_keyboard_reaches_the_content_at_once(campus, open_as):
    page = open_as("staff")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("main")).to_be_focused()


def test_one_goes_to_another_course_by_a_part_of_its_name(campus, open_as, accessible):
    baking = a_course("course-v1:Acme+B1+2026")
    baking.display_name = "Baking bread"
    baking.save()
    page = open_as("staff_of_the_organization", page_of(campus.scope))

    page.get_by_text("Switch to another course").click()
    expect(page.get_by_role("link", name="Baking bread")).to_be_visible()
    accessible(page)
    page.get_by_label("Name or key").press_sequentially("bread")
    expect(page.get_by_role("link", name="Acme", exact=True)).to_have_count(0)
    page.get_by_role("link", name="Baking bread").click()

    expect(page.get_by_role("heading", name="Baking bread")).to_be_visible()
    expect(page.get_by_text("There are no groups here yet.")).to_be_visible()
    accessible(page)


@pytest.mark.parametrize("path", [PANEL, "/user_groups/scopes/"])
@pytest.mark.parametrize("who", ["staff", "learner"])
def test_pages_are_accessible_with_something_and_without(campus, open_as, accessible, who, path):
    page = open_as(who, path)

    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    accessible(page)


@pytest.mark.parametrize("language", ["en", "he", "ar"])
@pytest.mark.parametrize("name", ["panel", "scope", "instructor_tab"])
def test_pages_fit_narrow_screens_in_both_directions(campus, open_as, accessible, language, name):
    a_group(
        campus.scope,
        VERIFIED,
        name="A group with a name of many words, and Donaudampfschifffahrtsgesellschaft",
        tags=["a"],
    )
    path = PANEL if name == "panel" else page_of(campus.scope, name)

    page = open_as("staff", path, locale=language, viewport={"width": 360, "height": 800})

    expect(page.locator("html")).to_have_attribute("dir", "ltr" if language == "en" else "rtl")
    assert not overflows(page)
    accessible(page)


def test_the_tab_is_one_of_the_dashboard(campus, open_as, accessible):
    a_group(campus.scope, name="Helpers")
    page = open_as("staff", f"/courses/{campus.course.id}/instructor")

    page.get_by_role("link", name="Groups", exact=True).click()
    expect(page.get_by_role("link", name="Helpers")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Back to the instructor dashboard").click()

    expect(page).to_have_url(f"/courses/{campus.course.id}/instructor")


def test_what_is_not_there_is_told_in_words(campus, open_as, accessible):
    page = open_as("learner", page_of(campus.scope))

    expect(page.get_by_role("heading", name="This page is not here for you")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Go to your groups").click()

    expect(page).to_have_url(PANEL)


def log_in(page):
    page.fill("#id_username", "staff")
    page.fill("#id_password", "staff")
    page.get_by_role("button", name="Log in").click()


def test_what_was_typed_outlives_a_session_that_ends_meanwhile(campus, open_as):
    who = campus.person("staff")
    who.set_password("staff")
    who.save()
    path = page_of(campus.scope, "new")
    page = open_as("staff", path)
    page.get_by_label("Name").fill("Helpers of the second year")
    Session.objects.all().delete()

    page.locator("main form").get_by_role("button").first.click()
    log_in(page)

    expect(page.get_by_text("What you had typed before you logged in again is back")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Helpers of the second year")
    expect(page).to_have_url(path)


def test_what_was_typed_into_a_folded_form_is_unfolded(campus, open_as):
    who = campus.person("staff")
    who.set_password("staff")
    who.save()
    group = a_group(campus.scope, name="Helpers")
    page = open_as("staff", reverse("openedx_user_groups:pages:exclusions", args=[group.uuid]))
    page.get_by_text("Keep somebody out").click()
    page.get_by_label("Who", exact=True).fill("vera")
    Session.objects.all().delete()

    page.get_by_role("button", name="Keep them out").click()
    log_in(page)

    expect(page.get_by_text("What you had typed before you logged in again is back")).to_be_visible()
    expect(page.get_by_label("Who", exact=True)).to_be_visible()
    expect(page.get_by_label("Who", exact=True)).to_have_value("vera")


def test_who_opens_a_form_anew_finds_it_empty(campus, open_as):
    page = open_as("staff", page_of(campus.scope, "new"))
    page.get_by_label("Name").fill("Helpers")

    page.goto(page_of(campus.scope, "new"))

    expect(page.get_by_label("Name")).to_have_value("")


def test_the_browser_keeps_no_people(campus, open_as):
    a_group(campus.scope, name="Red")
    page = open_as("staff")
    page.get_by_label("Search groups").fill("red")
    expect(page).to_have_url("/user_groups/?search=red")

    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")

    assert "Red" not in kept
    assert "no-store" in page.request.get(PANEL).headers["cache-control"]
