"""Choosing: learners join, change and leave groups by themselves, as long as there is a place."""

from datetime import timedelta

import pytest
from django.utils import timezone

from openedx_user_groups import api
from openedx_user_groups.collections import choosing
from openedx_user_groups.exceptions import CollectionNotFound, GroupFull, GroupNotFound, WrongStatus
from openedx_user_groups.models import Announcement, GroupCollection, Membership, PastMembership, UserGroup
from openedx_user_groups.upkeep import drain
from tests.by_api import VERIFIED, a_group, many_learners, member_ids, origins, refreshed, row_of
from tests.factories import a_course, a_learner, a_user, disable
from tests.happenings import unenrolls
from tests.soundness import assert_sound

pytestmark = pytest.mark.django_db


@pytest.fixture
def topics(scope):
    return api.create_collection(scope, name="Topics", kind="self")


@pytest.fixture
def two(scope, topics):
    return [a_group(scope, name=name, collection=topics.uuid) for name in ("Whales", "Sharks")]


@pytest.fixture
def ana(course):
    return a_learner(course)


def test_a_learner_joins_and_is_told_of(two, ana):
    whales, _sharks = two

    api.join_group(whales.uuid, ana.pk)

    assert origins(whales) == {ana.pk: "self"}
    assert api.get_group(whales.uuid).member_count == 1
    told = Announcement.objects.get(event_type__contains="membership")
    assert (told.joined, told.causes) == ([ana.pk], ["self"])


def test_joining_twice_is_the_same_as_once(two, ana):
    whales, _sharks = two
    api.join_group(whales.uuid, ana.pk)
    before = Membership.objects.get().joined_at

    api.join_group(whales.uuid, ana.pk)

    assert Membership.objects.get().joined_at == before
    assert not PastMembership.objects.exists()


def test_another_choice_takes_the_place_of_the_first(two, ana):
    whales, sharks = two
    api.join_group(whales.uuid, ana.pk)

    api.join_group(sharks.uuid, ana.pk)

    assert (member_ids(whales), member_ids(sharks)) == (set(), {ana.pk})
    assert PastMembership.objects.get().group.uuid == whales.uuid
    assert_sound()


def test_leaving_is_leaving_what_one_has_joined(two, ana):
    whales, sharks = two
    api.join_group(whales.uuid, ana.pk)

    api.leave_group(sharks.uuid, ana.pk)
    assert member_ids(whales) == {ana.pk}

    api.leave_group(whales.uuid, ana.pk)
    assert not Membership.objects.exists()
    api.leave_group(whales.uuid, ana.pk)


class TestPlaces:
    def test_the_last_place_has_one_winner(self, scope, topics, course):
        group = a_group(scope, collection=topics.uuid, size_limit=2)
        first, second, third = many_learners(course, 3)
        api.join_group(group.uuid, first)
        api.join_group(group.uuid, second)

        with pytest.raises(GroupFull) as refused:
            api.join_group(group.uuid, third)

        assert "choose another" in refused.value.message
        assert member_ids(group) == {first, second}

    def test_whoever_does_not_get_it_stays_where_they_were(self, scope, topics, course, ana):
        small, other = a_group(scope, collection=topics.uuid, size_limit=1), a_group(scope, collection=topics.uuid)
        api.join_group(small.uuid, many_learners(course, 1)[0])
        api.join_group(other.uuid, ana.pk)

        with pytest.raises(GroupFull):
            api.join_group(small.uuid, ana.pk)

        assert member_ids(other) == {ana.pk}

    def test_a_place_is_free_again_when_somebody_goes(self, scope, topics, course, ana):
        group = a_group(scope, collection=topics.uuid, size_limit=1)
        (other,) = many_learners(course, 1)
        api.join_group(group.uuid, other)
        api.leave_group(group.uuid, other)

        api.join_group(group.uuid, ana.pk)

        assert member_ids(group) == {ana.pk}

    def test_there_are_five_hundred_unless_the_setting_says_otherwise(self, two, settings):
        assert choosing.limit_of(row_of(two[0])) == 500

        settings.OPENEDX_USER_GROUPS_SIZE_LIMIT = 0

        assert choosing.limit_of(row_of(two[0])) == 0

    def test_who_is_dormant_takes_no_place(self, scope, topics, course, ana):
        group = a_group(scope, collection=topics.uuid, size_limit=1)
        gone = a_learner(course)
        api.join_group(group.uuid, gone.pk)
        unenrolls(gone, course)

        api.join_group(group.uuid, ana.pk)

        assert member_ids(group) == {ana.pk}

    def test_who_was_put_in_by_hand_takes_one(self, scope, topics, course, ana):
        group = a_group(scope, collection=topics.uuid, size_limit=1)
        api.add_members(group.uuid, many_learners(course, 1))

        with pytest.raises(GroupFull):
            api.join_group(group.uuid, ana.pk)


