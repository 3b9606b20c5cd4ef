"""Refreshing: the stored members of a group come into line with its rule."""

import pytest
from django.test import override_settings

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api, exceptions
from openedx_user_groups.exceptions import CollectionNotFound, FeatureDisabled
from openedx_user_groups.models import Membership, PastMembership, RefreshRun
from openedx_user_groups.refresh import membership, settling
from tests.by_api import VERIFIED, a_group, in_mode, member_ids, refreshed, row_of, statements, writes
from tests.factories import a_course, a_learner, a_user, disable, enroll, retire, scope_of_instance

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(scope):
    return a_group(scope, VERIFIED)


def move(user, mode):
    """Put a learner on another track."""
    CourseEnrollment.objects.filter(user=user).update(mode=mode)


def test_whom_the_rule_matches_joins_and_whom_it_no_longer_matches_leaves(course, group):
    ana, ben = a_learner(course, "verified"), a_learner(course, "audit")
    first = refreshed(group)
    assert (first.outcome, first.matched, first.joined, first.left) == ("done", 1, 1, 0)
    assert member_ids(group) == {ana.pk}

    move(ana, "audit")
    move(ben, "verified")
    second = refreshed(group)

    assert (second.outcome, second.matched, second.joined, second.left) == ("done", 1, 1, 1)
    assert member_ids(group) == {ben.pk}


def test_a_refresh_that_changes_nothing_writes_no_membership(course, group):
    a_learner(course, "verified")
    refreshed(group)

    with statements() as sent:
        run = refreshed(group)

    assert (run.outcome, run.matched, run.joined, run.left) == ("nothing", 1, 0, 0)
    assert sent
    assert not writes(sent, "membership")
    assert not writes(sent, "pastmembership")


def test_who_stays_keeps_the_row_and_the_date(course, group):
    a_learner(course, "verified")
    refreshed(group)
    before = list(Membership.objects.values())
    a_learner(course, "verified")

    refreshed(group)

    assert list(Membership.objects.order_by("pk").values())[:1] == before


def test_who_leaves_becomes_history_with_the_run(course, group):
    ana = a_learner(course, "verified")
    refreshed(group)
    joined = Membership.objects.get().joined_at
    move(ana, "audit")

    run = refreshed(group)

    past = PastMembership.objects.get()
    assert (past.user_id, past.group_id, past.origin) == (ana.pk, row_of(group).pk, "rule")
    assert (past.joined_at, past.left_at) == (joined, run.started)
    assert past.run.started == run.started
    assert past.run.left == 1


def test_who_comes_back_joins_anew(course, group):
    ana = a_learner(course, "verified")
    for mode in ("verified", "audit", "verified"):
        move(ana, mode)
        refreshed(group)

    assert PastMembership.objects.get().left_at < Membership.objects.get().joined_at


def test_the_group_knows_its_health_its_count_and_when_it_was_refreshed(course, group):
    a_learner(course, "verified")
    assert (group.health, group.last_refreshed, group.member_count) == ("never", None, 0)

    run = refreshed(group)

    now = api.get_group(group.uuid)
    assert (now.health, now.health_reason, now.member_count) == ("ok", "", 1)
    assert now.last_refreshed == run.started


def test_a_run_is_recorded_with_what_it_was_for(group):
    refreshed(group, cause="schedule")

    run = RefreshRun.objects.get()
    assert (run.causes, run.revision, run.lease_token, run.outcome) == (["schedule"], 1, 1, "nothing")
    assert run.finished >= run.started


def test_progress_is_told_up_to_the_end(course, group):
    a_learner(course, "verified")
    heard = []

    refreshed(group, progress=lambda done, total: heard.append((done, total)))

    assert heard == [(0, 1), (1, 1)]


@pytest.mark.parametrize("leave", [disable, retire, lambda user: user.courseenrollment_set.update(is_active=False)])
def test_who_is_out_of_the_population_leaves(course, group, leave):
    ana = a_learner(course, "verified")
    refreshed(group)

    leave(ana)
    refreshed(group)

    assert not member_ids(group)
    assert PastMembership.objects.get().user_id == ana.pk


