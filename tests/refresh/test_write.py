"""Writing memberships: many rows a statement, and never a second one for a user in a collection."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from openedx_user_groups.models import Membership, Origin, PastMembership
from openedx_user_groups.refresh import write
from openedx_user_groups.refresh.write import Place, Row
from tests.by_api import a_group, row_of, statements, writes
from tests.factories import scope_of_instance

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 1, 12, 30, 15, 123_456, tzinfo=UTC)


@pytest.fixture
def group():
    return row_of(a_group(scope_of_instance()))


def seats(group, *users):
    return {Place(group.pk, group.collection_id): list(users)}


def test_rows_are_written_with_all_they_have(group):
    written = write.insert(seats(group, 7, 8), Origin.MANUAL, AT, AT + timedelta(days=1))

    assert written == {group.pk: [7, 8]}
    columns = ("user_id", "group_id", "collection_id", "origin", "joined_at", "expires_at")
    assert list(Membership.objects.order_by("user_id").values_list(*columns)) == [
        (user, group.pk, group.collection_id, "manual", AT, AT + timedelta(days=1)) for user in (7, 8)
    ]


def test_without_an_end_it_is_null(group):
    write.insert(seats(group, 7), Origin.RULE, AT)

    assert Membership.objects.get().expires_at is None


def test_a_second_row_of_a_user_in_a_collection_is_not_written_and_not_counted(group):
    write.insert(seats(group, 7), Origin.MANUAL, AT)

    written = write.insert(seats(group, 6, 7, 8), Origin.RULE, AT + timedelta(seconds=1))

    assert written == {group.pk: [6, 8]}
    assert list(Membership.objects.order_by("user_id").values_list("user_id", "origin")) == [
        (6, "rule"),
        (7, "manual"),
        (8, "rule"),
    ]


def test_who_has_a_row_is_not_counted_even_when_it_is_of_the_same_instant(group):
    write.insert(seats(group, 7), Origin.RULE, AT)

    assert not write.insert(seats(group, 7), Origin.RULE, AT + timedelta(microseconds=1))


def test_nothing_to_write_sends_nothing(group, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert not write.insert({}, Origin.RULE, AT)
        assert write.rows_of([group.collection_id], []) == []
        write.end([], AT)


def test_five_thousand_rows_are_one_statement(group):
    with statements() as sent:
        written = write.insert(seats(group, *range(1, 5_001)), Origin.RULE, timezone.now())

    assert written == {group.pk: list(range(1, 5_001))}
    assert len(writes(sent, "membership")) <= 1
    assert len(sent) == 1


def test_the_stored_rows_of_users_are_read(group):
    other = row_of(a_group(scope_of_instance()))
    for each in (group, other):
        write.insert(seats(each, 7, 8), Origin.RULE, AT)

    rows = write.rows_of([group.collection_id], [8, 9])

    assert rows == [Row(rows[0].id, 8, group.pk, group.collection_id, "rule", AT)]


def test_rows_that_end_become_history(group):
    write.insert(seats(group, 7, 8), Origin.RULE, AT)
    (row,) = write.rows_of([group.collection_id], [7])

    write.end([row], AT + timedelta(days=3), {group.pk: 11})

    columns = ("user_id", "group_id", "origin", "joined_at", "left_at", "run_id")
    assert list(PastMembership.objects.values_list(*columns)) == [(7, group.pk, "rule", AT, AT + timedelta(days=3), 11)]
    assert Membership.objects.get().user_id == 8


def test_what_ends_by_hand_has_no_run(group):
    write.insert(seats(group, 7), Origin.MANUAL, AT)

    write.end(write.rows_of([group.collection_id], [7]), AT)

    assert PastMembership.objects.get().run_id is None


def test_thousands_of_rows_end(group):
    users = range(1, 5_001)
    write.insert(seats(group, *users), Origin.RULE, AT)

    write.end(write.rows_of([group.collection_id], users), AT)

    assert PastMembership.objects.count() == 5_000
    assert not Membership.objects.exists()
