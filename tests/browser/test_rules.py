"""The builder of rules in a browser."""

import os
import re
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import Page, expect

from openedx_user_groups import api
from openedx_user_groups.models import UserGroup
from tests.by_api import VERIFIED, a_group, refreshed
from tests.factories import a_block, a_learner, grade

# What is wider than the window.
WIDER = """() => [...document.querySelectorAll("main *, header *")]
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
    .map((element) => element.outerHTML.slice(0, 90))"""
SHOTS = os.environ.get("SHOTS")


def shot(page: Page, name: str) -> None:
    """A picture to look at, where a folder for them is named."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"rules-{name}.png", full_page=True)


def new_rule(campus):
    return reverse("openedx_user_groups:pages:new_rule", args=[campus.scope])


def rule_of(group):
    return reverse("openedx_user_groups:pages:rule", args=[group.uuid])


@pytest.fixture
def people(campus):
    found = [a_learner(campus.course, "verified", username=f"vera{number:02}") for number in range(12)]
    grade(found[0], campus.course, 55)
    grade(found[1], campus.course, 90)
    return [*found, a_learner(campus.course, "audit", username="auditor")]


def add(page: Page, title: str, block=None) -> None:
    """Add a criterion, found by what it is called."""
    (block or page.locator(".branch").first).get_by_role("button", name="Add a criterion").last.click()
    dialog = page.get_by_role("dialog", name="Add a criterion")
    dialog.get_by_label("Search criteria").fill(title)
    dialog.get_by_role("button", name=re.compile(f"^{title}")).first.click()


def leaf(page: Page, title: str):
    return page.get_by_role("group", name=title, exact=True)


def choose(field, value: str) -> None:
    field.get_by_role("textbox").fill(value)
    field.get_by_role("textbox").press("Enter")


def count(page: Page):
    return page.locator("[data-count-all]")


def test_a_group_is_made_from_a_template_and_activated(campus, people, open_as, accessible):
    page = open_as("staff", reverse("openedx_user_groups:pages:scope", args=[campus.scope]))
    page.get_by_role("link", name="New group with a rule").click()
    expect(page.get_by_text("Add a criterion, and you see here whom the rule holds.")).to_be_visible()
    accessible(page)
    shot(page, "empty")

    page.get_by_role("link", name="Almost passing").click()
    sentence = "Course grade is between 40% and 60% and has not passed the course"
    expect(page.locator("[data-sentence]")).to_have_text(sentence)
    expect(count(page)).to_have_text("1")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Almost passing")
    accessible(page)
    shot(page, "template")

    page.get_by_role("button", name="Save and see who will be in it").click()
    expect(page.get_by_role("heading", name="Who will be in it")).to_be_visible()
    expect(page.get_by_text("vera00")).to_be_visible()
    accessible(page)
    shot(page, "draft-new")
    page.get_by_role("button", name="Activate the group").click()

    expect(page.get_by_text("The rule is in force:")).to_be_visible()
    assert UserGroup.objects.get(name="Almost passing").status == "active"


def test_a_criterion_is_found_by_what_it_is_called_and_by_what_people_call_it(campus, open_as):
    page = open_as("staff", new_rule(campus))
    page.get_by_role("button", name="Add a criterion").click()
    dialog = page.get_by_role("dialog", name="Add a criterion")
    for typed, first in (
        ("coun", ["Country"]),
        ("inactive", ["Active in the course", "Last logged in"]),
        ("dropout", ["Active in the course", "Last logged in", "Course progress"]),
        ("grade", ["Course grade", "Grade of an assignment"]),
        ("passed", ["Course passed"]),
        ("location", ["Country", "Field of the account"]),
        ("enroll track", ["Enrollment track"]),
        ("zzz", []),
    ):
        dialog.get_by_label("Search criteria").fill(typed)
        shown = dialog.locator("li:visible strong").all_text_contents()
        assert shown[: len(first) or 1] == first, typed

    dialog.get_by_label("Search criteria").fill("")
    assert dialog.locator("h3:visible").first.text_content() == "Enrollment"


def test_blocks_are_found_by_name_and_a_share_begins_with_a_seed_of_its_own(campus, people, open_as, accessible):
    week = a_block(campus.course, "chapter", "w1", display_name="Week 1")
    quiz = a_block(campus.course, "sequential", "q1", week, display_name="Quiz", graded=True)
    page = open_as("staff", new_rule(campus))

    add(page, "Grade of an assignment")
    block = leaf(page, "Grade of an assignment").get_by_label("Block")
    block.fill("quiz")
    option = page.locator("datalist option")
    expect(option).to_have_attribute("value", str(quiz))
    block.fill(option.get_attribute("value"))

    expect(page.locator(".chosen-title")).to_have_text("Week 1 / Quiz")
    expect(page.locator("[data-sentence]")).to_have_text("The grade of “Week 1 / Quiz” is below 50%")
    add(page, "Random share")
    add(page, "Random share")
    first, second = (leaf(page, "Random share").nth(n).get_by_label("Seed").input_value() for n in range(2))
    assert re.fullmatch("[a-z]{8}", first)
    assert first != second
    expect(leaf(page, "Random share").first).to_contain_text("The same text always draws the same people")
    expect(page.locator("[data-sentence]")).to_contain_text(f"the seed “{second}” draws")
    accessible(page)


def test_a_nested_rule_is_built_undone_and_saved(campus, people, open_as, accessible):
    page = open_as("staff", new_rule(campus))
    page.get_by_label("Name", exact=True).fill("Nested")

    add(page, "Enrollment track")
    choose(leaf(page, "Enrollment track"), "verified")
    expect(count(page)).to_have_text("12")
    page.get_by_role("button", name="Add a block").first.click()
    block = page.locator(".branch .branch")
    add(page, "Course grade", block)
    leaf(page, "Course grade").get_by_label("Percent").fill("80")
    expect(page.locator("[data-sentence]")).to_have_text(
        "Enrollment track is verified and course grade is at least 80%"
    )
    add(page, "Field of the account", block)
    leaf(page, "Field of the account").get_by_label("Text").fill("vera05")
    leaf(page, "Field of the account").get_by_label("What is asked").select_option("is")
    leaf(page, "Field of the account").get_by_label("Field").select_option("username")
    expect(count(page)).to_have_text("2")
    expect(leaf(page, "Course grade")).to_contain_text("True of 1 of 13 · no data about 11")
    accessible(page)
    shot(page, "nested")

    leaf(page, "Course grade").get_by_role("button", name="Duplicate").click()
    expect(leaf(page, "Course grade")).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(leaf(page, "Course grade")).to_have_count(1)
    page.get_by_role("button", name="Redo").click()
    expect(leaf(page, "Course grade")).to_have_count(2)
    leaf(page, "Course grade").last.get_by_role("button", name="Remove").click()
    block.get_by_label("How these are combined").select_option("none")
    expect(count(page)).to_have_text("10")

    page.get_by_role("button", name="Save and see who will be in it").click()
    expect(page.get_by_role("heading", name="Who will be in it")).to_be_visible()
    rule = api.get_group(UserGroup.objects.get(name="Nested").uuid).rule
    assert [next(iter(node)) for node in rule["all"]] == ["criterion", "none"]
    assert rule["all"][1]["none"][0]["config"] == {"percent": 80}


def test_an_edit_shows_the_difference_before_it_applies(campus, people, open_as, accessible):
    group = a_group(campus.scope, VERIFIED, name="Track")
    refreshed(group)
    page = open_as("staff", rule_of(group))
    expect(count(page)).to_have_text("12")
    accessible(page)

    leaf(page, "Enrollment track").get_by_role("button", name="Remove verified").click()
    choose(leaf(page, "Enrollment track"), "audit")
    expect(count(page)).to_have_text("1")
    page.get_by_role("button", name="Save and see who will join and leave").click()

    expect(page.get_by_role("heading", name="1 joins")).to_be_visible()
    expect(page.get_by_role("heading", name="12 leave")).to_be_visible()
    expect(page.locator("[data-side=joining]")).to_contain_text("auditor")
    expect(page.locator("[data-side=leaving]")).to_contain_text("vera00")
    accessible(page)
    shot(page, "difference")
    assert api.get_group(group.uuid).rule == VERIFIED

    page.get_by_role("link", name="All 12").click()
    expect(page.get_by_text("vera11")).to_be_visible()
    accessible(page)
    page.go_back()
    page.get_by_role("button", name="Put the rule in force").click()
    expect(page.get_by_text("The rule is in force:")).to_be_visible()
    assert api.get_group(group.uuid).rule["all"][0]["config"] == {"modes": ["audit"]}


def test_a_rule_is_built_with_the_keyboard_alone(campus, people, open_as):
    page = open_as("staff", new_rule(campus))
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type("By keys")
    page.get_by_role("button", name="Add a criterion").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Search criteria")).to_be_focused()
    page.keyboard.type("course grade")
    page.keyboard.press("Enter")
    # The first field of the new criterion has the focus.
    expect(leaf(page, "Course grade").get_by_label("Percent")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("50")
    page.get_by_role("button", name="Add a criterion").focus()
    page.keyboard.press("Space")
    page.keyboard.type("last logged")
    page.keyboard.press("Enter")
    expect(page.locator(".leaf").nth(1)).to_contain_text("Last logged in")

    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator(".leaf").nth(0)).to_contain_text("Last logged in")
    expect(page.locator("[data-told]")).to_have_text("Moved: Last logged in")
    page.keyboard.press("Control+z")
    expect(page.locator(".leaf").nth(1)).to_contain_text("Last logged in")
    expect(count(page)).to_have_text("2")
    page.get_by_role("button", name="Save and see who will be in it").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Who will be in it")).to_be_visible()
    assert api.get_group(UserGroup.objects.get(name="By keys").uuid).rule["all"][0]["config"] == {"percent": 50}


def test_what_is_wrong_is_told_at_its_node(campus, people, open_as, accessible):
    page = open_as("staff", new_rule(campus))
    add(page, "Course grade")
    percent = leaf(page, "Course grade").get_by_label("Percent")

    percent.fill("120")

    expect(leaf(page, "Course grade").locator("[data-problem]")).to_have_text("It must be 100 or less.")
    expect(percent).to_have_attribute("aria-invalid", "true")
    accessible(page)
    shot(page, "wrong")
    percent.fill("60")
    expect(leaf(page, "Course grade").locator("[data-problem]")).to_be_hidden()
    expect(count(page)).to_have_text("1")


def test_what_is_not_filled_in_yet_is_left_out_and_told_when_it_was_left(campus, people, open_as, accessible):
    page = open_as("staff", new_rule(campus))
    add(page, "Enrollment track")
    choose(leaf(page, "Enrollment track"), "verified")
    expect(count(page)).to_have_text("12")

    add(page, "Country")
    country = leaf(page, "Country")
    unfinished = page.locator("[data-preview]").get_by_role("listitem").filter(has_text="It is not filled in yet.")
    expect(unfinished).to_have_text("Country: It is not filled in yet.")
    expect(count(page)).to_have_text("12")
    expect(leaf(page, "Enrollment track")).to_contain_text("True of 12 of 13")
    expect(country.locator("[data-problem]")).to_be_hidden()
    accessible(page)
    shot(page, "unfinished")

    # The message does not push the button away from under the pointer.
    add(page, "Last logged in")
    expect(country.locator("[data-problem]")).to_have_text("It is not filled in yet.")
    leaf(page, "Last logged in").get_by_role("button", name="Remove").click()
    unfinished.get_by_role("link", name="Country").click()
    expect(country.get_by_role("textbox")).to_be_focused()
    choose(country, "DE")
    expect(count(page)).to_have_text("0")
    expect(country.locator("[data-problem]")).to_be_hidden()
    expect(page.get_by_text("Not counted yet")).to_be_hidden()


def test_what_was_refused_is_told_at_its_criterion(campus, people, open_as):
    page = open_as("staff", new_rule(campus))
    page.get_by_label("Name", exact=True).fill("Abroad")
    add(page, "Country")
    page.get_by_role("button", name="Save and see who will be in it").click()

    expect(page.get_by_label("Name", exact=True)).to_have_value("Abroad")
    expect(leaf(page, "Country").locator("[data-problem]")).to_have_text("It is not filled in yet.")
    assert not UserGroup.objects.exists()


def test_an_odd_rule_is_pointed_out(campus, people, open_as, accessible):
    page = open_as("staff", new_rule(campus))
    page.get_by_label("How these are combined").select_option("any")
    for mode in ("verified", "audit"):
        add(page, "Enrollment track")
        own = leaf(page, "Enrollment track").last
        own.get_by_label("What is asked").select_option("not_in")
        choose(own, mode)

    expect(page.get_by_text("You may mean “none of these”")).to_be_visible()
    expect(page.get_by_text("It is true of everybody here now")).to_be_visible()
    accessible(page)
    shot(page, "odd")


def test_people_of_a_preview_are_turned_over(campus, people, open_as):
    page = open_as("staff", new_rule(campus))
    add(page, "Enrollment track")
    choose(leaf(page, "Enrollment track"), "verified")

    expect(page.get_by_role("cell", name="vera00").or_(page.get_by_role("rowheader", name="vera00"))).to_be_visible()
    page.get_by_role("button", name="More people").click()
    expect(page.get_by_role("rowheader", name="vera11")).to_be_visible()
    page.get_by_role("button", name="Previous people").click()
    expect(page.get_by_role("rowheader", name="vera00")).to_be_visible()


def test_a_session_that_ends_keeps_what_was_built(campus, people, open_as, accessible):
    page = open_as("staff", new_rule(campus))
    page.get_by_label("Name", exact=True).fill("Unsaved")
    add(page, "Course grade")
    expect(page.locator("[data-sentence]")).to_be_visible()
    Session.objects.all().delete()

    leaf(page, "Course grade").get_by_label("Percent").fill("33")
    expect(page.get_by_text("You are no longer logged in.")).to_be_visible()
    accessible(page)
    shot(page, "logged-out")
    page.get_by_role("link", name="Log in and go on").click()
    expect(page).to_have_url(re.compile("/login/"))

    again = open_again(page, campus)
    expect(again.get_by_text("You were in the middle of something here")).to_be_visible()
    accessible(again)
    shot(again, "kept")
    again.get_by_role("button", name="Take it up again").click()
    expect(again.get_by_label("Name", exact=True)).to_have_value("Unsaved")
    expect(leaf(again, "Course grade").get_by_label("Percent")).to_have_value("33")
    again.get_by_role("button", name="Save and see who will be in it").click()
    expect(again.get_by_role("heading", name="Who will be in it")).to_be_visible()
    again.goto(new_rule(campus))
    expect(again.get_by_text("Add a criterion, and you see here")).to_be_visible()
    expect(again.get_by_text("You were in the middle of something here")).to_be_hidden()


def test_who_comes_back_from_logging_in_goes_on_at_once(campus, people, open_as, accessible):
    page = open_as("staff", new_rule(campus))
    page.get_by_label("Name", exact=True).fill("Unsaved")
    page.get_by_text("Description and tags").click()
    page.get_by_label("Tags").fill("spring")
    add(page, "Course grade")
    leaf(page, "Course grade").get_by_label("Percent").fill("60")
    expect(count(page)).to_have_text("1")
    Session.objects.all().delete()
    page.get_by_role("button", name="Save and see who will be in it").click()
    expect(page).to_have_url(re.compile("/login/.*resumed"))

    again = open_again(page, campus, "#resumed")
    expect(again.get_by_text("What you had typed before you logged in again is back")).to_be_visible()
    expect(again.get_by_text("You were in the middle of something here")).to_be_hidden()
    expect(again.get_by_label("Name", exact=True)).to_have_value("Unsaved")
    expect(again.get_by_label("Tags")).to_be_visible()
    expect(again.get_by_label("Tags")).to_have_value("spring")
    expect(leaf(again, "Course grade").get_by_label("Percent")).to_have_value("60")
    expect(count(again)).to_have_text("1")
    accessible(again)
    again.get_by_role("button", name="Save and see who will be in it").click()
    expect(again.get_by_role("heading", name="Who will be in it")).to_be_visible()


def test_the_rule_and_its_preview_are_in_sight_when_a_template_is_chosen(campus, people, open_as):
    a_group(campus.scope, name="Almost passing")
    page = open_as("staff", new_rule(campus), viewport={"width": 1280, "height": 900})
    page.get_by_role("link", name="Almost passing").click()

    expect(page.get_by_label("Name", exact=True)).to_have_value("Almost passing 2")
    expect(page.get_by_label("Name", exact=True)).to_be_in_viewport()
    expect(leaf(page, "Course passed")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("rowheader", name="vera00")).to_be_in_viewport()
    expect(page.locator(".parts")).to_be_hidden()
    page.get_by_text("Each criterion by itself").click()
    leaf(page, "Course grade").get_by_label("Percent, to").fill("95")
    expect(count(page)).to_have_text("2")
    # What was unfolded stays so.
    expect(page.locator(".parts")).to_be_visible()


def test_while_it_is_counted_the_page_says_so_and_can_be_read(campus, people, open_as, accessible):
    page = open_as("staff", f"{new_rule(campus)}?template=at_risk")
    expect(count(page)).to_be_visible()
    page.route("**/preview/", lambda route: None)
    leaf(page, "Course grade").get_by_label("Percent").fill("10")

    expect(page.get_by_text("Counting …")).to_be_visible()
    accessible(page)


def test_a_group_by_hand_is_given_a_rule_when_somebody_asks_for_it(campus, people, open_as, accessible):
    page = open_as("staff", rule_of(a_group(campus.scope, name="By hand")))
    save = page.get_by_role("button", name="Save and see who will join and leave")
    expect(save).to_be_hidden()
    accessible(page)

    page.get_by_text("Give it a rule").click()
    expect(save).to_be_disabled()
    add(page, "Enrollment track")
    choose(leaf(page, "Enrollment track"), "verified")
    save.click()

    expect(page.get_by_role("heading", name="12 join")).to_be_visible()


def open_again(page: Page, campus, part: str = "") -> Page:
    """Log in anew, in the same browser."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(campus.person("staff"), backend="django.contrib.auth.backends.ModelBackend")
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    url = page.url.split("/login")[0]
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}])
    page.goto(f"{url}{new_rule(campus)}{part}")
    return page


def test_without_scripts_the_rule_is_text(campus, people, open_as, accessible):
    page = open_as("staff", new_rule(campus), java_script_enabled=False)

    page.get_by_label("Name", exact=True).fill("Typed")
    page.get_by_label("The rule as JSON").fill(
        '{"all": [{"criterion": "course_grade", "operator": ">", "config": {"percent": 60}}]}'
    )
    page.get_by_role("button", name="Try it out").click()
    assert page.locator("[data-count-all]").inner_text() == "1"
    shot(page, "plain")
    page.get_by_role("button", name="Save and see who will be in it").click()
    assert page.get_by_text("vera01").is_visible()
    assert UserGroup.objects.get(name="Typed").status == "draft"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_narrow_screen(campus, people, open_as, scheme):
    page = open_as(
        "staff", f"{new_rule(campus)}?template=at_risk", viewport={"width": 360, "height": 740}, color_scheme=scheme
    )
    expect(page.locator("[data-sentence]")).to_be_visible()

    shot(page, f"narrow-{scheme}")
    assert page.evaluate(WIDER) == []
    page.get_by_role("button", name="Add a criterion").last.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate(WIDER) == []
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"rules-picker-{scheme}.png")
