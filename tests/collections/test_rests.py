"""Rests: everybody else of a collection is addressed as a group is, and whatever asks about it follows it."""

from uuid import uuid4

import pytest
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.collections import rests
from openedx_user_groups.exceptions import GroupNotFound, InvalidInput
from openedx_user_groups.upkeep import drain
from tests.by_api import VERIFIED, a_group, in_mode, leaf, many_learners, member_ids, refreshed
from tests.factories import (
    a_learner,
    a_user,
    disable,
    scope_of_instance,
    scope_of_organization,
)
from tests.happenings import enrolls, unenrolls

pytestmark = pytest.mark.django_db


@pytest.fixture
def tracks(scope):
    return api.create_collection(scope, name="Tracks", rest_name="No track")


@pytest.fixture
def verified(scope, tracks):
    return a_group(scope, VERIFIED, name="Verified", collection=tracks.uuid)


def rest_of(collection, operator="in"):
    return {"all": [leaf("group_member", operator, groups=[str(collection.rest_uuid)])]}


class TestAddressed:
    def test_it_has_members(self, course, tracks, verified):
        inside, outside = a_learner(course, "verified"), a_learner(course)
        refreshed(verified)

        assert set(api.members(tracks.rest_uuid)) == {outside}
        assert api.count_members(str(tracks.rest_uuid).upper()) == 1
        assert api.is_member(tracks.rest_uuid, outside.pk)
        assert not api.is_member(tracks.rest_uuid, inside.pk)
        assert api.belonging(tracks.rest_uuid, [inside.pk, outside.pk, a_user().pk]) == {inside.pk, outside.pk}

    def test_but_no_memberships_for_nobody_joins_it(self, course, tracks):
        a_learner(course)

        assert not api.memberships_of(tracks.rest_uuid).exists()

    def test_of_a_collection_without_groups_it_is_everybody(self, course, tracks):
        everybody = {a_learner(course), a_learner(course)}

        assert set(api.members(tracks.rest_uuid)) == everybody

    def test_of_a_single_group_it_is_who_is_not_in_that(self, course, scope):
        ana, ben = a_learner(course), a_learner(course)
        group = a_group(scope)
        api.add_members(group.uuid, [ana.pk])

        assert set(api.members(api.get_collection(group.collection_uuid).rest_uuid)) == {ben}

    def test_of_a_collection_under_a_group_it_is_the_rest_of_its_members(self, course, scope):
        above = a_group(scope, VERIFIED)
        ana, ben = a_learner(course, "verified"), a_learner(course, "verified")
        a_learner(course)
        refreshed(above)
        teams = api.create_collection(scope, name="Teams", parent_group=above.uuid)
        team = a_group(scope, collection=teams.uuid)
        api.add_members(team.uuid, [ana.pk])

        assert set(api.members(teams.rest_uuid)) == {ben}

    def test_it_is_no_group_and_says_so(self, tracks):
        with pytest.raises(GroupNotFound) as refused:
            api.get_group(tracks.rest_uuid)

        assert "everybody else" in refused.value.message
        for act in (
            lambda: api.add_members(tracks.rest_uuid, [1]),
            lambda: api.refresh(tracks.rest_uuid),
            lambda: api.delete_group(tracks.rest_uuid),
        ):
            with pytest.raises(GroupNotFound, match="everybody else"):
                act()

    @pytest.mark.parametrize("uuid", [uuid4(), "nonsense", ""])
    def test_what_is_neither_a_group_nor_everybody_else_is_not_found(self, uuid):
        for act in (api.get_group, api.members, api.memberships_of, api.count_members):
            with pytest.raises(GroupNotFound, match="There is no group"):
                act(uuid)

    def test_that_of_a_group_that_was_deleted_is_gone_with_it(self, scope):
        group = a_group(scope)
        rest = api.get_collection(group.collection_uuid).rest_uuid
        api.delete_group(group.uuid)

        with pytest.raises(GroupNotFound):
            api.members(rest)

    def test_counting_takes_few_queries_for_any_number_of_groups(self, course, scope, tracks):
        for _ in range(8):
            a_group(scope, collection=tracks.uuid)
        many_learners(course, 5)

        assert api.count_members(tracks.rest_uuid) == 5
        assert rests.users_of(rests.named(tracks.rest_uuid), timezone.now()).count() == 5


