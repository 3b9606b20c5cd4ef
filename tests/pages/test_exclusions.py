"""Who is kept out of a group, on its page."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.models import Exclusion
from tests.by_api import VERIFIED, a_group, member_ids, refreshed
from tests.factories import a_learner, a_user


def address(name, *args):
    return reverse(f"openedx_user_groups:pages:{name}", args=args)


def text(answer):
    return answer.content.decode()


@pytest.fixture
def group(campus):
    for name in ("ana", "ben"):
        a_learner(campus.course, "verified", username=name)
    group = a_group(campus.scope, VERIFIED)
    refreshed(group)
    return group


@pytest.fixture
def keep_out(staff, group):
    def post(**body):
        return staff.post(address("exclusions", group.uuid), body, follow=True)

    return post


def kept_out(group):
    return {row.user.username: row for row in api.exclusions_of(group.uuid)}


def test_people_are_kept_out_with_a_reason_until_the_end_of_a_day(group, keep_out):
    day = timezone.localdate() + timedelta(days=7)

    page = text(keep_out(people="ana; ben@example.com", reason="An agreement", until=day.isoformat()))

    assert "2 people are kept out now" in page
    assert "An agreement" in page
    found = kept_out(group)["ana"]
    assert (found.author.username, found.expires_at.date()) == ("staff", day + timedelta(days=1))
    assert member_ids(group) == set()


def test_without_a_day_it_has_no_end(group, keep_out):
    keep_out(people="ana")

    assert kept_out(group)["ana"].expires_at is None


def test_whom_nobody_was_found_for_stay_in_the_form(campus, group, keep_out):
    a_user(username="far_away")

    answer = keep_out(people="ana nobody far_away", reason="Why not")

    assert answer.status_code == 200
    assert set(kept_out(group)) == {"ana"}
    page = text(answer)
    assert "nobody\nfar_away</textarea>" in page
    assert 'value="Why not"' in page
    assert page.count("Nobody enrolled here has this user name") == 2


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"people": " ,; "}, "Name who is to be kept out"),
        ({"people": "ana", "until": "2020-01-01"}, "It has passed"),
        ({"people": "ana", "until": "2026-02-31"}, "It is not a date"),
        ({"people": "ana", "until": "9999-12-31"}, "It has passed"),
        ({"people": "ana", "until": "soon"}, "It is not a date"),
        ({"people": "ana", "reason": "x" * 1001}, "1000 characters at most"),
        ({"people": "x " * 5}, "Nobody enrolled here has this user name"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_is_lost(group, keep_out, body, said):
    answer = keep_out(**body)

    assert answer.status_code == 400
    assert said in text(answer)
    assert kept_out(group) == {}


def test_more_than_a_thousand_at_once_are_refused(group, keep_out):
    assert "At most 1000 people" in text(keep_out(people=" ".join(f"u{n}" for n in range(1001))))


def test_they_are_let_in_again_once(campus, staff, group):
    api.exclude(group.uuid, ["ana"])
    person = kept_out(group)["ana"].user_id

    for _click in range(2):
        answer = staff.post(address("lift", group.uuid), {"person": person})

    assert answer.status_code == 302
    assert kept_out(group) == {}


@pytest.mark.parametrize("person", ["", "x", "9" * 30])
def test_nobody_in_particular_is_let_in(staff, group, person):
    assert staff.post(address("lift", group.uuid), {"person": person}).status_code == 302


def test_they_are_found_by_name(staff, group):
    api.exclude(group.uuid, ["ana", "ben"])

    page = text(staff.get(address("exclusions", group.uuid), {"search": "AN"}))

    assert "person=ana" in page
    assert "person=ben" not in page


def test_of_who_has_left_the_course_the_address_is_not_told(staff, visitor, group):
    api.exclude(group.uuid, ["ana"])
    CourseEnrollment.objects.filter(user__username="ana").update(is_active=False)

    assert "ana@example.com" not in text(staff.get(address("exclusions", group.uuid)))
    assert "person=ana" not in text(staff.get(address("exclusions", group.uuid), {"search": "ana@"}))
    assert "ana@example.com" in text(visitor("global_staff").get(address("exclusions", group.uuid)))


def test_what_people_typed_is_text(group, keep_out):
    assert "<script>alert" not in text(keep_out(people="ana", reason="<script>alert(1)</script>"))


def test_pages_and_queries_are_bounded(campus, staff, group, django_assert_max_num_queries):
    people = [a_learner(campus.course).pk for _number in range(60)]
    api.exclude(group.uuid, people)

    with django_assert_max_num_queries(30):
        page = text(staff.get(address("exclusions", group.uuid)))

    assert page.count('name="person"') == 25


@pytest.mark.parametrize("who", ["staff_of_another_course", "learner"])
def test_who_may_not_see_the_group_changes_nothing(visitor, group, who):
    client = visitor(who)

    assert client.get(address("exclusions", group.uuid)).status_code == 404
    assert client.post(address("exclusions", group.uuid), {"people": "ana"}).status_code == 404
    assert client.post(address("lift", group.uuid), {"person": "1"}).status_code == 404
    assert not Exclusion.objects.exists()
