"""groups/{uuid}/imports/: a file of people."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from openedx_user_groups import api
from tests.by_api import a_group, member_ids
from tests.factories import a_learner
from tests.rest_api.campus import address


@pytest.fixture
def group(campus):
    return a_group(campus.scope)


def upload(client, group, content, name="people.csv", **more):
    body = {"file": SimpleUploadedFile(name, content), **more}
    return client.post(address("imports", group.uuid), body, format="multipart")


def test_every_row_has_an_outcome_and_the_summary_counts_them(campus, staff, group):
    ana = a_learner(campus.course, username="ana")
    bo = a_learner(campus.course, username="bo")
    api.exclude(group.uuid, ["bo"])

    response = upload(staff, group, b"email,remark\nana@example.com,=1+1\nbo@example.com,\nx@example.com,\n")

    assert response.status_code == 200
    assert response.json()["summary"] == {"added": 1, "excluded": 1, "unknown": 1}
    assert [(row["person"], row["outcome"], row["username"]) for row in response.json()["outcomes"]] == [
        ("ana@example.com", "added", "ana"),
        ("bo@example.com", "excluded", "bo"),
        ("x@example.com", "unknown", None),
    ]
    assert member_ids(group) == {ana.pk} != {bo.pk}


def test_a_file_may_name_people_by_id(campus, staff, group):
    ana = a_learner(campus.course, username="ana")

    response = upload(staff, group, f"id\n{ana.pk}\n".encode(), "PEOPLE.TXT")

    assert response.json()["outcomes"] == [{"person": str(ana.pk), "outcome": "added", "detail": "", "username": "ana"}]


def test_a_row_that_names_nobody_keeps_nobody_out(campus, staff, group):
    ana = a_learner(campus.course, username="ana")

    response = upload(staff, group, f"id,remark\nseven,1\n,2\n{ana.pk},3\n".encode())

    assert [(row["person"], row["outcome"], row["detail"]) for row in response.json()["outcomes"]] == [
        ("seven", "nobody", "It is not an id: these are whole numbers."),
        ("", "nobody", "It has nothing in the column id."),
        (str(ana.pk), "added", ""),
    ]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "people.csv"),
        (b"ana\n", "people.xlsx"),
        (b"ana\n", "people.csv.exe"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "people.csv"),
        (b"ana\0\n", "people.txt"),
        (b"PK\x03\x04", "people.csv"),
        ("ana\n".encode("utf-16-le"), "people.csv"),
        (b'"ana\n', "people.csv"),
        (b"name,grade\nana,1\n", "people.csv"),
        (b"x\n" * 10_001, "people.txt"),
        (b"x\r" * 10_001, "people.txt"),
    ],
)
def test_a_file_that_is_none_of_people_is_refused_as_a_whole(staff, group, content, name):
    response = upload(staff, group, content, name)

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {"/file"}


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_file_may_be_in_another_encoding(campus, staff, group, encoding):
    a_learner(campus.course, username="ana")

    response = upload(staff, group, "name,username\nÄnne,ana\n".encode(encoding))

    assert response.json()["summary"] == {"added": 1}


@override_settings(OPENEDX_USER_GROUPS_MAX_UPLOAD_BYTES=1_000)
@pytest.mark.parametrize("size", [1_001, 100_000])
def test_a_file_that_is_too_large_is_refused(staff, group, size):
    response = upload(staff, group, b"x" * size)

    assert response.status_code == 413
    assert "1000" in response.json()["detail"]


@override_settings(OPENEDX_USER_GROUPS_MAX_UPLOAD_BYTES=1_000)
def test_a_file_of_just_the_size_allowed_is_read(staff, group):
    assert upload(staff, group, (b"x" * 9 + b"\n") * 100).status_code == 200


def test_10_000_rows_are_read(staff, group):
    rows = b"".join(b"user%d\n" % number for number in range(10_000))

    assert upload(staff, group, b"username\n" + rows).json()["summary"] == {"unknown": 10_000}


def test_a_file_is_sent_as_a_form(staff, group):
    path = address("imports", group.uuid)

    assert staff.post(path, {"file": "ana"}, format="json").status_code == 415
    assert staff.post(path, "ana", content_type="text/csv").status_code == 415
    assert staff.post(path, b"nonsense", content_type="multipart/form-data").status_code == 400
    assert staff.post(path, b"nonsense", content_type="multipart/form-data; boundary=x").status_code == 400


def test_the_form_has_a_file_and_nothing_else(staff, group):
    for body, pointer in (({}, "/file"), ({"file": "text"}, "/file")):
        response = staff.post(address("imports", group.uuid), body, format="multipart")
        assert response.status_code == 400
        assert set(response.json()["errors"]) == {pointer}

    assert set(upload(staff, group, b"ana", nonsense="1").json()["errors"]) == {"/nonsense"}


def test_of_two_files_none_is_passed_over(campus, staff, group):
    a_learner(campus.course, username="ana")
    files = [SimpleUploadedFile(f"{name}.txt", name.encode()) for name in ("ana", "nobody")]

    response = staff.post(address("imports", group.uuid), {"file": files}, format="multipart")

    assert response.status_code == 400
    assert response.json()["errors"] == {"/file": ["It is given more than once."]}
    assert member_ids(group) == set()


def test_where_no_parameter_is_known_the_answer_says_so(staff, group):
    response = staff.post(f"{address('imports', group.uuid)}?dry_run=1", {}, format="multipart")

    assert response.json()["errors"] == {"dry_run": ["It is not known here. Known are: none."]}


def test_a_form_of_very_many_parts_is_refused(staff, group):
    response = upload(staff, group, b"ana", **{f"field{number}": "x" for number in range(2_000)})

    assert response.status_code in (400, 413)
    assert response.json()["status"] == response.status_code
