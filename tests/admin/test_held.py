"""Held refreshes, drafts and undoing in the admin: seen, and decided by the rules of the API."""

import pytest

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.models import RefreshRun
from tests.admin.looking import browser, messages, page, staff, stored
from tests.by_api import VERIFIED, a_group, in_mode, many_learners, member_ids, refreshed, row_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def learners(course):
    return many_learners(course, 30)


@pytest.fixture
def held(course, scope, learners):
    """A group whose refresh would take out two thirds of its members."""
    group = a_group(scope, VERIFIED, "Verified")
    refreshed(group)
    CourseEnrollment.objects.filter(user__in=learners[:20]).update(mode="audit")
    assert refreshed(group).outcome == "held"
    return group


@pytest.fixture
def decide(held):
    """Decides about all held runs as an operator; returns what the page says of it."""
    client = browser(staff("change_usergroup", "view_refreshrun"))

    def act(name):
        runs = list(RefreshRun.objects.filter(outcome="held").values_list("pk", flat=True))
        body = {"action": name, "_selected_action": runs, "index": "0"}
        return messages(client.post(page("refreshrun"), body, follow=True))

    return act


def test_a_held_group_is_listed_as_such_and_its_run_shows_whom_it_is_about(root, held, learners):
    run = RefreshRun.objects.get(outcome="held")

    assert ">Held<" in root.get(page("usergroup")).content.decode()
    assert list(root.get(f"{page('refreshrun')}?status=undecided").context["cl"].result_list) == [run]
    shown = root.get(page("refreshrun", "change", run.pk)).content.decode()
    assert shown.count("<td>Would leave</td>") == 20
    assert f"many_{learners[0]}" in shown
    assert "20 of 30 members would leave within a day" in shown


def test_approved_it_is_written_and_the_run_says_by_whom(root, decide, held, learners):
    (said,) = decide("approve")

    assert said.endswith("The refresh was approved and is written.")
    assert member_ids(held) == set(learners[20:])
    run = RefreshRun.objects.get(outcome="held")
    assert (run.decision, run.decided_by.is_staff) == ("approved", True)
    assert "Approved" in root.get(page("refreshrun", "change", run.pk)).content.decode()


def test_discarded_it_is_forgotten_and_the_group_paused(decide, held, learners):
    (said,) = decide("discard")

    assert said.endswith("The refresh was discarded, and its groups are paused.")
    assert member_ids(held) == set(learners)
    assert row_of(held).status == "paused"


def test_the_runs_of_a_collection_are_decided_once(course, scope, learners, decide):
    collection = api.create_collection(scope, name="Exclusive")
    first = a_group(scope, in_mode("verified", "audit"), "First", collection=collection.uuid)
    second = a_group(scope, in_mode("honor"), "Second", collection=collection.uuid)
    refreshed(first)
    CourseEnrollment.objects.filter(user__in=learners[:20]).update(mode="honor")
    refreshed(first)
    assert RefreshRun.objects.filter(outcome="held").count() == 3

    said = decide("approve")

    assert len(said) == 2
    assert all(each.endswith("is written.") for each in said)
    assert member_ids(second) == set(learners[:20])


def test_what_waits_for_no_decision_is_told(decide, held):
    decide("discard")

    (said,) = decide("approve")

    assert said.endswith("This refresh does not wait for a decision.")


@pytest.mark.parametrize("name", ["approve", "discard"])
def test_whoever_may_not_change_groups_decides_nothing(held, name):
    run = RefreshRun.objects.get(outcome="held")
    before = stored()
    client = browser(staff("view_refreshrun", "change_refreshrun"))

    client.post(page("refreshrun"), {"action": name, "_selected_action": [run.pk], "index": "0"}, follow=True)

    assert stored() == before


def test_the_last_refresh_is_undone(scope, learners):
    group = a_group(scope, VERIFIED, "Verified")
    refreshed(group)
    client = browser(staff("change_usergroup"))

    body = {"action": "undo", "_selected_action": [row_of(group).pk], "index": "0"}
    said = messages(client.post(page("usergroup"), body, follow=True))

    assert said == ["Verified: The last refresh was undone, and the group is paused."]
    assert member_ids(group) == set()
    assert row_of(group).status == "paused"


def test_a_draft_is_shown_beside_what_is_in_force_with_how_many_it_would_hold(root, scope, learners):
    group = a_group(scope, VERIFIED, "Verified")
    api.update_group(group.uuid, revision=1, rule=in_mode("verified", "audit"))

    shown = root.get(page("usergroup", "change", row_of(group).pk)).content.decode()

    assert "<li>enrollment track is verified</li>" in shown
    assert "<li>enrollment track is verified or audit</li>" in shown
    assert '<td class="field-would_hold">30</td>' in root.get(page("usergroup")).content.decode()
