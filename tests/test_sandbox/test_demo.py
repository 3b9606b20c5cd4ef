"""The demo, and the pages that show what it did."""

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.urls import reverse

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from tests.sandbox.demo.accounts import ACCOUNTS
from tests.sandbox.demo.courses import course
from tests.sandbox.demo.groups import demo_groups
from tests.sandbox.demo.showing import Row, define, refresh, table

pytestmark = pytest.mark.django_db

LEARNERS = 400


@pytest.fixture
def demo(capsys):
    """Run the demo and return what it printed."""
    call_command("demo", learners=LEARNERS)
    return capsys.readouterr().out


def test_the_demo_prints_every_group_and_each_has_members(demo):
    counts = {group.name: api.groups_in(group.scope).get(name=group.name).member_count for group in demo_groups()}

    assert all(name in demo for name in counts)
    assert all(counts.values())
    assert len(counts) == 8


@pytest.mark.usefixtures("demo")
def test_in_a_second_demo_nobody_joins_or_leaves(capsys):
    call_command("demo", learners=LEARNERS)
    assert "Defined 0 of 8 demo groups." in capsys.readouterr().out

    admin = User.objects.get(username="admin")
    rows = [refresh(define(group, admin), admin) for group in demo_groups()]
    assert [(row.joined, row.left) for row in rows] == [(0, 0)] * 8


def test_groups_can_be_defined_without_members(capsys):
    call_command("demo", "--no-refresh", learners=20)

    assert "Defined 8 of 8 demo groups." in capsys.readouterr().out
    assert not any(api.members(group.uuid).exists() for group in api.groups_in(api.course_scope(course(0).key)))


@pytest.mark.usefixtures("demo")
def test_verified_and_away_holds_verified_learners_who_have_not_logged_in_for_ten_days():
    group = api.groups_in(api.course_scope(course(0).key)).get(name="Verified and away")
    members = set(api.members(group.uuid).values_list("pk", flat=True))
    verified = CourseEnrollment.objects.filter(course_id=course(0).key, mode="verified", is_active=True)

    assert members <= set(verified.values_list("user_id", flat=True))


def test_behind_the_groups_lie_four_weeks_of_which_something_is_left_to_decide(demo):
    scope = api.course_scope(course(0).key)
    groups = {group.name: group for group in api.groups_data(api.groups_in(scope))}
    sizes = api.sizes_of(groups["Verified and away"].uuid, days=30)
    topics = api.places(
        api.collections_in(scope).get(name="Project topics").uuid, User.objects.get(username="learner").pk
    )

    assert sum(day.joined > 0 for day in sizes) > 5
    assert sum(day.left > 0 for day in sizes) > 3
    assert groups["Newly verified"].health == "held"
    assert "Newly verified waits for a decision on its page. " in demo
    assert groups["Passed, no certificate"].draft_revision == 2
    assert [place.name for place in topics if place.places_left == 0] == ["Climate data"]


def test_long_rules_take_several_lines_of_the_table():
    lines = table([Row("Group", "word " * 10, 10_000, 5, 4, 3, 0.5)]).splitlines()

    assert lines[0].split() == ["Group", "Rule", "Population", "Matched", "Joined", "Left", "Time"]
    assert lines[2].split() == ["Group", *["word"] * 8, "10,000", "5", "4", "3", "0.50", "s"]
    assert lines[3].split() == ["word", "word"]


def test_the_login_page_shows_the_accounts(client):
    page = client.get(reverse("login")).content.decode()

    assert all(f"<code>{account.username}</code>" in page for account in ACCOUNTS)


@pytest.mark.usefixtures("demo")
def test_logging_in_leads_to_the_groups(client):
    response = client.post(reverse("login"), {"username": "instructor", "password": "instructor"}, follow=True)

    assert response.redirect_chain == [(reverse("openedx_user_groups:pages:panel"), 302)]
    assert "Slow or away" in response.content.decode()
