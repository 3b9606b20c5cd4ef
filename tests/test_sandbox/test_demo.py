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


@pytest.fixture
def visit(client, demo):
    """Return a function that opens a page as one of the accounts."""

    def open_page(username, address):
        client.force_login(User.objects.get(username=username))
        return client.get(address)

    return open_page


def group_address(scope, name):
    return reverse("sandbox:group", args=[api.groups_in(scope).get(name=name).uuid])


def test_the_demo_prints_every_group_and_each_has_members(demo):
    counts = {group.name: api.groups_in(group.scope).get(name=group.name).member_count for group in demo_groups()}

    assert all(name in demo for name in counts)
    assert all(counts.values())
    assert len(counts) == 7


@pytest.mark.usefixtures("demo")
def test_in_a_second_demo_nobody_joins_or_leaves(capsys):
    call_command("demo", learners=LEARNERS)
    assert "Defined 0 of 7 demo groups." in capsys.readouterr().out

    admin = User.objects.get(username="admin")
    rows = [refresh(define(group, admin), admin) for group in demo_groups()]
    assert [(row.joined, row.left) for row in rows] == [(0, 0)] * 7


def test_groups_can_be_defined_without_members(capsys):
    call_command("demo", "--no-refresh", learners=20)

    assert "Defined 7 of 7 demo groups." in capsys.readouterr().out
    assert not any(api.members(group.uuid).exists() for group in api.groups_in(api.course_scope(course(0).key)))


@pytest.mark.usefixtures("demo")
def test_verified_and_away_holds_verified_learners_who_have_not_logged_in_for_ten_days():
    group = api.groups_in(api.course_scope(course(0).key)).get(name="Verified and away")
    members = set(api.members(group.uuid).values_list("pk", flat=True))
    verified = CourseEnrollment.objects.filter(course_id=course(0).key, mode="verified", is_active=True)

    assert members <= set(verified.values_list("user_id", flat=True))


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

    assert response.redirect_chain == [(reverse("sandbox:scopes"), 302)]
    assert "At risk" in response.content.decode()


def test_an_instructor_sees_the_groups_of_the_course_only(visit):
    page = visit("instructor", reverse("sandbox:scopes")).content.decode()

    assert "Pilot testers" in page
    assert "Staff who never logged in" not in page
    assert visit("instructor", group_address(api.instance_scope(), "Staff who never logged in")).status_code == 404


def test_an_administrator_sees_the_groups_of_all_scopes(visit):
    page = visit("admin", reverse("sandbox:scopes")).content.decode()

    assert all(group.name in page for group in demo_groups())


def test_a_learner_is_told_kindly_that_there_is_nothing_to_manage(visit):
    response = visit("learner", reverse("sandbox:scopes"))

    assert response.status_code == 200
    assert "nothing for you to manage" in response.content.decode()


def test_a_group_shows_its_members_page_by_page(visit):
    address = group_address(api.course_scope(course(0).key), "At risk")
    first = visit("instructor", address).content.decode()
    second = visit("instructor", f"{address}?page=2").content.decode()

    assert "Page 1 of" in first
    assert first.count('<th scope="row">') == 50
    assert "Page 2 of" in second


def test_nobody_sees_groups_without_logging_in(client):
    assert client.get(reverse("sandbox:scopes")).url.startswith(reverse("login"))
