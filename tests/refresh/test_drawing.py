"""Drawing: whoever belongs to a random collection is put into one of its groups by chance, once, and stays there."""

from collections import Counter

import pytest
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api, tasks
from openedx_user_groups.models import Announcement, Change, GroupCollection, Membership, Scope, UserGroup
from openedx_user_groups.refresh import drawing
from openedx_user_groups.upkeep import drain
from tests.by_api import VERIFIED, a_group, many_learners, member_ids, origins, refreshed, row_of, statements, writes
from tests.factories import a_learner, a_user, disable, scope_of_instance
from tests.happenings import enrolls, unenrolls

pytestmark = pytest.mark.django_db


@pytest.fixture
def teams(scope):
    return api.create_collection(scope, name="Teams", kind="random")


@pytest.fixture
def two(scope, teams):
    return [a_group(scope, name=name, collection=teams.uuid) for name in ("Red", "Blue")]


def homes(groups):
    """The place among some groups of each of their members."""
    return {user: place for place, group in enumerate(groups) for user in member_ids(group)}


def test_everybody_is_put_into_one_of_the_groups(course, teams, two):
    learners = many_learners(course, 60)

    assert api.draw_newcomers(teams.uuid) == 60

    assert homes(two).keys() == set(learners)
    # With fewer than ten in one of them chance would be one in thirty million.
    assert min(Counter(homes(two).values()).values()) > 9
    assert {origin for group in two for origin in origins(group).values()} == {"random"}
    assert [api.get_group(group.uuid).member_count for group in two] == [len(member_ids(group)) for group in two]
    assert api.draw_newcomers(teams.uuid) == 0


def test_whoever_enrolls_is_drawn_by_the_next_drain(course, two):
    learner = a_user()
    enrolls(learner, course)

    drain.drain()

    assert homes(two).keys() == {learner.pk}
    assert not Change.objects.exists()
    told = Announcement.objects.get(event_type__contains="membership")
    assert (told.joined, told.left) == ([learner.pk], [])
    assert "student.CourseEnrollment" in told.causes


def test_together_with_what_rules_want_of_them(course, scope, two):
    by_rule = a_group(scope, VERIFIED)
    learner = a_user()
    enrolls(learner, course, "verified")

    drain.drain()

    assert homes(two).keys() == member_ids(by_rule) == {learner.pk}


def test_in_the_whole_instance_accounts_are_drawn():
    collection = api.create_collection(scope_of_instance(), name="Site", kind="random")
    groups = [a_group(scope_of_instance(), collection=collection.uuid) for _ in range(2)]
    active, waiting = a_user(), a_user(is_active=False)

    drain.drain()

    assert homes(groups).keys() == {active.pk}
    waiting.is_active = True
    waiting.save()
    drain.drain()
    assert homes(groups).keys() == {active.pk, waiting.pk}


def test_who_leaves_the_course_is_dormant_and_comes_back_to_the_same_group(course, two):
    learner = a_user()
    enrolls(learner, course)
    drain.drain()
    (before,) = homes(two).values()

    unenrolls(learner, course)
    drain.drain()
    assert homes(two) == {}
    assert Membership.objects.filter(user=learner).count() == 1

    enrolls(learner, course)
    drain.drain()
    assert homes(two) == {learner.pk: before}


def test_who_is_in_a_group_by_hand_or_kept_out_of_one_is_not_drawn_into_it(course, teams, two):
    red, blue = two
    by_hand, kept_out, nowhere = many_learners(course, 3)
    api.add_members(red.uuid, [by_hand])
    api.exclude(red.uuid, [kept_out, nowhere])
    api.exclude(blue.uuid, [nowhere])

    assert api.draw_newcomers(teams.uuid) == 1

    assert origins(red) == {by_hand: "manual"}
    assert origins(blue) == {kept_out: "random"}


@pytest.mark.parametrize("closed", ["paused", "remove", "weightless", "moving"])
def test_a_group_that_is_closed_takes_nobody(course, scope, teams, two, closed):
    red, blue = two
    if closed == "paused":
        api.pause_group(red.uuid)
    elif closed == "remove":
        api.update_group(red.uuid, revision=1, update_mode="remove")
    elif closed == "weightless":
        api.set_weights(teams.uuid, {red.uuid: 0})
    else:
        other = api.create_collection(scope, name="Other")
        UserGroup.objects.filter(uuid=red.uuid).update(moving_to=GroupCollection.objects.get(uuid=other.uuid))
    learners = many_learners(course, 12)

    api.draw_newcomers(teams.uuid)

    assert member_ids(blue) == set(learners)