class TestExplained:
    def test_why_somebody_is_one_of_them_or_not(self, course, scope, tracks, verified):
        inside, outside, stranger = a_learner(course, "verified"), a_learner(course), a_user()
        refreshed(verified)

        found = api.explain(tracks.rest_uuid, [inside.username, outside.pk, stranger.pk, "nobody"])

        assert [(each.belongs, each.is_member, each.held_by) for each in found] == [
            (True, False, verified.uuid),
            (True, True, None),
            (False, False, None),
            (False, False, None),
        ]
        assert found[3].user_id is None

    def test_to_the_discreet_only_of_who_belongs(self, tracks):
        (found,) = api.explain(tracks.rest_uuid, [a_user().pk], discreet=True)

        assert found.user_id is None

    def test_of_a_thousand_at_most(self, tracks):
        with pytest.raises(InvalidInput):
            api.explain(tracks.rest_uuid, range(1_001))

    def test_the_number_of_queries_does_not_grow_with_people(self, course, tracks, django_assert_max_num_queries):
        learners = many_learners(course, 30)

        with django_assert_max_num_queries(12):
            assert len(api.explain(tracks.rest_uuid, learners)) == 30


class TestInRules:
    def test_it_is_previewed(self, course, scope, tracks, verified):
        a_learner(course, "verified"), a_learner(course)
        refreshed(verified)

        assert api.preview(scope, rest_of(tracks)).count == 1
        assert api.preview(scope, rest_of(tracks, "not_in")).count == 1
        assert "No track" in api.preview(scope, rest_of(tracks)).leaves[0].text

    @pytest.mark.parametrize("operator", ["in", "not_in"])
    def test_who_joins_or_leaves_a_group_of_the_collection_moves(self, course, scope, tracks, verified, operator):
        user = a_group(scope, rest_of(tracks, operator), name="User")
        learner = a_user()
        enrolls(learner, course, "audit")
        drain.drain()
        assert member_ids(user) == ({learner.pk} if operator == "in" else set())

        enrolls(learner, course, "verified")
        drain.drain()
        assert member_ids(user) == (set() if operator == "in" else {learner.pk})

        api.exclude(verified.uuid, [learner.pk])
        drain.drain()
        assert member_ids(user) == ({learner.pk} if operator == "in" else set())

    @pytest.mark.parametrize("operator", ["in", "not_in"])
    def test_so_it_is_with_that_of_a_single_group(self, course, scope, operator):
        group = a_group(scope)
        user = a_group(scope, rest_of(api.get_collection(group.collection_uuid), operator))
        learner = a_learner(course)
        drain.drain()
        assert member_ids(user) == ({learner.pk} if operator == "in" else set())

        api.add_members(group.uuid, [learner.pk])
        drain.drain()

        assert member_ids(user) == (set() if operator == "in" else {learner.pk})

    @pytest.mark.parametrize("wider", [scope_of_organization, scope_of_instance])
    def test_who_joins_or_leaves_the_course_moves_also_in_wider_scopes(self, course, scope, tracks, verified, wider):
        here, outside = a_group(scope, rest_of(tracks)), a_group(wider(), rest_of(tracks))
        learner = a_user()

        enrolls(learner, course, "audit")
        drain.drain()
        assert member_ids(here) == member_ids(outside) == {learner.pk}

        unenrolls(learner, course)
        drain.drain()
        assert member_ids(here) == member_ids(outside) == set()

    def test_whose_account_is_disabled_leaves(self, course, scope, tracks, verified):
        user = a_group(scope, rest_of(tracks))
        learner = a_learner(course)
        drain.drain()
        assert member_ids(user) == {learner.pk}

        disable(learner)
        drain.drain()

        assert member_ids(user) == set()

    def test_whoever_is_dormant_in_a_group_of_the_course_is_not_in_it_for_a_wider_one(self, course, scope):
        group = a_group(scope)
        above = a_group(
            scope_of_instance(), {"all": [leaf("group_member", "in", groups=[str(group.uuid)])]}, name="Above"
        )
        learner = a_user()
        enrolls(learner, course)
        api.add_members(group.uuid, [learner.pk])
        drain.drain()
        assert member_ids(above) == {learner.pk}

        unenrolls(learner, course)
        drain.drain()
        assert member_ids(above) == set()

        enrolls(learner, course)
        drain.drain()
        assert member_ids(above) == {learner.pk}

    def test_what_drains_leave_is_what_a_full_refresh_gives(self, course, scope, tracks, verified):
        audit = a_group(scope, in_mode("audit"), name="Audit", collection=tracks.uuid)
        user = a_group(scope, rest_of(tracks), name="User")
        people = [a_user() for _ in range(6)]
        for number, person in enumerate(people):
            enrolls(person, course, ("audit", "verified", "honor")[number % 3])
        drain.drain()
        unenrolls(people[2], course)
        enrolls(people[0], course, "honor")
        drain.drain()

        before = [member_ids(group) for group in (verified, audit, user)]
        for group in (verified, audit, user):
            assert refreshed(group).outcome == "nothing"

        assert [member_ids(group) for group in (verified, audit, user)] == before
        assert before[2] == {people[0].pk, people[5].pk}
        assert CourseEnrollment.objects.filter(is_active=True).count() == 5
