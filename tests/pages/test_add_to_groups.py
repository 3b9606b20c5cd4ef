"""People are put into several groups by one file."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from openedx_user_groups import api
from tests.by_api import VERIFIED, a_group, member_ids, refreshed
from tests.factories import a_learner, scope_of_course


@pytest.fixture
def path(campus):
    return f"/user_groups/course/{campus.scope.key}/add/"


def upload(client, path, content, act="add"):
    return client.post(path, {"file": SimpleUploadedFile("p.csv", content), act: "1"}, follow=True)


def told(answer):
    return [each["outcome"].name for each in answer.context["rows"]]


def colours(campus, *names):
    pair = api.create_collection(campus.scope, name="Colours")
    return [a_group(campus.scope, name=name, collection=pair.uuid) for name in names]


def test_each_row_puts_one_person_into_one_group(campus, staff, path):
    red, blue = colours(campus, "Red", "Blue")
    ana, ben = (a_learner(campus.course, username=name) for name in ("ana", "ben"))
    a_group(scope_of_course(campus.sibling), name="Elsewhere")
    rows = b"email,Cohort\nana@example.com,RED\nben@example.com,Blue\nana@example.com,Blue\nx,Green\ny,Elsewhere\nz,\n"

    checked = upload(staff, path, rows, "check")
    assert member_ids(red) == set()
    done = upload(staff, path, rows)

    for answer in (checked, done):
        assert told(answer) == ["added", "added", "two_groups", "no_group", "no_group", "no_group"]
        assert "Line 2 puts them into RED already" in answer.content.decode()
    assert (member_ids(red), member_ids(blue)) == ({ana.pk}, {ben.pk})


def test_a_row_that_names_nobody_keeps_nobody_out(campus, staff, path):
    colours(campus, "Red")
    a_learner(campus.course, username="ana")

    answer = upload(staff, path, b"username,group\n,Red\nana,Red\n")

    assert told(answer) == ["nobody", "added"]


def test_somebody_may_be_in_groups_of_several_collections(campus, staff, path):
    (red,), helpers = colours(campus, "Red"), a_group(campus.scope, name="Helpers")
    ana = a_learner(campus.course, username="ana")

    answer = upload(staff, path, b"username,group\nana,Red\nana,Helpers\nana,Helpers\n")

    assert told(answer) == ["added", "added", "repeated"]
    assert member_ids(red) == member_ids(helpers) == {ana.pk}


def test_a_file_may_have_a_column_for_each_collection(campus, staff, path):
    red, blue = colours(campus, "Red", "Blue")
    projects = api.create_collection(campus.scope, name="Projects")
    bridge = a_group(campus.scope, name="Bridge", collection=projects.uuid)
    ana, ben = (a_learner(campus.course, username=name) for name in ("ana", "ben"))
    api.add_members(bridge.uuid, [ben.pk])

    rows = b"username,mode,COLOURS,Projects\nana,audit,Red,Bridge\nben,audit,Blue,Bridge\nana,audit,Bridge,Bridge\n"
    answer = upload(staff, path, rows)

    assert told(answer) == ["added", "added", "added", "already_in", "no_group", "repeated"]
    assert (member_ids(red), member_ids(blue)) == ({ana.pk}, {ben.pk})
    assert member_ids(bridge) == {ana.pk, ben.pk}


def test_an_empty_cell_takes_somebody_out_of_the_group_of_its_column(campus, staff, path):
    red, blue = colours(campus, "Red", "Blue")
    ana, ben, _cleo = (a_learner(campus.course, username=name) for name in ("ana", "ben", "cleo"))
    api.add_members(red.uuid, [ana.pk, ben.pk])
    helpers = a_group(campus.scope, name="Helpers")
    api.add_members(helpers.uuid, [ana.pk])
    rows = b"username,Colours\nana,\nben,Blue\ncleo,\nnobody,\n"

    checked = upload(staff, path, rows, "check")
    assert member_ids(red) == {ana.pk, ben.pk}
    done = upload(staff, path, rows)

    for answer in (checked, done):
        assert told(answer) == ["removed", "moved", "not_in", "unknown"]
        assert "Taken out of Red." in answer.content.decode()
        assert "none of Colours" in answer.content.decode()
    assert "1 person was added. 1 person was taken out." in done.content.decode()
    assert (member_ids(red), member_ids(blue), member_ids(helpers)) == (set(), {ben.pk}, {ana.pk})


def test_whom_a_rule_has_put_in_stays(campus, staff, path):
    pair = api.create_collection(campus.scope, name="Colours")
    red = a_group(campus.scope, VERIFIED, name="Red", collection=pair.uuid)
    ana = a_learner(campus.course, "verified", username="ana")
    refreshed(red)

    answer = upload(staff, path, b"username,Colours\nana,\n")

    assert told(answer) == ["already_in"]
    assert "They stay in Red" in answer.content.decode()
    assert member_ids(red) == {ana.pk}


def test_a_group_that_is_not_there_is_made(campus, staff, path):
    (red,) = colours(campus, "Red")
    ana, ben, cleo = (a_learner(campus.course, username=name) for name in ("ana", "ben", "cleo"))
    api.add_members(red.uuid, [ben.pk])
    rows = b"username,Colours\nana,Green\nben,GREEN\ncleo,Green\nnobody,Green\n"

    checked = upload(staff, path, rows, "check")
    assert [group.name for group in api.groups_in(campus.scope)] == ["Red"]
    done = upload(staff, path, rows)

    assert told(checked) == told(done) == ["added", "moved", "added", "unknown"]
    assert "The group Green will be made." in checked.content.decode()
    green = api.groups_in(campus.scope).get(name="Green")
    assert (green.collection.name, green.created_via, green.status) == ("Colours", "csv", "active")
    assert member_ids(api.get_group(green.uuid)) == {ana.pk, ben.pk, cleo.pk}


def test_a_check_that_is_put_into_effect_makes_it_too(campus, staff, path):
    colours(campus)
    ana = a_learner(campus.course, username="ana")
    page = upload(staff, path, b"username,Colours\nana,Green\n", "check").redirect_chain[-1][0]

    answers = [staff.post(page, follow=True) for _click in range(2)]

    assert [told(answer) for answer in answers] == [["added"]] * 2
    assert member_ids(api.get_group(api.groups_in(campus.scope).get(name="Green").uuid)) == {ana.pk}


@pytest.mark.parametrize("act", ["check", "add"])
def test_no_group_is_made_where_chance_decides_or_the_name_is_taken(campus, staff, path, act):
    api.create_collection(campus.scope, name="Draw", kind="random")
    a_group(campus.scope, name="Helpers")
    api.archive_group(a_group(campus.scope, name="Old").uuid)
    a_learner(campus.course, username="ana")
    colours(campus)

    answer = upload(staff, path, b"username,Draw,Colours\nana,Green,Helpers\nana,Green,Old\n", act)

    assert told(answer) == ["no_group"] * 4
    assert {group.name for group in api.groups_in(campus.scope)} == {"Helpers", "Old"}


def test_who_is_in_another_track_than_the_file_says_is_passed_over(campus, staff, path):
    (red,) = colours(campus, "Red")
    ana = a_learner(campus.course, "verified", username="ana")
    a_learner(campus.course, "audit", username="ben")

    answer = upload(staff, path, b"username,mode,Colours\nana,Verified,Red\nben,verified,Red\nzoe,audit,Red\n")

    assert told(answer) == ["added", "other_track", "unknown"]
    assert "They are enrolled as audit, and not as verified." in answer.content.decode()
    assert member_ids(red) == {ana.pk}


def test_of_two_cells_for_the_same_person_the_first_counts(campus, staff, path):
    red, _blue = colours(campus, "Red", "Blue")
    ana = a_learner(campus.course, username="ana")

    answer = upload(staff, path, b"username,Colours\nana,Red\nana,\nben,\nben,Blue\n")

    assert told(answer) == ["added", "two_groups", "unknown", "two_groups"]
    assert "Line 2 puts them into Red already" in answer.content.decode()
    assert "Line 4 takes them out of the groups of this column" in answer.content.decode()
    assert member_ids(red) == {ana.pk}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"ana,Red\n", "username or email, and group"),
        (b"username,Weather\nana,Red\n", "there is no collection &#x27;Weather&#x27;"),
        (b"username\nana\n", "username or email, and group"),
        (b"username,group\n", "It names 0 people"),
        (b"username,group,Cohort\nana,Red,Blue\n", "Line 1: the column group is there twice"),
        (b"username,Colours,COLOURS\nana,Red,Blue\n", "Line 1: the column Colours is there twice"),
        (b"PK\x03\x04", "save it as CSV"),
        (b"username,group\n" + b"x,Red\n" * 10_001, "It names 10001 people"),
    ],
)
def test_what_is_wrong_with_the_file_is_said_at_its_field(campus, staff, path, content, said):
    colours(campus, "Red", "Blue")
    answer = upload(staff, path, content)

    assert answer.status_code == 400
    assert said in answer.content.decode()


@pytest.mark.parametrize("who", ["learner", "staff_of_another_course"])
def test_nobody_else_may(visitor, path, who):
    client = visitor(who)

    assert [client.get(path).status_code, upload(client, path, b"username,group\n").status_code] == [404, 404]
