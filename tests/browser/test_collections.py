"""Collections in a browser: their order by keyboard and by drag, overlaps, weights, and learners who choose."""

import pytest
from playwright.sync_api import expect

from openedx_user_groups import api
from tests.by_api import VERIFIED, a_group, in_mode, many_learners, member_ids, refreshed
from tests.factories import a_learner


@pytest.fixture
def collection(campus):
    return api.create_collection(campus.scope, name="Tracks")


@pytest.fixture
def three(campus, collection):
    """Three groups that want the same people; the first of them gets them."""
    rules = {"Paying": VERIFIED, "Everybody": in_mode("verified", "audit"), "Listeners": in_mode("audit")}
    return {name: a_group(campus.scope, rule, name, collection=collection.uuid) for name, rule in rules.items()}


def address(collection):
    return f"/user_groups/collections/{collection.uuid}/"


def order_on(page):
    return page.locator(".column h2").all_inner_texts()


def order_of(collection):
    return [api.get_group(uuid).name for uuid in api.get_collection(collection.uuid).group_uuids]


def test_the_order_is_changed_by_keyboard_and_decides_who_gets_whom(campus, open_as, accessible, collection, three):
    learner = a_learner(campus.course, "verified", username="ana").pk
    refreshed(three["Paying"])
    assert learner in member_ids(three["Paying"])
    page = open_as("staff", address(collection))
    accessible(page)
    later = page.get_by_role("button", name="Later Paying")

    later.focus()
    page.keyboard.press("Enter")

    # Nothing is saved yet, the keyboard stays where it was, and what has happened is said.
    expect(later).to_be_focused()
    expect(page.locator("#moved")).to_contain_text("Paying is number 2 of 3 now.")
    assert order_on(page) == ["Everybody", "Paying", "Listeners"]
    assert order_of(collection) == ["Paying", "Everybody", "Listeners"]
    accessible(page)
    page.keyboard.press("Enter")
    expect(later).to_have_attribute("aria-disabled", "true")
    page.get_by_role("button", name="Save the order").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_text("The groups are in their new order.")).to_be_visible()
    assert order_of(collection) == ["Everybody", "Listeners", "Paying"]
    refreshed(three["Everybody"])
    assert (learner in member_ids(three["Paying"]), learner in member_ids(three["Everybody"])) == (False, True)


def test_the_order_is_changed_by_dragging(open_as, collection, three):
    page = open_as("staff", address(collection))
    columns = page.locator(".column")

    columns.nth(2).locator(".handle").drag_to(columns.nth(0))

    assert order_on(page) == ["Listeners", "Paying", "Everybody"]
    page.get_by_role("button", name="Save the order").click()
    expect(page.get_by_text("The groups are in their new order.")).to_be_visible()
    assert order_of(collection) == ["Listeners", "Paying", "Everybody"]


def test_a_name_is_read_out_as_it_is(campus, open_as, collection):
    for name in ("$& $'", "Other"):
        a_group(campus.scope, name=name, collection=collection.uuid)
    page = open_as("staff", address(collection))

    page.get_by_role("button", name="Later $&").click()

    expect(page.locator("#moved")).to_contain_text("$& $' is number 2 of 2 now.")


def test_what_was_dragged_by_accident_is_put_back(open_as, collection, three):
    page = open_as("staff", address(collection))
    columns = page.locator(".column")
    columns.nth(0).locator(".handle").drag_to(columns.nth(2))
    assert order_on(page) != list(three)

    page.get_by_role("button", name="Put it back").click()

    assert order_on(page) == list(three)
    expect(page.get_by_role("button", name="Save the order")).to_be_hidden()


def test_an_order_that_somebody_else_has_changed_is_not_lost(open_as, accessible, collection, three):
    page = open_as("staff", address(collection))
    groups = [group.uuid for group in three.values()]
    api.order_collection(collection.uuid, groups[::-1])

    page.get_by_role("button", name="Later Paying").click()
    page.get_by_role("button", name="Save the order").click()

    expect(page.get_by_role("alert")).to_contain_text("You wanted: Everybody, Paying, Listeners")
    assert order_on(page) == ["Listeners", "Everybody", "Paying"]
    accessible(page)


