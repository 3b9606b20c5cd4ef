"""The guard: what would take out too many members within a day is held, by whatever way it comes."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.evaluation.definition import load
from openedx_user_groups.exceptions import InvalidGroup
from openedx_user_groups.models import PastMembership, RefreshRun, UserGroup
from openedx_user_groups.outbox import store
from openedx_user_groups.refresh import guard
from openedx_user_groups.upkeep import drain
from tests.by_api import VERIFIED, a_group, in_mode, many_learners, member_ids, refreshed, row_of

pytestmark = pytest.mark.django_db

AUDIT = in_mode("audit")


def filled(course, scope, number, **fields):
    """A group that a rule has filled, with its members."""
    group = a_group(scope, VERIFIED)
    UserGroup.objects.filter(uuid=group.uuid).update(**fields)
    learners = many_learners(course, number)
    refreshed(group)
    return group, learners


def demote(learners):
    CourseEnrollment.objects.filter(user__in=learners).update(mode="audit")


@pytest.mark.parametrize(
    ("members", "leaving", "limit", "held"),
    [
        (20, 10, None, False),
        (20, 11, None, True),
        # Of few people half may well leave at once.
        (19, 19, None, False),
        (40, 5, 10, True),
        (40, 4, 10, False),
        # All of them is never a matter of percent.
        (20, 20, 100, True),
        (20, 19, 100, False),
    ],
)
def test_more_than_the_limit_is_held(course, scope, members, leaving, limit, held):
    group, learners = filled(course, scope, members, removal_limit=limit)
    demote(learners[:leaving])

    run = refreshed(group)

    assert (run.outcome == "held") is held
    assert len(member_ids(group)) == (members if held else members - leaving)


def test_the_limit_is_also_a_setting(course, scope, settings):
    settings.OPENEDX_USER_GROUPS_REMOVAL_LIMIT = 5
    group, learners = filled(course, scope, 20)
    demote(learners[:2])

    assert refreshed(group).outcome == "held"


def test_what_leaves_in_small_steps_within_a_day_is_counted_together(course, scope):
    group, learners = filled(course, scope, 20)
    outcomes = []
    for start in (0, 4, 8):
        demote(learners[start : start + 4])
        outcomes.append(refreshed(group).outcome)

    assert outcomes == ["done", "done", "held"]
    assert len(member_ids(group)) == 12


def test_what_left_earlier_no_longer_counts(course, scope):
    group, learners = filled(course, scope, 20)
    demote(learners[:8])
    refreshed(group)
    PastMembership.objects.update(left_at=timezone.now() - timedelta(days=1, seconds=1))

    demote(learners[8:14])

    assert refreshed(group).outcome == "done"


@pytest.mark.parametrize("dated", ["left_at", "decided_at"])
def test_what_a_clock_that_has_jumped_has_dated_counts_no_longer_than_a_day(course, scope, dated):
    group, learners = filled(course, scope, 20)
    demote(learners[:8])
    run = refreshed(group)
    later = timezone.now() + timedelta(days=400)
    if dated == "left_at":
        PastMembership.objects.update(left_at=later)
    else:
        RefreshRun.objects.create(
            group=row_of(group),
            collection=row_of(group).collection,
            revision=1,
            requested=later,
            decision="approved",
            decided_at=later,
        )
    demote(learners[8:14])

    assert (run.outcome, refreshed(group).outcome) == ("done", "done" if dated == "left_at" else "held")


def test_what_people_take_out_is_their_own_decision(course, scope):
    group, learners = filled(course, scope, 20)

    api.remove_members(group.uuid, learners[:15])
    demote(learners[15:17])

    assert refreshed(group).outcome == "done"


def test_it_says_what_it_has_counted(course, scope):
    group, learners = filled(course, scope, 20)
    demote(learners[:12])

    run = refreshed(group)

    assert run.error == "12 of 20 members would leave within a day; at most 50 percent may."
    assert api.get_group(group.uuid).health_reason == run.error


def test_without_leavers_nothing_is_asked(scope, django_assert_num_queries):
    groups = load(UserGroup.objects.filter(pk=row_of(a_group(scope, VERIFIED)).pk))

    with django_assert_num_queries(0):
        assert guard.exceeding(groups, {}, timezone.now()) == {}


def test_what_was_approved_of_is_no_longer_counted(course, scope):
    group, learners = filled(course, scope, 40)
    demote(learners[:25])
    api.approve_refresh(refreshed(group).uuid)
    assert RefreshRun.objects.get(outcome="held").decision == "approved"

    demote(learners[25:27])

    assert refreshed(group).outcome == "done"
    assert len(member_ids(group)) == 13


def test_who_comes_and_goes_and_comes_again_is_not_counted_each_time(course, scope):
    group, learners = filled(course, scope, 20)
    outcomes = set()
    for _ in range(20):
        demote(learners[:1])
        outcomes.add(refreshed(group).outcome)
        CourseEnrollment.objects.filter(user=learners[0]).update(mode="verified")
        outcomes.add(refreshed(group).outcome)

    assert outcomes == {"done"}
    # And whoever stays away is counted as before.
    demote(learners[:11])
    assert refreshed(group).outcome == "held"


def test_many_drains_come_no_further_than_one_refresh(course, scope):
    group, learners = filled(course, scope, 20)
    for user in learners:
        demote([user])
        store.note([user], "org.openedx.learning.course.enrollment.changed.v1", scopes=[row_of(group).scope_id])
        drain.drain()

    assert len(member_ids(group)) == 10
    assert row_of(group).health == "held"
    assert api.get_group(group.uuid).health_reason.startswith("11 of 20 members would leave")


def test_a_group_of_few_can_be_emptied(course, scope):
    group, learners = filled(course, scope, 19, removal_limit=0)
    demote(learners)

    assert refreshed(group).outcome == "done"
    assert member_ids(group) == set()


def test_without_a_limit_any_share_may_leave_but_not_everybody(course, scope):
    group, learners = filled(course, scope, 40, removal_limit=100)
    demote(learners[:39])
    assert refreshed(group).outcome == "done"

    demote(learners)

    assert refreshed(group).error == "It would empty the group of its 1 members."


def test_nobody_may_leave_where_the_limit_is_0(course, scope):
    group, learners = filled(course, scope, 100, removal_limit=0)
    demote(learners[:1])

    assert refreshed(group).outcome == "held"


@pytest.mark.parametrize("nonsense", [None, "many", -1, 101, float("nan")])
def test_a_setting_that_is_nonsense_does_not_let_everybody_go(course, scope, settings, nonsense):
    settings.OPENEDX_USER_GROUPS_REMOVAL_LIMIT = nonsense
    group, learners = filled(course, scope, 20)
    demote(learners[:11])

    assert refreshed(group).outcome == "held"


@pytest.mark.parametrize("nonsense", [-1, 101, 50.5, "50", True, []])
def test_a_limit_that_is_nonsense_is_refused(scope, nonsense):
    group = a_group(scope, VERIFIED)

    with pytest.raises(InvalidGroup, match="removal_limit: It must be a whole number from 0 to 100, or null"):
        api.update_group(group.uuid, revision=1, removal_limit=nonsense)


def put_in_force(group, rule, **options):
    """Let a rule wait for a group that is refreshed, and activate it as somebody who has seen what it does."""
    draft = api.update_group(group.uuid, revision=api.get_group(group.uuid).revision, rule=rule)
    seen = api.draft_effect(group.uuid)
    api.activate_group(group.uuid, revision=draft.draft_revision, agreed_leaving=seen.leaving_of, **options)
    return seen


def test_what_somebody_has_seen_and_put_in_force_is_not_held(course, scope):
    group, learners = filled(course, scope, 40)
    demote(learners[:10])
    author = many_learners(course, 1)[0]

    seen = put_in_force(group, AUDIT, acting_user=User.objects.get(pk=author))
    run = refreshed(group)

    assert (seen.leaving, run.outcome, run.left, run.decision) == (30, "done", 30, "approved")
    assert run.decided_by_id == author
    assert member_ids(group) == set(learners[:10])


def test_what_somebody_has_seen_is_no_longer_counted_afterwards(course, scope):
    group, learners = filled(course, scope, 60)
    demote(learners[:22])
    put_in_force(group, AUDIT)
    refreshed(group)

    CourseEnrollment.objects.filter(user__in=learners[:2]).update(mode="verified")

    assert refreshed(group).outcome == "done"


@pytest.mark.parametrize(("more", "outcome"), [(3, "done"), (4, "held")])
def test_a_few_more_may_leave_than_somebody_has_seen(course, scope, more, outcome):
    group, learners = filled(course, scope, 50)
    demote(learners[:20])
    put_in_force(group, AUDIT)

    CourseEnrollment.objects.filter(user__in=learners[:more]).update(mode="honor")

    assert refreshed(group).outcome == outcome


def test_where_nobody_leaves_after_all_nothing_was_approved(course, scope):
    group, learners = filled(course, scope, 40)
    demote(learners[:10])
    put_in_force(group, AUDIT)

    demote(learners)
    run = refreshed(group)

    assert (run.joined, run.left, run.decision) == (0, 0, "")


def test_whoever_has_seen_some_stay_has_not_agreed_to_nobody_being_left(course, scope):
    group, learners = filled(course, scope, 40)
    demote(learners[:2])
    put_in_force(group, AUDIT)

    CourseEnrollment.objects.filter(user__in=learners[:2]).update(mode="honor")

    assert refreshed(group).outcome == "held"


@pytest.mark.parametrize("first", ["done", "held"])
def test_what_somebody_has_seen_goes_for_one_refresh(course, scope, first):
    group, learners = filled(course, scope, 50)
    demote(learners[:25])
    put_in_force(group, AUDIT)
    if first == "held":
        CourseEnrollment.objects.filter(user__in=learners[:20]).update(mode="honor")
    assert refreshed(group).outcome == first

    CourseEnrollment.objects.filter(user__in=learners[:13]).update(mode="honor")

    assert refreshed(group).outcome == "held"


def test_what_somebody_has_seen_goes_for_the_other_groups_of_the_collection_too(course, scope):
    collection = api.create_collection(scope, name="Tracks")
    first = a_group(scope, in_mode("honor"), collection=collection.uuid)
    second = a_group(scope, VERIFIED, collection=collection.uuid)
    many_learners(course, 30)
    refreshed(second)
    assert len(member_ids(second)) == 30

    seen = put_in_force(first, VERIFIED)
    run = refreshed(first)

    assert [(each.leaving, each.unlikely) for each in seen.others] == [
        (30, "It would empty the group of its 30 members.")
    ]
    assert (run.outcome, run.joined) == ("done", 30)
    assert member_ids(second) == set()


def test_it_is_said_before_that_so_many_are_unlikely(course, scope):
    group, learners = filled(course, scope, 40)
    demote(learners[:10])
    api.update_group(group.uuid, revision=1, rule=AUDIT)

    assert api.draft_effect(group.uuid).unlikely == (
        "30 of 40 members would leave within a day; at most 50 percent may."
    )


def test_a_program_that_shows_nobody_anything_is_held(course, scope):
    group, learners = filled(course, scope, 40)
    demote(learners[:10])
    api.update_group(group.uuid, revision=1, rule=AUDIT)
    api.activate_group(group.uuid, revision=2)

    assert refreshed(group).outcome == "held"
