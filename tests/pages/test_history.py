"""The history of a group on its page: who joined and left, and its size over time."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.data import SizeData
from openedx_user_groups.models import UserGroup
from openedx_user_groups.pages.charts import HEIGHT, WIDTH, chart
from tests.by_api import VERIFIED, a_group, many_learners, refreshed
from tests.factories import a_learner

PART = {"HX-Request": "true"}


@pytest.fixture
def group(campus):
    """Ana joined and left by the rule, Ben was put in and is kept out, Cem is in it."""
    for name, mode in (("ana", "verified"), ("ben", "audit"), ("cem", "verified")):
        a_learner(campus.course, mode, username=name)
    group = a_group(campus.scope, VERIFIED)
    refreshed(group, acting_user=campus.person("staff"))
    api.add_members(group.uuid, ["ben"])
    CourseEnrollment.objects.filter(user__username="ana").update(mode="audit")
    refreshed(group)
    api.exclude(group.uuid, ["ben"], reason="An agreement", acting_user=campus.person("staff"))
    return group


@pytest.fixture
def history(staff, group):
    def shown(**query):
        answer = staff.get(reverse("openedx_user_groups:pages:history", args=[group.uuid]), query)
        assert answer.status_code == 200
        return answer.content.decode()

    return shown


def test_who_joined_and_left_is_told_with_what_or_who_did_it(history):
    page = history()

    assert page.count(">joined<") == 3
    assert page.count(">left<") == 2
    for told in ("somebody asked for it", "kept out by hand", "An agreement", "Added by hand"):
        assert told in page


@pytest.mark.parametrize(
    ("query", "joined", "left"),
    [({"search": "ANA"}, 1, 1), ({"kind": "left"}, 0, 2), ({"kind": "joined"}, 3, 0), ({"search": "no"}, 0, 0)],
)
def test_it_is_narrowed(history, query, joined, left):
    page = history(**query)

    assert (page.count(">joined<"), page.count(">left<")) == (joined, left)


@pytest.fixture
def old(group):
    """The group as one that was made some days ago."""
    UserGroup.objects.update(created=timezone.now() - timedelta(days=5))


def test_of_a_day_or_two_a_sentence_says_more_than_a_chart(history):
    page = history()

    assert "<polyline" not in page
    assert "It has 1 member now." in page
    assert "The same as a table" in page


@pytest.mark.usefixtures("old")
def test_the_size_is_a_chart_with_the_same_in_words_and_as_a_table(history):
    page = history()

    assert "<polyline" in page
    assert "1 now" in page
    assert "The same as a table" in page


def test_a_group_that_nobody_joined_has_a_history(campus, staff):
    group = a_group(campus.scope)

    page = staff.get(reverse("openedx_user_groups:pages:history", args=[group.uuid])).content.decode()

    assert "Nobody has joined or left yet" in page
    assert "The same as a table" not in page


def test_a_period_that_is_none_is_told(staff, group):
    answer = staff.get(reverse("openedx_user_groups:pages:history", args=[group.uuid]), {"days": "7000000"})

    assert answer.status_code == 400


def test_htmx_gets_the_list_alone(staff, group):
    part = staff.get(reverse("openedx_user_groups:pages:history", args=[group.uuid]), headers=PART).content.decode()

    assert "ana" in part
    assert "<polyline" not in part


def test_pages_and_queries_are_bounded(campus, history, group, django_assert_max_num_queries):
    many_learners(campus.course, 60)
    refreshed(group)

    with django_assert_max_num_queries(30):
        page = history(page=2)

    assert page.count(">joined<") + page.count(">left<") == 25


@pytest.mark.parametrize("who", ["staff_of_another_course", "learner"])
def test_who_may_not_see_the_group_sees_no_history(visitor, group, who):
    where = reverse("openedx_user_groups:pages:history", args=[group.uuid])

    assert visitor(who).get(where).status_code == 404


def sizes(*members):
    first = date(2026, 1, 1)
    return [SizeData(first + timedelta(days=place), number, 0, 0) for place, number in enumerate(members)]


def test_the_line_steps_from_day_to_day():
    drawn = chart(sizes(1, 1, 0))

    assert drawn.top == 2
    assert drawn.line == "0.0,90.0 240.0,90.0 240.0,90.0 480.0,90.0 480.0,180.0 720.0,180.0"
    assert drawn.area.startswith(f"0,{HEIGHT} ")
    assert drawn.area.endswith(f" {WIDTH},{HEIGHT}")


@pytest.mark.parametrize(("most", "top"), [(0, 1), (1, 2), (9, 10), (10, 15), (28_785, 30_000), (99, 100)])
def test_the_line_stays_below_the_edge(most, top):
    assert chart(sizes(0, most)).top == top
