"""The command that puts the people of a file into a group."""

from uuid import uuid4

import pytest

from openedx_user_groups import api
from tests.by_api import VERIFIED, a_group, member_ids
from tests.factories import a_learner, a_user, scope_of_course
from tests.management.running import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(course):
    return a_group(scope_of_course(course))


@pytest.fixture
def file(tmp_path):
    return tmp_path / "people.txt"


def test_when_everybody_is_in_the_code_is_0(course, group, file):
    ana, ben = a_learner(course, username="ana"), a_learner(course, username="ben")
    file.write_text("ana\nben@example.com\n")

    ended = run("import_user_group", "--group", group.uuid, file, "--format", "json")

    assert ended.code == 0
    assert ended.json["summary"] == {"added": 2}
    assert [(one["person"], one["outcome"], one["user_id"]) for one in ended.json["people"]] == [
        ("ana", "added", ana.pk),
        ("ben@example.com", "added", ben.pk),
    ]
    assert member_ids(group) == {ana.pk, ben.pk}


def test_a_second_import_finds_everybody_in(course, group, file):
    a_learner(course, username="ana")
    file.write_text("ana\n")
    run("import_user_group", "--group", group.uuid, file)

    again = run("import_user_group", "--group", group.uuid, file, "--format", "json")

    assert again.code == 0
    assert again.json["summary"] == {"already_in": 1}


def test_when_some_are_not_in_the_code_is_1_and_the_others_are(course, group, file):
    ana = a_learner(course, username="ana")
    a_user(username="elsewhere")
    file.write_text("ana\nelsewhere\nnobody\n")

    ended = run("import_user_group", "--group", group.uuid, file, "--format", "json")

    assert ended.code == 1
    assert ended.json["summary"] == {"added": 1, "not_in_population": 1, "unknown": 1}
    assert member_ids(group) == {ana.pk}


def test_text_has_a_line_for_everybody_and_a_summary(course, group, file):
    a_learner(course, username="ana")
    file.write_text("ana\nnobody\n")

    ended = run("import_user_group", "--group", group.uuid, file)

    assert [line.split()[:2] for line in ended.out.splitlines()[1:3]] == [["ana", "added"], ["nobody", "unknown"]]
    assert ended.out.splitlines()[-1] == "1 added, 1 unknown"


def test_control_characters_of_a_file_do_not_reach_the_terminal(group, file):
    file.write_text("\x1b[2Jghost\n")

    assert "\x1b" not in run("import_user_group", "--group", group.uuid, file).out


def test_a_minus_reads_standard_input(course, group):
    a_learner(course, username="ana")

    assert run("import_user_group", "--group", group.uuid, "-", stdin=b"ana").code == 0


def test_an_empty_file_names_nobody(group, file):
    file.write_text("\n\n")

    ended = run("import_user_group", "--group", group.uuid, file)

    assert ended.code == 0
    assert "The file names nobody." in ended.out


def test_a_file_that_cannot_be_used_is_code_2_and_adds_nobody(course, group, file, tmp_path):
    a_learner(course, username="ana")
    file.write_bytes(b"ana\n\0\n")

    assert run("import_user_group", "--group", group.uuid, file).code == 2
    assert "Line 2" in run("import_user_group", "--group", group.uuid, file).err
    assert run("import_user_group", "--group", group.uuid, tmp_path / "missing").code == 2
    assert run("import_user_group", "--group", group.uuid, tmp_path).code == 2
    assert not member_ids(group)


@pytest.mark.parametrize("group", [uuid4(), "no-uuid", ""])
def test_an_unknown_group_is_code_2(group, file):
    file.write_text("ana\n")

    assert run("import_user_group", "--group", group, file).code == 2


def test_a_group_whose_members_cannot_be_changed_is_code_2(course, file):
    group = a_group(scope_of_course(course), VERIFIED)
    api.archive_group(group.uuid)
    a_learner(course, username="ana")
    file.write_text("ana\n")

    ended = run("import_user_group", "--group", group.uuid, file)

    assert ended.code == 2
    assert "archived" in ended.err