def test_disabled_accounts_are_not_drawn(course, teams, two):
    disable(a_learner(course))

    assert api.draw_newcomers(teams.uuid) == 0


def test_nobody_is_drawn_where_chance_does_not_decide(course, scope):
    collection = api.create_collection(scope, name="By hand")
    a_group(scope, collection=collection.uuid)
    a_learner(course)

    assert api.draw_newcomers(collection.uuid) == 0


def test_nor_into_a_collection_that_is_dissolved_meanwhile(course, teams, two, monkeypatch):
    learners = many_learners(course, 4)
    found = drawing._newcomers

    def dissolve_then(collection):
        users = found(collection)
        api.dissolve_collection(teams.uuid)
        return users

    monkeypatch.setattr(drawing, "_newcomers", dissolve_then)

    assert drawing.draw(row_of(two[0]).collection_id) == 0
    assert not Membership.objects.filter(user__in=learners).exists()


def test_another_group_gets_newcomers_only(course, scope, teams, two):
    many_learners(course, 40)
    api.draw_newcomers(teams.uuid)
    before = homes(two)
    third = a_group(scope, collection=teams.uuid)

    many_learners(course, 40)
    api.draw_newcomers(teams.uuid)

    assert {user: place for user, place in homes(two).items() if user in before} == before
    assert 0 < len(member_ids(third)) < 40


def test_whoever_is_taken_out_by_hand_is_drawn_into_another_group_and_not_into_the_same(course, teams, two):
    many_learners(course, 10)
    api.draw_newcomers(teams.uuid)
    red, blue = two
    gone = sorted(member_ids(red))

    api.remove_members(red.uuid, gone)
    drain.drain()

    assert member_ids(red) == set()
    assert set(gone) <= member_ids(blue)


def test_groups_that_wait_for_requests_only_are_left_to_them(course, teams, two):
    for group in two:
        api.update_group(group.uuid, revision=1, method="request")
    Change.objects.all().delete()
    learner = a_user()
    enrolls(learner, course)

    drain.drain()
    assert homes(two) == {}

    api.draw_newcomers(teams.uuid)
    assert homes(two).keys() == {learner.pk}


def test_a_refresh_draws_as_well(course, scope, two):
    first, second, third = many_learners(course, 3)

    assert api.refresh(two[0].uuid) is None
    assert homes(two).keys() == {first, second, third}

    (fourth,) = many_learners(course, 1)
    tasks.refresh_users(Scope.objects.get(key=scope.key).pk, [fourth])
    assert fourth in homes(two)


def test_many_newcomers_are_drawn_in_batches(course, teams, two, monkeypatch):
    monkeypatch.setattr("openedx_user_groups.batches.SIZE", 4)
    learners = many_learners(course, 10)

    assert api.draw_newcomers(teams.uuid) == 10

    assert homes(two).keys() == set(learners)
    # Each batch has an instant of its own.
    assert Membership.objects.values("joined_at").distinct().count() == 3


def test_a_drain_draws_in_a_number_of_queries_that_does_not_grow_with_people(course, two):
    def sent_by_drain(number):
        for learner in [a_user() for _ in range(number)]:
            enrolls(learner, course)
        with statements() as sent:
            drain.drain()
        return len([sql for sql in sent if "SAVEPOINT" not in sql and not writes([sql])])

    assert sent_by_drain(1) == sent_by_drain(12)


def test_a_collection_under_a_group_draws_from_its_members(course, scope):
    above = a_group(scope, VERIFIED)
    teams = api.create_collection(scope, name="Teams", kind="random", parent_group=above.uuid)
    groups = [a_group(scope, collection=teams.uuid) for _ in range(2)]
    inside, outside = a_user(), a_user()
    enrolls(inside, course, "verified")
    enrolls(outside, course, "audit")

    drain.drain()
    assert homes(groups).keys() == {inside.pk}

    # Through bulk updates, of which nobody tells; the refresh of the group above does.
    CourseEnrollment.objects.filter(user=outside).update(mode="verified")
    CourseEnrollment.objects.filter(user=inside).update(mode="audit")
    refreshed(above)
    drain.drain()
    assert homes(groups).keys() == {outside.pk}
    assert not Membership.objects.filter(user=inside).exists()
    assert timezone.now() > Membership.objects.get(group__uuid=above.uuid).joined_at
