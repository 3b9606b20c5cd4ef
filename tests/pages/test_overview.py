"""The overview of a group: how it fares, what to do, held refreshes and undoing."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.criteria.registry import temporarily
from openedx_user_groups.models import RefreshRun, UserGroup
from openedx_user_groups.refresh import waiting
from tests.by_api import (
    VERIFIED,
    Raises,
    a_group,
    aged,
    in_mode,
    leaf,
    many_learners,
    member_ids,
    refreshed,
    row_of,
)
from tests.factories import a_learner, scope_of_course

PART = {"HX-Request": "true"}


def address(name, *args):
    return reverse(f"openedx_user_groups:pages:{name}", args=args)


def text(answer):
    return answer.content.decode()


@pytest.fixture
def group(campus):
    return a_group(campus.scope, VERIFIED, name="Verified", acting_user=campus.person("staff"), tags=["term 1"])


@pytest.fixture
def overview(staff, group):
    def shown(**query):
        return text(staff.get(address("group", group.uuid), query))

    return shown


@pytest.fixture
def learners(campus, group):
    found = many_learners(campus.course, 30)
    refreshed(group)
    return found


@pytest.fixture
def run(campus, group, learners):
    """One that would take out twenty, of whom one has left the course, and put in one."""
    a_learner(campus.course, "verified", username="ben")
    CourseEnrollment.objects.filter(user__in=learners[:20]).update(mode="audit")
    CourseEnrollment.objects.filter(user=learners[0]).update(is_active=False)
    return refreshed(group)


def decide(client, group, run, decision):
    return client.post(address("refresh", group.uuid, run.uuid), {"decision": decision})


def test_it_says_what_the_group_is(overview, learners):
    page = overview()

    for told in ("Verified", "term 1", "API", "staff", ">30<", "up to date"):
        assert told in page


def test_a_group_made_by_hand_is_no_work_for_refreshes(campus, staff):
    group = a_group(campus.scope, name="By hand")

    page = text(staff.get(address("group", group.uuid)))

    assert "put together by hand" in page
    assert "Refresh now" not in page


def test_a_draft_says_what_is_to_be_done(campus, staff):
    group = api.create_group(campus.scope, name="New", rule=VERIFIED)

    assert "activate it" in text(staff.get(address("group", group.uuid)))


def test_a_paused_group_says_why(staff, group, overview):
    api.pause_group(group.uuid, reason="Exams are going on")

    assert "Exams are going on" in overview()


def test_a_stale_group_says_so(group, learners, overview):
    aged(group, days=400)

    assert "longer ago than its rule allows" in overview()


def test_a_broken_group_says_why_and_that_nobody_is_lost(campus, staff):
    with temporarily(test__raises=Raises):
        group = a_group(campus.scope, {"all": [leaf("test.raises", "in")]})
        refreshed(group)

        page = text(staff.get(address("group", group.uuid)))

    assert "members stay as they were" in page
    assert "divides by zero" in page


def test_what_is_built_on_it_is_told_with_a_link(campus, group, overview):
    above = a_group(campus.scope, {"all": [leaf("group_member", "in", groups=[str(group.uuid)])]}, name="Above")
    api.create_collection(campus.scope, name="Teams", parent_group=group.uuid)

    page = overview()

    assert address("group", above.uuid) in page
    assert "Teams" in page


def test_of_other_scopes_nothing_is_told_but_that_there_is_something(campus, staff, visitor):
    below = a_group(campus.scope, name="Below")
    rule = {"all": [leaf("group_member", "in", groups=[str(below.uuid)])]}
    a_group(api.organization_scope("Acme"), rule, name="Secret")

    assert "a group that you may not see" in text(staff.get(address("group", below.uuid)))
    assert "Secret" in text(visitor("staff_of_the_organization").get(address("group", below.uuid)))


def test_a_refresh_is_asked_for(campus, staff, group, django_capture_on_commit_callbacks):
    ana = a_learner(campus.course, "verified")

    with django_capture_on_commit_callbacks(execute=True):
        answer = staff.post(address("refreshes", group.uuid))

    assert answer.url == address("group", group.uuid)
    assert member_ids(group) == {ana.pk}


def test_while_one_waits_the_page_asks_again_until_it_is_over(staff, group, overview):
    run = waiting.wait(row_of(group).pk, ["request"])
    page = overview()
    assert "Waiting for a worker" in page
    assert f"watched={run.uuid}" in page
    assert "Refresh now" not in page

    RefreshRun.objects.filter(pk=run.pk).update(
        started=timezone.now(), finished=timezone.now(), outcome="done", joined=3, left=2
    )
    part = text(staff.get(address("group", group.uuid), {"watched": str(run.uuid)}, headers=PART))

    assert "3 joined, 2 left" in part
    assert "every 2s" not in part
    assert "<html" not in part


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("nothing", "nobody had to join or leave"),
        ("held", "the refresh waits for a decision"),
        ("failed", "The refresh could not be finished."),
        ("superseded", "The refresh could not be finished."),
    ],
)
def test_when_it_is_over_it_is_said_what_became_of_it(staff, group, outcome, said):
    run = waiting.wait(row_of(group).pk, ["request"])
    RefreshRun.objects.filter(pk=run.pk).update(started=timezone.now(), finished=timezone.now(), outcome=outcome)

    part = text(staff.get(address("group", group.uuid), {"watched": str(run.uuid)}, headers=PART))

    assert said in part
    assert "0 joined" not in part


@pytest.mark.django_db(transaction=True)
def test_without_a_worker_in_between_the_result_is_said_at_once(campus, staff, group):
    many_learners(campus.course, 3)

    page = text(staff.post(address("refreshes", group.uuid), follow=True))

    assert "The refresh is over: 3 joined, 0 left." in page
    assert "asked for" not in page


def test_the_members_come_first(overview, group, learners):
    page = overview()

    assert f'<a href="{address("members", group.uuid)}"><strong>30</strong> members</a>' in page


def test_a_refresh_that_is_late_is_said_to_be(overview, group):
    UserGroup.objects.update(next_due=timezone.now() + timedelta(hours=2))
    assert "due since" not in overview()

    UserGroup.objects.update(next_due=timezone.now() - timedelta(hours=2))
    assert "due since" in overview()


def test_a_change_that_waits_is_told_beside_the_name_as_in_the_list(campus, staff, overview, group):
    assert "change waits" not in overview()

    api.update_group(group.uuid, revision=1, rule=in_mode("audit"))

    assert "change waits" in overview()
    assert "change waits" in text(staff.get(address("scope", campus.scope)))


def test_a_held_refresh_is_explained(overview, run):
    page = overview()

    assert "20 of 30 members would leave" in page
    assert "20 people would leave" in page
    assert "1 person would join" in page
    assert "ben" in page
    assert "Show all 20" in page


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("self", ("Learners join and leave it by themselves", "Learners who have joined by themselves")),
        ("random", ("Chance decides who is in it", "Learners whom chance has put in")),
        ("rules", ("It is put together by hand", "People who were put in by hand")),
    ],
)
def test_without_a_rule_it_says_who_decides(campus, staff, kind, said):
    collection = api.create_collection(campus.scope, name="Teams", kind=kind)
    group = api.create_group(campus.scope, name="Rivers", collection=collection.uuid)

    assert said[0] in text(staff.get(address("group", group.uuid)))
    assert said[1] in text(staff.get(address("scope", campus.scope)))


def test_its_numbers_are_written_in_the_language_of_the_reader(staff, group, run):
    UserGroup.objects.update(health_reason='{"reason": "too_many", "leaving": 2470, "members": 2558, "limit": 50}')

    page = text(staff.get(address("group", group.uuid), headers={"Accept-Language": "de"}))

    assert "2.470" in page
    assert "2.558" in page


def test_a_held_refresh_shows_the_way_back_to_the_rule_that_was_in_force_before(staff, overview, group, learners):
    CourseEnrollment.objects.filter(user__in=learners[:1]).update(mode="audit")
    api.update_group(group.uuid, revision=1, rule=in_mode("audit"))
    api.activate_group(group.uuid, revision=2)
    assert refreshed(group).outcome == "held"

    page = overview()

    assert "go back to it (revision 1)" in page
    back = text(staff.get(address("comparison", group.uuid), {"of": 2, "to": 1}))
    assert "Go back to revision 1?" in back
    assert "of=2&amp;to=1" in page


def test_everybody_whom_it_is_about_is_listed_as_far_as_one_may_see_them(staff, visitor, group, learners, run):
    gone = f"many_{learners[0]}"
    where = address("refresh", group.uuid, run.uuid)

    page = text(staff.get(where, {"of": "leaving"}))
    assert gone in page
    assert f"{gone}@example.com" not in page
    assert f"{gone}@example.com" in text(visitor("global_staff").get(where, {"of": "leaving"}))
    assert "ben@example.com" in text(staff.get(where, {"of": "joining"}))


def test_a_held_refresh_is_approved(staff, group, run):
    assert decide(staff, group, run, "approved").url == address("group", group.uuid)
    assert len(member_ids(group)) == 11


def test_a_held_refresh_is_discarded(staff, group, learners, run, overview):
    decide(staff, group, run, "discarded")

    assert member_ids(group) == set(learners)
    assert "has been discarded" in overview()


def test_a_decision_made_twice_is_made_once_and_another_one_is_refused(staff, group, run):
    decide(staff, group, run, "discarded")

    assert decide(staff, group, run, "discarded").status_code == 302
    assert decide(staff, group, run, "approved").status_code == 409
    assert decide(staff, group, run, "overtaken").status_code == 404


def test_a_refresh_of_another_group_is_not_found(campus, staff, run):
    other = a_group(campus.scope, VERIFIED)

    assert decide(staff, other, run, "approved").status_code == 404


def test_the_last_refresh_is_undone_once(staff, group, learners, overview):
    run = api.refresh_to_undo(group.uuid)
    assert "30 joined and 0 left" in overview()

    for _click in range(2):
        answer = staff.post(address("undo", group.uuid), {"run": str(run.uuid)})

    assert answer.status_code == 302
    assert member_ids(group) == set()
    assert api.get_group(group.uuid).status == UserGroup.Status.PAUSED


def test_another_refresh_than_was_seen_is_not_undone(campus, staff, group, learners):
    seen = api.refresh_to_undo(group.uuid)
    a_learner(campus.course, "verified")
    refreshed(group)

    answer = staff.post(address("undo", group.uuid), {"run": str(seen.uuid)})

    assert answer.status_code == 409
    assert len(member_ids(group)) == 31


def test_refreshes_are_listed_with_what_they_did_and_why(staff, group, run):
    page = text(staff.get(address("refreshes", group.uuid)))

    assert "somebody asked for it" in page
    assert "Held for a decision" in page
    assert ">30<" in page


def test_nothing_is_changed_by_looking(staff, group):
    assert staff.get(address("undo", group.uuid)).status_code == 405


@pytest.mark.parametrize("who", ["staff_of_another_course", "learner"])
def test_who_may_not_see_it_finds_nothing(visitor, group, run, who):
    client = visitor(who)

    for name in ("group", "refreshes"):
        assert client.get(address(name, group.uuid)).status_code == 404
    assert client.get(address("refresh", group.uuid, run.uuid)).status_code == 404
    assert decide(client, group, run, "approved").status_code == 404
    assert client.post(address("undo", group.uuid), {"run": str(run.uuid)}).status_code == 404
    assert client.post(address("refreshes", group.uuid)).status_code == 404


def test_everybody_else_of_a_collection_is_no_group_with_an_overview(campus, staff, group):
    rest = api.get_collection(group.collection_uuid).rest_uuid

    assert staff.get(address("group", rest)).status_code == 404


def test_the_number_of_queries_is_bounded(campus, staff, group, run, django_assert_max_num_queries):
    for number in range(5):
        a_group(campus.scope, {"all": [leaf("group_member", "in", groups=[str(group.uuid)])]}, name=f"Above {number}")
    a_group(scope_of_course(campus.sibling))

    with django_assert_max_num_queries(60):
        staff.get(address("group", group.uuid))
    with django_assert_max_num_queries(20):
        staff.get(address("refreshes", group.uuid))