def test_without_a_script_groups_are_moved_by_one_place(open_as, collection, three):
    page = open_as("staff", address(collection), java_script_enabled=False)

    page.get_by_role("button", name="Earlier Listeners").click()

    expect(page.get_by_text("The groups are in their new order.")).to_be_visible()
    assert order_of(collection) == ["Paying", "Listeners", "Everybody"]


def test_a_collection_is_made_and_filled(campus, open_as, accessible):
    page = open_as("staff", f"/user_groups/course/{campus.scope.key}/")
    expect(page.get_by_text("There are no collections yet.")).to_be_visible()
    page.get_by_role("link", name="New collection").click()
    accessible(page)
    page.get_by_label("Name", exact=True).fill("Tables")
    page.get_by_label("The learners").check()
    page.get_by_role("button", name="Make the collection").click()
    accessible(page)

    expect(page.get_by_role("heading", name="Make the first group")).to_be_visible()
    for name, places in (("Window", "4"), ("Door", "6")):
        if name != "Window":
            page.get_by_text("New group in this collection").click()
        page.get_by_label("Name of the group").fill(name)
        page.get_by_label("Places (optional)").fill(places)
        page.get_by_role("button", name="Make the group").dblclick()
        expect(page.get_by_text(f"The group “{name}” has been made")).to_be_visible()

    (made,) = api.collections_in(campus.scope)
    assert order_of(made) == ["Window", "Door"]


def test_what_is_made_of_choices_is_asked_about_only_then(campus, open_as, accessible):
    page = open_as("staff", f"/user_groups/course/{campus.scope.key}/collections/new/")
    criterion = page.get_by_label("Criterion")
    expect(criterion).to_be_hidden()

    page.get_by_label("A group for each choice").check()

    expect(criterion).to_be_visible()
    accessible(page)
    page.get_by_label("Name", exact=True).fill("Bands")
    criterion.select_option("course_grade")
    page.get_by_label("Ranges").fill("0 - 50\n50 - 100")
    page.get_by_role("button", name="Make the collection").click()
    expect(page.locator(".column")).to_have_count(2)


def test_the_overlap_is_shown_before_a_group_is_moved(campus, open_as, accessible, collection, three):
    for name in ("ana", "bo"):
        a_learner(campus.course, "verified", username=name)
    refreshed(three["Paying"])
    helpers = a_group(campus.scope, name="Helpers")
    api.add_members(helpers.uuid, ["ana"])
    page = open_as("staff", address(collection))
    page.get_by_role("link", name="Move a group here").click()
    accessible(page)
    expect(page.locator(".movable li")).to_contain_text("1 member")
    page.get_by_role("link", name="Helpers").click()

    row = page.get_by_role("row", name="ana")
    expect(row).to_contain_text("Paying")
    expect(row).to_contain_text("Helpers")
    accessible(page)
    page.get_by_role("button", name="Move it here").click()
    expect(page.get_by_text("“Helpers” is the last of the groups now")).to_be_visible()
    assert order_of(collection)[-1] == "Helpers"


def test_a_group_is_taken_out_after_a_question(campus, open_as, accessible, collection, three):
    page = open_as("staff", address(collection))

    page.get_by_role("link", name="Take out Paying").click()
    accessible(page)
    page.get_by_role("button", name="Take it out").click()

    expect(page.get_by_text("“Paying” is a group by itself now")).to_be_visible()
    assert order_of(collection) == ["Everybody", "Listeners"]


def test_weights_share_people_out(campus, open_as, accessible):
    chance = api.create_collection(campus.scope, name="A and B", kind="random")
    two = [a_group(campus.scope, name=name, collection=chance.uuid) for name in "AB"]
    many_learners(campus.course, 20)
    page = open_as("staff", address(chance))
    page.get_by_label("Weight A").fill("0")
    page.get_by_role("button", name="Save the weights").click()
    expect(page.get_by_text("nobody had to move")).to_be_visible()
    page.get_by_role("button", name="Draw newcomers now").click()
    expect(page.get_by_text("20 people have been put into groups.")).to_be_visible()
    accessible(page)

    page.get_by_label("Weight A").fill("3")
    page.get_by_role("button", name="Save the weights").click()

    expect(page.get_by_text("15 people have moved to another group")).to_be_visible()
    assert [len(member_ids(group)) for group in two] == [15, 5]
    expect(page.locator(".column").first).to_contain_text("75 %")