class TestWhatIsNotForLearners:
    @pytest.mark.parametrize("kind", ["rules", "random"])
    def test_groups_of_another_kind_of_collection(self, scope, ana, kind):
        collection = api.create_collection(scope, name="Others", kind=kind)
        group = a_group(scope, collection=collection.uuid)

        for act in (api.join_group, api.leave_group):
            with pytest.raises(GroupNotFound):
                act(group.uuid, ana.pk)
        with pytest.raises(CollectionNotFound):
            api.places(collection.uuid, ana.pk)

    def test_groups_of_a_course_in_which_they_are_not(self, two, topics, ana):
        for stranger in (a_user(), a_learner(a_course("course-v1:Acme+B+1"))):
            with pytest.raises(GroupNotFound):
                api.join_group(two[0].uuid, stranger.pk)
        disable(ana)
        with pytest.raises(GroupNotFound):
            api.join_group(two[0].uuid, ana.pk)
        with pytest.raises(CollectionNotFound):
            api.places(topics.uuid, ana.pk)

    def test_groups_that_are_put_away(self, two, ana):
        api.archive_group(two[0].uuid)

        with pytest.raises(GroupNotFound):
            api.join_group(two[0].uuid, ana.pk)

    def test_a_group_that_is_paused(self, two, ana):
        whales, sharks = two
        api.join_group(whales.uuid, ana.pk)
        api.pause_group(whales.uuid)

        for act in (
            lambda: api.leave_group(whales.uuid, ana.pk),
            lambda: api.join_group(sharks.uuid, ana.pk),
        ):
            with pytest.raises(WrongStatus) as refused:
                act()
            assert "Whales" in refused.value.message
        assert member_ids(whales) == {ana.pk}

    def test_a_group_that_is_on_its_way_to_another_collection(self, scope, two, ana):
        other = api.create_collection(scope, name="Other")
        UserGroup.objects.filter(uuid=two[0].uuid).update(moving_to=GroupCollection.objects.get(uuid=other.uuid))

        with pytest.raises(WrongStatus):
            api.join_group(two[0].uuid, ana.pk)

    def test_a_place_that_somebody_else_has_given_them(self, two, ana):
        whales, sharks = two
        api.add_members(whales.uuid, [ana.pk])

        for act in (
            lambda: api.leave_group(whales.uuid, ana.pk),
            lambda: api.join_group(sharks.uuid, ana.pk),
        ):
            with pytest.raises(WrongStatus) as refused:
                act()
            assert "course team" in refused.value.message
        assert origins(whales) == {ana.pk: "manual"}

    def test_a_group_from_which_they_are_kept_out(self, two, ana):
        api.exclude(two[0].uuid, [ana.pk])

        with pytest.raises(WrongStatus):
            api.join_group(two[0].uuid, ana.pk)


def test_what_has_expired_and_is_not_swept_yet_binds_nobody(two, ana):
    whales, sharks = two
    api.add_members(whales.uuid, [ana.pk], expires_at=timezone.now() + timedelta(days=1))
    Membership.objects.update(expires_at=timezone.now() - timedelta(minutes=1))

    api.join_group(whales.uuid, ana.pk)
    assert origins(whales) == {ana.pk: "self"}
    assert member_ids(whales) == {ana.pk}

    Membership.objects.update(origin="manual", expires_at=timezone.now() - timedelta(minutes=1))
    api.join_group(sharks.uuid, ana.pk)
    assert (member_ids(whales), origins(sharks)) == (set(), {ana.pk: "self"})


def test_learners_see_what_there_is_to_choose_from(scope, topics, two, course, ana):
    whales, sharks = two
    small = a_group(scope, name="Krill", collection=topics.uuid, size_limit=1, description="Small ones.")
    api.archive_group(a_group(scope, collection=topics.uuid).uuid)
    api.join_group(small.uuid, many_learners(course, 1)[0])
    api.join_group(whales.uuid, ana.pk)
    api.pause_group(sharks.uuid)

    found = api.places(topics.uuid, ana.pk)

    assert [(place.name, place.is_open, place.places_left, place.is_mine) for place in found] == [
        ("Whales", True, 499, True),
        ("Sharks", False, 500, False),
        ("Krill", True, 0, False),
    ]
    assert found[2].description == "Small ones."


def test_the_number_of_queries_does_not_grow_with_the_groups(scope, topics, ana, django_assert_max_num_queries):
    for _ in range(12):
        a_group(scope, collection=topics.uuid)

    with django_assert_max_num_queries(12):
        assert len(api.places(topics.uuid, ana.pk)) == 12


def test_in_a_collection_under_a_group_its_members_choose(course, scope):
    above = a_group(scope, VERIFIED)
    inside, outside = a_learner(course, "verified"), a_learner(course, "audit")
    refreshed(above)
    topics = api.create_collection(scope, name="Topics", kind="self", parent_group=above.uuid)
    group = a_group(scope, collection=topics.uuid)
    drain.drain()

    api.join_group(group.uuid, inside.pk)
    with pytest.raises(GroupNotFound):
        api.join_group(group.uuid, outside.pk)

    api.exclude(above.uuid, [inside.pk])
    drain.drain()
    assert not Membership.objects.filter(group__uuid=group.uuid).exists()
