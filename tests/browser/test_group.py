"""The page of a group in a browser: held refreshes, members, why not, who is kept out, history, revisions."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.models import RefreshRun, UserGroup
from openedx_user_groups.refresh import waiting
from tests.by_api import VERIFIED, a_group, edited, leaf, many_learners, member_ids, refreshed, row_of
from tests.factories import a_learner, profile


def address(name, *args):
    return reverse(f"openedx_user_groups:pages:{name}", args=args)


@pytest.fixture
def group(campus):
    """Thirty verified learners."""
    group = a_group(campus.scope, VERIFIED, name="Verified", description="Who has paid.", tags=["term 1"])
    many_learners(campus.course, 30)
    refreshed(group)
    return group


@pytest.fixture
def held(campus, group):
    """Twenty of them would leave, and Ben would join."""
    a_learner(campus.course, username="ben")
    # Statements that no event tells of: only a refresh finds out.
    CourseEnrollment.objects.filter(user__username="ben").update(mode="verified")
    CourseEnrollment.objects.filter(user__in=sorted(member_ids(group))[:20]).update(mode="audit")
    return refreshed(group)


def test_a_held_refresh_is_explained_and_approved(campus, group, held, open_as, accessible):
    page = open_as("staff", address("group", group.uuid))
    accessible(page)
    expect(page.get_by_text("20 of 30 members would leave")).to_be_visible()

    page.get_by_role("link", name="Show all 20").click()
    expect(page.get_by_role("heading", name="Who would leave (20)")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Who would join").click()
    expect(page.get_by_text("ben@example.com")).to_be_visible()
    page.get_by_role("button", name="Approve").click()

    expect(page.get_by_text("The refresh was approved")).to_be_visible()
    expect(page.get_by_text("up to date", exact=True)).to_be_visible()
    assert len(member_ids(group)) == 11


def test_the_last_refresh_is_undone(group, open_as, accessible):
    page = open_as("staff", address("group", group.uuid))

    page.get_by_text("Undo the last refresh").click()
    expect(page.get_by_text("30 joined and 0 left")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Undo this refresh").click()

    expect(page.get_by_text("It is paused")).to_be_visible()
    assert member_ids(group) == set()


def test_a_refresh_is_watched_until_it_is_over(group, open_as, accessible):
    run = waiting.wait(row_of(group).pk, ["request"])
    page = open_as("staff", address("group", group.uuid))
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    accessible(page)

    now = timezone.now()
    RefreshRun.objects.filter(pk=run.pk).update(started=now, finished=now, outcome="done", joined=3, left=2)

    expect(page.get_by_text("The refresh is over: 3 joined, 2 left.")).to_be_visible()
    expect(page.get_by_role("button", name="Refresh now")).to_be_visible()


def test_members_are_found_while_one_types_and_many_are_taken_out(campus, group, open_as, accessible):
    profile(a_learner(campus.course, username="ana"), name="Ana Lima")
    api.add_members(group.uuid, ["ana"])
    page = open_as("staff", address("members", group.uuid))
    accessible(page)

    page.get_by_label("Search members").press_sequentially("lima")
    expect(page.get_by_text("1 member", exact=True)).to_be_visible()
    expect(page).to_have_url(address("members", group.uuid) + "?search=lima")
    page.get_by_label("Search members").fill("")
    expect(page.get_by_text("31 members")).to_be_visible()
    page.get_by_label("Choose all on this page").check()
    expect(page.get_by_label("Choose ana")).to_be_checked()
    page.get_by_role("button", name="Take out").click()

    expect(page.get_by_role("heading", name="Take 25 people out of the group?")).to_be_visible()
    accessible(page)
    page.get_by_label("Reason").fill("They asked")
    page.get_by_role("button", name="Take them out").click()

    expect(page.get_by_text("25 people were taken out. 24 of them are kept out from now on")).to_be_visible()
    assert len(member_ids(group)) == 6
    page.get_by_role("link", name="Kept out").click()
    expect(page.get_by_text("They asked").first).to_be_visible()
    accessible(page)


def test_all_who_were_found_are_taken_out(group, open_as, accessible):
    page = open_as("staff", address("members", group.uuid))
    page.get_by_role("link", name="Take out all 30 who were found").click()
    expect(page.get_by_role("heading", name="Take 30 people out of the group?")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Take 30 people out").click()

    expect(page.get_by_role("heading", name="People taken out of")).to_be_visible()
    expect(page.get_by_text("30 people were taken out.")).to_be_visible()
    accessible(page)
    assert member_ids(group) == set()
    page.get_by_role("link", name="See the members").click()
    page.get_by_role("link", name="Take out by a list").click()
    accessible(page)


def test_options_are_set(group, open_as, accessible):
    page = open_as("staff", address("settings", group.uuid))
    page.get_by_label("What refreshes do").select_option("Add only")
    page.get_by_label("Held when more leave than").fill("20")
    accessible(page)
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_label("Held when more leave than")).to_have_value("20")
    assert api.get_group(group.uuid).update_mode == "add"


def test_what_is_unlikely_is_agreed_to_once(campus, group, open_as, accessible):
    CourseEnrollment.objects.filter(user__in=sorted(member_ids(group))[:5]).update(mode="audit")
    api.update_group(group.uuid, revision=1, rule={"all": [leaf("enrollment_mode", "in", modes=["audit"])]})
    page = open_as("staff", address("draft", group.uuid))
    expect(page.get_by_text("Look twice:")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Put the rule in force").click()

    expect(page.get_by_text("The rule is in force: 0 joined, 25 left.")).to_be_visible()
    expect(page.get_by_text("waits for a decision")).to_have_count(0)
    assert len(member_ids(group)) == 5


def test_why_somebody_is_not_in_it(campus, open_as, accessible):
    rule = {
        "all": [
            leaf("enrollment_mode", "in", modes=["verified"]),
            {"any": [leaf("last_login", "within_days", days=5), leaf("country", "in", values=["DE"])]},
        ]
    }
    group = a_group(campus.scope, rule, name="Here and there")
    a_learner(campus.course, username="ana")
    page = open_as("staff", address("group", group.uuid))

    page.get_by_role("link", name="Why?").click()
    page.get_by_label("Why is somebody in it").fill("ana")
    page.get_by_role("button", name="Explain").click()

    expect(page.get_by_role("heading", name="ana is not in the group")).to_be_visible()
    expect(page.get_by_text("they have: audit")).to_be_visible()
    expect(page).to_have_url(address("why", group.uuid) + "?person=ana")
    accessible(page)
    page.get_by_role("link", name="All groups of this person").click()
    expect(page.get_by_role("heading", name="ana")).to_be_visible()
    accessible(page)


def test_somebody_is_kept_out_and_let_in_again(campus, group, open_as, accessible):
    a_learner(campus.course, "verified", username="ana")
    page = open_as("staff", address("exclusions", group.uuid))
    page.get_by_text("Keep somebody out").click()
    page.get_by_label("Who", exact=True).fill("ana, nobody")
    page.get_by_label("Reason").fill("An agreement")
    accessible(page)
    page.get_by_role("button", name="Keep them out").click()

    expect(page.get_by_text("1 person is kept out now.")).to_be_visible()
    expect(page.get_by_label("Who", exact=True)).to_have_value("nobody")
    accessible(page)
    page.get_by_role("button", name="Lift ana").click()

    expect(page.get_by_text("They may be in the group again")).to_be_visible()
    expect(page.get_by_text("Nobody is kept out.")).to_be_visible()


def test_the_history_says_who_left_and_by_what(campus, group, open_as, accessible):
    CourseEnrollment.objects.filter(user=min(member_ids(group))).update(mode="audit")
    refreshed(group)
    UserGroup.objects.update(created=timezone.now() - timedelta(days=5))
    page = open_as("staff", address("history", group.uuid))
    expect(page.get_by_role("img", name="29 now")).to_be_visible()
    page.get_by_text("The same as a table").click()
    accessible(page)

    page.get_by_label("What").select_option("left")

    expect(page.get_by_role("row")).to_have_count(4)
    page.get_by_role("link", name="a refresh").click()
    expect(page.get_by_text("somebody asked for it")).to_be_visible()
    page.get_by_role("link", name="All refreshes").click()
    accessible(page)


def test_an_earlier_revision_is_put_back(group, open_as, accessible):
    edited(group, name="Paid", rule={"all": [*VERIFIED["all"], leaf("country", "in", values=["DE"])]})
    page = open_as("staff", address("revisions", group.uuid))
    accessible(page)

    page.get_by_role("link", name="Compare with now revision 1").click()
    expect(page.get_by_text("Paid").last).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Go back to revision 1").click()

    expect(page.get_by_text("Revision 1 is back, as a new one. Its rule waits to be activated.")).to_be_visible()
    expect(page.get_by_role("heading", name="Verified")).to_be_visible()


def test_whoever_may_not_see_the_group_is_told_so(group, open_as, accessible):
    page = open_as("staff_of_another_course", address("members", group.uuid))

    expect(page.get_by_text("There is no group")).to_be_visible()
    accessible(page)
