"""groups/{uuid}/members/?format=csv: all members, streamed."""

import csv
import io
import tracemalloc

import pytest

from openedx_user_groups import api
from openedx_user_groups.models import Membership
from openedx_user_groups.web import export
from tests.by_api import a_group, many_learners
from tests.factories import a_learner, profile
from tests.rest_api.campus import address


@pytest.fixture
def group(campus):
    return a_group(campus.scope, name="Tutors")


def read(response):
    assert response.status_code == 200
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode(), newline="")))


def exported(client, group, **query):
    return read(client.get(address("members", group.uuid), {"format": "csv", **query}))


def test_it_has_a_row_for_each_member(campus, staff, group):
    ana = a_learner(campus.course, username="ana")
    profile(ana, name='Ana "the", Ant\nÄ 🐜')
    bo = a_learner(campus.course, username="bo", first_name="Bo", last_name="Bee")
    api.add_members(group.uuid, [ana.pk, bo.pk])
    joined = Membership.objects.get(user=ana).joined_at.isoformat()

    header, *rows = exported(staff, group)

    assert header == ["username", "email", "name", "origin", "joined_at"]
    assert rows[0] == ["ana", "ana@example.com", 'Ana "the", Ant\nÄ 🐜', "manual", joined]
    assert rows[1][:3] == ["bo", "bo@example.com", "Bo Bee"]


def test_it_is_a_file_that_nobody_keeps(staff, group):
    response = staff.get(address("members", group.uuid), HTTP_ACCEPT="text/csv")

    assert read(response) == [list(export.COLUMNS)]
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="group-{group.uuid}.csv"'
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("name", ["=1+2", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")', "\r=1"])
def test_no_cell_is_run_as_a_formula(campus, staff, group, name):
    user = a_learner(campus.course)
    profile(user, name=name)
    api.add_members(group.uuid, [user.pk])

    (_header, row) = exported(staff, group)

    assert row[2] == f"'{name}"


def test_it_takes_the_filters_of_the_list(campus, staff, group):
    for name in ("ana", "bo"):
        api.add_members(group.uuid, [a_learner(campus.course, username=name).pk])

    assert [row[0] for row in exported(staff, group, search="an")[1:]] == ["ana"]
    assert exported(staff, group, origin="rule")[1:] == []


@pytest.mark.parametrize("rows", [0, 1, 999, 1000, 1001, 2001])
def test_nobody_is_lost_or_doubled_between_chunks(campus, staff, group, rows):
    ids = many_learners(campus.course, rows)
    api.add_members(group.uuid, ids)

    assert sorted(row[0] for row in exported(staff, group)[1:]) == sorted(f"many_{pk}" for pk in ids)


def test_who_may_not_see_the_group_gets_an_error_in_json(campus, group):
    for who, status in {"anonymous": 401, "learner": 404}.items():
        response = campus.client(who).get(address("members", group.uuid), {"format": "csv"})
        assert response.status_code == status
        assert response["Content-Type"] == "application/json"
        assert response.json()["status"] == status


def test_other_formats_are_not_offered(staff, group):
    assert staff.get(address("members", group.uuid), {"format": "xml"}).status_code == 404
    assert staff.get(address("members", group.uuid), HTTP_ACCEPT="application/xml").status_code == 406
    assert staff.get(address("groups"), {"format": "csv"}).status_code == 404
    assert staff.get(address("groups"), {"format": "json"}).status_code == 200


@pytest.mark.slow
def test_25_000_rows_take_as_much_memory_as_5_000(campus, staff, group):
    api.add_members(group.uuid, many_learners(campus.course, 25_000))
    rows = Membership.objects.filter(group__uuid=group.uuid)
    # What is loaded once, such as compiled statements, is not meant.
    sum(len(text) for text in export.lines(rows.filter(user_id__lt=0)))

    def peak(members):
        tracemalloc.start()
        lines = sum(text.count("\n") for text in export.lines(members))
        _now, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return lines, highest

    last = rows.order_by("user_id").values_list("user_id", flat=True)[4_999]
    few, memory_of_few = peak(rows.filter(user_id__lte=last))
    many, memory_of_many = peak(rows)

    assert (few, many) == (5_001, 25_001)
    assert memory_of_many < memory_of_few * 1.5