def test_everybody_else_is_found_by_name(campus, open_as, accessible, collection, three):
    many_learners(campus.course, 30, mode="honor")
    a_learner(campus.course, "honor", username="zoe")
    page = open_as("staff", address(collection))
    page.get_by_role("link", name="See them all").click()
    accessible(page)

    page.get_by_label("Search people").press_sequentially("zo")

    expect(page.get_by_role("row", name="zoe")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(2)


def test_a_collection_is_dissolved_after_a_question(campus, open_as, accessible, collection, three):
    page = open_as("staff", address(collection))
    page.get_by_role("link", name="Dissolve the collection").click()
    accessible(page)

    page.get_by_role("button", name="Dissolve it").dblclick()

    # Each group is moved in transactions of its own.
    expect(page.get_by_text("“Tracks” is dissolved")).to_be_visible()
    assert not api.collections_in(campus.scope).exists()


@pytest.fixture
def excursions(campus):
    return api.create_collection(campus.scope, name="Excursions", kind="self")


@pytest.fixture
def museum(campus, excursions):
    return a_group(campus.scope, name="Museum", collection=excursions.uuid, size_limit=1)


@pytest.fixture
def harbour(campus, excursions):
    return a_group(campus.scope, name="Harbour", collection=excursions.uuid, size_limit=5)


def test_of_two_who_want_the_last_place_one_is_told_what_is_left(
    campus, open_as, accessible, excursions, museum, harbour
):
    ana, bo = (a_learner(campus.course, username=name) for name in ("ana", "bo"))
    pages = [open_as(who, f"/user_groups/choose/{excursions.uuid}/") for who in (ana, bo)]
    for page in pages:
        # Both see that there is a place.
        expect(page.get_by_role("button", name="Join Museum")).to_be_visible()
    first, second = pages

    first.get_by_role("button", name="Join Museum").click()
    second.get_by_role("button", name="Join Museum").click()

    expect(first.get_by_text("You are in “Museum” now.")).to_be_visible()
    expect(second.get_by_role("alert")).to_contain_text("“Museum” is full; choose another group.")
    expect(second.get_by_role("button", name="Join Museum")).to_have_count(0)
    accessible(second)
    second.get_by_role("button", name="Join Harbour").click()
    expect(second.get_by_text("You are in “Harbour” now.")).to_be_visible()
    assert (member_ids(museum), member_ids(harbour)) == ({ana.pk}, {bo.pk})


@pytest.mark.parametrize("with_script", [True, False])
def test_a_learner_joins_switches_and_leaves(campus, open_as, accessible, excursions, museum, harbour, with_script):
    me = campus.person("learner").pk
    page = open_as("learner", "/user_groups/choose/", java_script_enabled=with_script)
    if with_script:
        accessible(page)
    page.get_by_role("link", name="Excursions").click()
    if with_script:
        accessible(page)

    page.get_by_role("button", name="Join Museum").click()
    expect(page.get_by_text("You are in “Museum” now.")).to_be_visible()
    if with_script:
        accessible(page)
    page.get_by_role("button", name="Switch to Harbour").click()
    expect(page.get_by_text("You are in “Harbour” now.")).to_be_visible()
    assert (member_ids(museum), member_ids(harbour)) == (set(), {me})
    page.get_by_role("button", name="Leave Harbour").click()
    expect(page.get_by_text("You have left “Harbour”.")).to_be_visible()
    assert member_ids(harbour) == set()


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_it_fits_on_a_phone(campus, open_as, collection, three, excursions, museum, direction):
    phone = {"viewport": {"width": 360, "height": 780}}
    pages = [
        open_as("staff", address(collection), **phone),
        open_as("staff", f"/user_groups/course/{campus.scope.key}/collections/new/", **phone),
        open_as("staff", f"{address(collection)}move/", **phone),
        open_as("learner", f"/user_groups/choose/{excursions.uuid}/", **phone),
    ]

    for page in pages:
        page.evaluate("direction => { document.documentElement.dir = direction }", direction)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, page.url