def test_a_learner_who_has_not_confirmed_the_address_counts_in_a_course(course, group):
    ana = a_learner(course, "verified", is_active=False)

    refreshed(group)

    assert member_ids(group) == {ana.pk}


def test_learners_of_other_courses_are_no_business_of_the_group(group):
    a_learner(a_course("course-v1:Acme+Other+2026"), "verified")

    assert refreshed(group).matched == 0


def test_a_member_who_is_deleted_from_the_platform_leaves(course, group):
    a_learner(course, "verified").delete()
    ana = a_learner(course, "verified")
    refreshed(group)

    ana.delete()
    run = refreshed(group)

    assert run.left == 1
    assert not Membership.objects.exists()


@pytest.mark.parametrize("rule", [None, VERIFIED])
def test_static_groups_and_drafts_are_not_refreshed(course, scope, rule):
    a_learner(course, "verified")
    group = api.create_group(scope, name="A", rule=rule)

    assert api.refresh(group.uuid) is None
    assert not Membership.objects.exists()
    assert not RefreshRun.objects.exists()


def test_a_paused_group_keeps_its_members_until_it_is_active_again(course, group):
    ana = a_learner(course, "verified")
    refreshed(group)
    api.pause_group(group.uuid)
    move(ana, "audit")
    assert api.refresh(group.uuid) is None
    assert member_ids(group) == {ana.pk}

    api.activate_group(group.uuid)
    refreshed(group)

    assert not member_ids(group)


def test_given_users_alone_are_looked_at(course, group):
    ana, ben = a_learner(course, "verified"), a_learner(course, "verified")

    assert api.refresh(group.uuid, users=[ana.pk]) is None

    assert member_ids(group) == {ana.pk}
    move(ana, "audit")
    api.refresh(group.uuid, users=[ben.pk, ben.pk, 2**40])
    assert member_ids(group) == {ana.pk, ben.pk}
    api.refresh(group.uuid, users=[ana.pk])
    assert member_ids(group) == {ben.pk}
    assert api.get_group(group.uuid).member_count == 1


def test_given_users_are_placed_in_all_collections_of_a_scope(course, scope, group):
    other = a_group(scope, in_mode("verified", "audit"))
    ana = a_learner(course, "verified")

    settling.settle([row_of(group).collection_id, row_of(other).collection_id], [ana.pk])

    assert member_ids(group) == member_ids(other) == {ana.pk}


def test_no_users_and_no_collections_are_nothing_to_do(group):
    api.refresh(group.uuid, users=[])
    settling.settle([], [1])

    assert not Membership.objects.exists()


@pytest.mark.parametrize("users", [None, [1]])
def test_where_the_feature_is_off_nothing_is_refreshed(course, group, users):
    a_learner(course, "verified")

    with override_settings(OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT=False), pytest.raises(FeatureDisabled):
        api.refresh(group.uuid, users=users)

    assert not Membership.objects.exists()
    assert not RefreshRun.objects.exists()


@pytest.mark.parametrize("users", [None, [1]])
def test_a_service_that_only_reads_refreshes_nothing(group, users):
    with override_settings(SERVICE_VARIANT="cms"), pytest.raises(exceptions.WrongService):
        api.refresh(group.uuid, users=users)
    with override_settings(SERVICE_VARIANT="cms", OPENEDX_USER_GROUPS_SERVICE_VARIANTS=["lms", "cms"]):
        api.refresh(group.uuid, users=users)


def test_a_collection_that_does_not_exist_is_not_found():
    with pytest.raises(CollectionNotFound):
        membership.refresh(7)


def test_a_group_of_the_instance_holds_active_accounts_only(course):
    group = a_group(scope_of_instance(), {"none": [{"criterion": "staff_status", "operator": "is_true", "config": {}}]})
    ana, ben = a_user(), a_user(is_active=False)
    enroll(ben, course)

    refreshed(group)

    assert member_ids(group) == {ana.pk}


def test_every_membership_is_in_the_collection_of_its_group(course, scope):
    a_learner(course, "verified")
    for _ in range(3):
        refreshed(a_group(scope, VERIFIED))

    assert all(row.collection_id == row.group.collection_id for row in Membership.objects.select_related("group"))
