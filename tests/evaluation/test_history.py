"""History: who joined and left a group, by what or whom, and its size day by day."""

from datetime import timedelta

import pytest
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.models import Membership, PastMembership
from tests.by_api import VERIFIED, a_group, leaf, refreshed, row_of
from tests.factories import a_course, a_learner, a_user, scope_of_course

pytestmark = pytest.mark.django_db


@pytest.fixture
def course():
    return a_course()


@pytest.fixture
def scope(course):
    return scope_of_course(course)


def told(group, **asked):
    return api.changes_data(group.uuid, api.changes_of(group.uuid, **asked))


def test_who_joined_and_left_by_a_refresh_is_told_with_its_cause_and_who_asked(course, scope):
    ana, teacher = a_learner(course, "verified", username="ana"), a_user()
    group = a_group(scope, VERIFIED)
    first = refreshed(group, acting_user=teacher)
    CourseEnrollment.objects.update(mode="audit")
    second = refreshed(group)

    left, joined = told(group)

    assert (left.user_id, left.joined, left.run_uuid) == (ana.pk, False, second.uuid)
    assert (joined.user_id, joined.joined, joined.run_uuid) == (ana.pk, True, first.uuid)
    assert (joined.causes, joined.by_id, joined.origin) == (("request",), teacher.pk, "rule")


def test_of_who_is_kept_out_it_is_told_who_decided_it_and_why(course, scope):
    ana, teacher = a_learner(course), a_user()
    group = a_group(scope)
    api.add_members(group.uuid, [ana.pk])
    api.exclude(group.uuid, [ana.pk], reason="An agreement", acting_user=teacher)

    left, joined = told(group)

    assert (left.by_id, left.is_kept_out, left.reason, left.run_uuid) == (teacher.pk, True, "An agreement", None)
    assert (joined.origin, joined.by_id) == ("manual", None)
    # Who did it is known when nobody is kept out any more.
    api.lift_exclusions(group.uuid, [ana.pk])
    assert (told(group)[0].by_id, told(group)[0].is_kept_out) == (teacher.pk, False)


def test_of_who_is_put_in_or_taken_out_by_hand_it_is_told_who_did_it(course, scope, monkeypatch):
    monkeypatch.setattr("openedx_user_groups.groups.deciding.BATCH", 2)
    people, teacher, tutor = [a_learner(course) for _ in range(5)], a_user(), a_user()
    teams = api.create_collection(scope, name="Teams")
    red, blue = (a_group(scope, name=name, collection=teams.uuid) for name in ("Red", "Blue"))

    api.add_members(red.uuid, [user.pk for user in people], acting_user=teacher)
    api.add_members(blue.uuid, [people[0].pk], acting_user=tutor)
    api.remove_members(red.uuid, [people[1].pk], acting_user=tutor)

    assert {(each.joined, each.by_id) for each in told(red)} == {(True, teacher.pk), (False, tutor.pk)}
    assert [(each.user_id, each.joined, each.by_id) for each in told(blue)] == [(people[0].pk, True, tutor.pk)]
    assert not any(each.is_kept_out for each in told(red))


def test_of_what_programs_and_learners_do_nobody_is_named(course, scope):
    ana = a_learner(course)
    choice = api.create_collection(scope, name="Choice", kind="self")
    red = a_group(scope, collection=choice.uuid)
    api.join_group(red.uuid, ana.pk)
    api.leave_group(red.uuid, ana.pk)
    api.add_members(red.uuid, [ana.pk])

    assert [each.by_id for each in told(red)] == [None, None, None]


def test_changes_are_narrowed_by_name_and_by_kind(course, scope):
    group = a_group(scope)
    ana, ben = (a_learner(course, username=name) for name in ("ana", "ben"))
    api.add_members(group.uuid, [ana.pk, ben.pk])
    api.remove_members(group.uuid, [ben.pk])

    assert [(each.user_id, each.joined) for each in told(group, search="BE")] == [(ben.pk, False), (ben.pk, True)]
    assert [each.user_id for each in told(group, joined=False)] == [ben.pk]
    assert [each.user_id for each in told(group, joined=True)] == [ben.pk, ana.pk]
    assert told(group, search="nobody") == []


def test_their_number_does_not_change_the_number_of_queries(course, scope, django_assert_max_num_queries):
    group = a_group(scope, VERIFIED)
    for _number in range(30):
        a_learner(course, "verified")
    refreshed(group)

    with django_assert_max_num_queries(7):
        assert len(told(group)) == 30


def test_the_size_is_told_day_by_day(course, scope):
    group = a_group(scope)
    row = row_of(group)
    now = timezone.now()
    row.created = now - timedelta(days=3)
    row.member_count = 1
    row.save()
    ana, ben = a_learner(course), a_learner(course)
    where = {"group": row, "origin": "manual"}
    Membership.objects.create(user=ana, collection=row.collection, joined_at=now - timedelta(days=2), **where)
    dates = {"joined_at": now - timedelta(days=3), "left_at": now - timedelta(days=1)}
    PastMembership.objects.create(user=ben, **dates, **where)

    sizes = api.sizes_of(group.uuid, days=90)

    assert [(each.members, each.joined, each.left) for each in sizes] == [(1, 1, 0), (2, 1, 0), (1, 0, 1), (1, 0, 0)]
    assert sizes[-1].day == now.date()
    assert len(api.sizes_of(group.uuid, days=2)) == 2


def test_the_groups_that_somebody_was_in_are_kept_when_these_are_deleted(course, scope):
    ana = a_learner(course)
    groups = [a_group(scope, name=name) for name in ("First", "Second")]
    for group in groups:
        api.add_members(group.uuid, [ana.pk])
    api.remove_members(groups[0].uuid, [ana.pk])
    api.delete_group(groups[1].uuid)

    assert [each.group.name for each in api.past_memberships_of_user(ana.pk)] == ["Second", "First"]


class Sees:
    def __init__(self, *scopes):
        self.scopes = scopes

    def sees(self, scope):
        return scope in self.scopes

    def has(self, permission, scope):
        return True


def test_what_is_built_on_a_group_is_told_as_far_as_one_may_see_it(scope):
    group = a_group(scope)
    a_group(scope, {"all": [leaf("group_member", "in", groups=[str(group.uuid)])]}, name="Above")

    (use,) = api.uses_of(group.uuid, asker=Sees(scope))
    (hidden,) = api.uses_of(group.uuid, asker=Sees())

    assert "Above" in use.text
    assert api.get_group(use.group_uuid).name == "Above"
    assert (hidden.group_uuid, "Above" in hidden.text) == (None, False)


def test_the_refresh_that_can_be_undone_is_told(course, scope):
    group = a_group(scope, VERIFIED)
    assert api.refresh_to_undo(group.uuid) is None
    a_learner(course, "verified")
    run = refreshed(group)

    assert api.refresh_to_undo(group.uuid).uuid == run.uuid
    api.undo_refresh(group.uuid)
    assert api.refresh_to_undo(group.uuid) is None
