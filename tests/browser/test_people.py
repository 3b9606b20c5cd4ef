"""Groups are made by hand in a browser, and people put into them."""

import re

from playwright.sync_api import expect

from openedx_user_groups import api
from openedx_user_groups.models import UserGroup
from tests.by_api import a_group, many_learners, member_ids
from tests.factories import a_learner


def address(group, page="add"):
    return f"/user_groups/groups/{group.uuid}/{page}/"


def test_a_group_is_made_and_people_are_pasted_into_it(campus, open_as, accessible):
    ana, ben = (a_learner(campus.course, username=name) for name in ("ana", "ben"))
    page = open_as("staff", f"/user_groups/course/{campus.scope.key}/")

    page.get_by_role("link", name="New group by hand").click()
    accessible(page)
    page.get_by_label("Name").fill("Helpers")
    page.get_by_role("button", name="Make the group").click()
    page.get_by_label("User names or e-mail addresses").fill("ana; ben@example.com\nnobody new@example.com")
    accessible(page)
    page.get_by_role("button", name="Check first").first.click()

    expect(page.get_by_text("Nothing has changed yet")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("nobody"))).to_contain_text("not found")
    accessible(page)
    page.get_by_role("button", name="Add them now").click()

    expect(page.get_by_text("2 people were added.")).to_be_visible()
    accessible(page)
    group = api.get_group(UserGroup.objects.get(name="Helpers").uuid)
    assert member_ids(group) == {ana.pk, ben.pk}
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert "nobody" in download.value.path().read_text(encoding="utf-8-sig")

    page.goto(address(group, "waiting"))
    accessible(page)
    page.get_by_label("new@example.com").check()
    page.get_by_role("button", name="Let the chosen ones wait no longer").click()
    expect(page.get_by_text("1 address waits no longer.")).to_be_visible()


def test_those_who_are_picked_stay_picked_while_one_looks_for_others(campus, open_as, accessible):
    group = a_group(campus.scope)
    ana, ben = (a_learner(campus.course, username=name) for name in ("ana", "ben"))
    page = open_as("staff", address(group))
    search = page.get_by_label("Search by name, user name or e-mail address")

    search.press_sequentially("an")
    expect(page.get_by_role("checkbox")).to_have_count(1)
    page.get_by_label("ana").check()
    search.fill("be")
    page.get_by_role("checkbox", name="ben").check()
    expect(page.get_by_role("checkbox")).to_have_count(1)
    expect(page.get_by_label("User names or e-mail addresses")).to_have_value("ana\nben\n")
    search.fill("an")
    expect(page.get_by_role("checkbox", name="ana")).to_be_checked()
    page.get_by_role("button", name="Add", exact=True).first.click()

    expect(page.get_by_text("2 people were added.")).to_be_visible()
    assert member_ids(group) == {ana.pk, ben.pk}


def test_without_javascript_people_are_searched_ticked_and_added(campus, open_as):
    group = a_group(campus.scope)
    ana = a_learner(campus.course, username="ana")
    a_learner(campus.course, username="ben")
    page = open_as("staff", address(group), java_script_enabled=False)

    page.get_by_label("Search by name, user name or e-mail address").fill("an")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("checkbox")).to_have_count(1)
    page.get_by_role("checkbox", name="ana").check()
    page.get_by_role("button", name="Add", exact=True).first.click()

    expect(page.get_by_text("1 person was added.")).to_be_visible()
    assert member_ids(group) == {ana.pk}


def test_a_file_with_errors_says_where_and_the_next_one_is_added(campus, open_as, accessible):
    group = a_group(campus.scope)
    ana = a_learner(campus.course, username="ana")
    page = open_as("staff", address(group))
    file, add = page.get_by_label("CSV or text file"), page.get_by_role("button", name="Add", exact=True).last

    file.set_input_files({"name": "p.csv", "mimeType": "text/csv", "buffer": b"x" * (1024 * 1024 + 1)})
    expect(page.get_by_text("The file is too large")).to_be_visible()
    expect(add).to_be_disabled()
    file.set_input_files({"name": "p.csv", "mimeType": "text/csv", "buffer": b"name,grade\nana,1\n"})
    add.click()
    expect(page.get_by_text("Line 1: it names no column username, email or id")).to_be_visible()
    accessible(page)
    file.set_input_files(
        {"name": "p.csv", "mimeType": "text/csv", "buffer": "Name;E-Mail\nÄ;ana@example.com".encode("cp1252")}
    )
    add.click()

    expect(page.get_by_text("1 person was added.")).to_be_visible()
    assert member_ids(group) == {ana.pk}


def test_one_file_puts_people_into_several_groups(campus, open_as, accessible):
    red, blue = a_group(campus.scope, name="Red"), a_group(campus.scope, name="Blue")
    ana, ben = (a_learner(campus.course, username=name) for name in ("ana", "ben"))
    page = open_as("staff", f"/user_groups/course/{campus.scope.key}/add/")
    accessible(page)

    content = b"username;group\nana;Red\nben;Blue\nana;Green\n"
    page.get_by_label("CSV file").set_input_files({"name": "p.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Check first").click()
    expect(page.get_by_role("row", name=re.compile("Green"))).to_contain_text("no such group")
    accessible(page)
    page.get_by_role("button", name="Add them now").click()

    expect(page.get_by_text("2 people were added.")).to_be_visible()
    assert (member_ids(red), member_ids(blue)) == ({ana.pk}, {ben.pk})


def test_a_long_list_shows_how_far_it_is(campus, open_as, accessible):
    ids = many_learners(campus.course, 700)
    group = a_group(campus.scope)
    page = open_as("staff", address(group))

    content = b"username\n" + b"".join(b"many_%d\n" % pk for pk in ids)
    page.get_by_label("CSV or text file").set_input_files({"name": "p.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Add", exact=True).last.click()

    expect(page.get_by_text("700 people were added.")).to_be_visible()
    expect(page.get_by_text("Page 1 of 14")).to_be_visible()
    accessible(page)
    assert member_ids(group) == set(ids)


def test_who_looks_for_people_keeps_what_they_have_written(campus, open_as):
    group = a_group(campus.scope)
    a_learner(campus.course, username="ana")
    page = open_as("staff", address(group))
    page.get_by_label("User names or e-mail addresses").fill("ben\ncy\n")

    page.get_by_label("Search by name, user name or e-mail address").fill("an")
    page.get_by_label("Search by name, user name or e-mail address").press("Enter")
    page.get_by_role("checkbox", name="ana").check()

    expect(page.get_by_label("User names or e-mail addresses")).to_have_value("ben\ncy\nana\n")


def test_two_people_edit_the_same_group(campus, open_as, accessible):
    group = a_group(campus.scope, name="Red")
    page = open_as("staff", address(group, "settings"))
    accessible(page)
    api.update_group(group.uuid, revision=group.revision, name="Green")

    page.get_by_label("Name").fill("Blue")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Somebody else has saved this group")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Blue")
    accessible(page)
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", name="Blue")).to_be_visible()
    assert api.get_group(group.uuid).name == "Blue"


def test_a_group_is_deleted_after_a_second_look(campus, open_as, accessible):
    group = a_group(campus.scope, name="Red")
    api.add_members(group.uuid, [a_learner(campus.course).pk])
    page = open_as("staff", address(group, "settings"))

    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_text("It has 1 member.")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Delete: Red").click()

    expect(page.get_by_text("The group is deleted.")).to_be_visible()
    assert not api.groups_in(campus.scope).exists()
