"""Keeping: with the schedule random collections take in newcomers, and generated ones follow choices."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from common.djangoapps.course_modes.models import CourseMode
from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.collections import generating, moving
from openedx_user_groups.exceptions import CriterionFailed
from openedx_user_groups.models import Change, GroupCollection, Membership
from openedx_user_groups.refresh import settling
from openedx_user_groups.upkeep import drain, keeping, rounds
from tests.by_api import VERIFIED, a_group, many_learners, member_ids, refreshed, row_of
from tests.factories import a_learner, a_user, profile
from tests.happenings import enrolls
from tests.soundness import BATCH, killed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_is_cached():
    cache.clear()


@pytest.fixture
def teams(scope):
    return api.create_collection(scope, name="Teams", kind="random")


@pytest.fixture
def two(scope, teams):
    return [a_group(scope, collection=teams.uuid) for _ in range(2)]


def members_of(groups):
    return set().union(*map(member_ids, groups))


def later(**time):
    """Let it be so much later for all collections."""
    for row in GroupCollection.objects.filter(last_kept__isnull=False):
        GroupCollection.objects.filter(pk=row.pk).update(last_kept=row.last_kept - timedelta(**time))


def names_in(collection):
    return [api.get_group(uuid).name for uuid in api.get_collection(collection.uuid).group_uuids]


def test_newcomers_of_whom_nobody_told_are_drawn_by_the_sweep(course, two):
    learners = many_learners(course, 6)

    rounds.do_all_but_refreshes()

    assert members_of(two) == set(learners)


def test_it_is_looked_for_them_once_an_hour(course, two):
    keeping.keep_due(timezone.now())
    learners = many_learners(course, 6)

    keeping.keep_due(timezone.now())
    assert members_of(two) == set()

    later(minutes=61)
    keeping.keep_due(timezone.now())
    assert members_of(two) == set(learners)


def test_a_clock_that_jumped_puts_nothing_off_for_years(course, two):
    GroupCollection.objects.update(last_kept=timezone.now() + timedelta(days=900))
    learners = many_learners(course, 6)

    keeping.keep_due(timezone.now())

    assert members_of(two) == set(learners)


def test_the_first_group_waits_for_a_second_one(course, scope, teams):
    first = a_group(scope, collection=teams.uuid)
    learners = many_learners(course, 6)

    keeping.keep_due(timezone.now())
    assert member_ids(first) == set()

    second = a_group(scope, collection=teams.uuid)
    keeping.keep_due(timezone.now())
    assert members_of([first, second]) == set(learners)


def test_groups_that_the_schedule_leaves_alone_are_left_alone(course, two):
    for group in two:
        api.update_group(group.uuid, revision=1, method="events")
    many_learners(course, 6)

    keeping.keep_due(timezone.now())

    assert members_of(two) == set()


def test_where_the_feature_is_off_nothing_is_looked_for(course, two, settings):
    many_learners(course, 6)
    settings.OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT = False

    keeping.keep_due(timezone.now())

    assert members_of(two) == set()


def test_new_choices_are_looked_for_once_an_hour(course, scope):
    CourseMode.objects.create(course=course, mode_slug="audit", mode_display_name="Audit")
    tracks = api.enrollment_tracks(scope)
    CourseMode.objects.create(course=course, mode_slug="verified", mode_display_name="Verified")

    keeping.keep_due(timezone.now())
    assert names_in(tracks) == ["Audit"]

    later(minutes=61)
    many = many_learners(course, 3)
    rounds.do_all_but_refreshes()
    assert names_in(tracks) == ["Audit", "Verified"]
    assert member_ids(api.get_group(api.get_collection(tracks.uuid).group_uuids[1])) == set(many)


def test_a_collection_whose_making_was_stopped_gets_its_groups_soon(scope, course):
    CourseMode.objects.create(course=course, mode_slug="audit", mode_display_name="Audit")
    collection = generating.arranging.create(
        scope, "Tracks", kind="generated", generator={"criterion": "enrollment_mode"}
    )

    keeping.keep_due(timezone.now())

    assert [group.name for group in collection.groups.all()] == ["Audit"]


def test_whoever_is_in_no_group_lets_the_drain_look_for_new_choices(course, scope):
    profile(a_learner(course), country="DE")
    countries = api.create_generated_collection(scope, name="Countries", criterion="country")
    learner = a_user()
    profile(learner, country="FR")
    enrolls(learner, course)

    drain.drain()

    assert len(names_in(countries)) == 2
    assert member_ids(api.get_group(api.get_collection(countries.uuid).group_uuids[1])) == {learner.pk}


def test_but_at_most_once_a_minute_and_then_with_the_schedule(course, scope):
    profile(a_learner(course), country="DE")
    countries = api.create_generated_collection(scope, name="Countries", criterion="country")
    drain.drain()
    for country in ("FR", "IT"):
        learner = a_user()
        profile(learner, country=country)
        enrolls(learner, course)
        drain.drain()
    assert len(names_in(countries)) == 2

    rounds.do_all_but_refreshes()

    assert len(names_in(countries)) == 3
    assert member_ids(api.get_group(api.get_collection(countries.uuid).group_uuids[2])) == {learner.pk}


def test_who_gets_a_group_lets_nobody_look(course, scope):
    profile(a_learner(course), country="DE")
    api.create_generated_collection(scope, name="Countries", criterion="country")
    drain.drain()
    GroupCollection.objects.filter(kind="generated").update(last_kept=timezone.now())
    learner = a_user()
    profile(learner, country="DE")
    enrolls(learner, course)

    settling.settle(GroupCollection.objects.values_list("pk", flat=True), [learner.pk])

    assert GroupCollection.objects.get(kind="generated").last_kept is not None


def test_one_that_fails_keeps_no_other_from_being_kept(course, scope, two, monkeypatch, caplog):
    CourseMode.objects.create(course=course, mode_slug="audit", mode_display_name="Audit")
    api.enrollment_tracks(scope)
    GroupCollection.objects.update(last_kept=None)
    learners = many_learners(course, 4)

    def fail(*args):
        raise CriterionFailed("enrollment_mode failed: the plugin divides by zero")

    monkeypatch.setattr(generating.choices, "offered", fail)
    keeping.keep_due(timezone.now())

    assert members_of(two) == set(learners)
    assert "divides by zero" in caplog.text
    # It is tried again in an hour, and not all the time.
    assert not GroupCollection.objects.filter(kind="generated", last_kept=None).exists()


def test_whoever_left_a_group_while_the_feature_was_off_leaves_the_groups_under_it(course, scope, settings):
    above = a_group(scope)
    teams = api.create_collection(scope, name="Teams", parent_group=above.uuid)
    team = a_group(scope, collection=teams.uuid)
    stays, goes = many_learners(course, 2)
    for group in (above, team):
        api.add_members(group.uuid, [stays, goes])
    settings.OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT = False
    api.remove_members(above.uuid, [goes])
    drain.drain()
    settings.OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT = True
    assert Membership.objects.filter(group__uuid=team.uuid).count() == 2

    rounds.do_all_but_refreshes()

    assert list(Membership.objects.filter(group__uuid=team.uuid).values_list("user", flat=True)) == [stays]


def test_without_a_cache_the_schedule_does_what_the_drain_does_not(course, scope, settings):
    profile(a_learner(course), country="DE")
    countries = api.create_generated_collection(scope, name="Countries", criterion="country")
    drain.drain()
    learner = a_user()
    profile(learner, country="FR")
    settings.CACHES = {"default": {"BACKEND": "tests.happenings.NoCache"}}
    enrolls(learner, course)

    drain.drain()
    assert len(names_in(countries)) == 1

    rounds.do_all_but_refreshes()
    assert len(names_in(countries)) == 2


def test_groups_left_half_moved_are_finished_with_the_schedule(course, scope, monkeypatch):
    monkeypatch.setattr(moving, "SIZE", 3)
    group, tracks = a_group(scope, VERIFIED), api.create_collection(scope, name="Tracks")
    learners = many_learners(course, 8)
    refreshed(group)
    killed(lambda: api.move_group(group.uuid, collection=tracks.uuid), BATCH, 2)

    rounds.do_all_but_refreshes()

    assert row_of(group).collection.uuid == tracks.uuid
    assert member_ids(group) == set(learners)


def test_one_that_cannot_be_finished_keeps_no_other_from_it(course, scope, monkeypatch, caplog):
    monkeypatch.setattr(moving, "SIZE", 3)
    tracks = api.create_collection(scope, name="Tracks")
    groups = [a_group(scope, VERIFIED) for _ in range(2)]
    many_learners(course, 8)
    for group in groups:
        refreshed(group)
        killed(lambda group=group: api.move_group(group.uuid, collection=tracks.uuid), BATCH, 2)
    move = moving.move

    def fail_once(group_id, *args):
        if group_id == row_of(groups[0]).pk:
            raise ZeroDivisionError("something is wrong")
        return move(group_id, *args)

    monkeypatch.setattr(moving, "move", fail_once)
    moving.finish_all()

    assert row_of(groups[0]).moving_to is not None
    assert row_of(groups[1]).collection.uuid == tracks.uuid
    assert "still on its way" in caplog.text


def test_a_sweep_that_finds_nothing_to_keep_asks_few_questions(two, django_assert_max_num_queries):
    keeping.keep_due(timezone.now())

    with django_assert_max_num_queries(2):
        keeping.keep_due(timezone.now())
        moving.finish_all()


def test_who_joins_by_the_sweep_is_a_hint_for_what_is_built_on_the_groups(course, scope, two):
    above = a_group(scope, {"all": [{"criterion": "group_member", "operator": "in", "config": _named(two)}]})
    Change.objects.all().delete()
    CourseEnrollment.objects.all().delete()
    learners = many_learners(course, 5)

    rounds.do_all_but_refreshes()

    assert member_ids(above) == set(learners)
    assert Membership.objects.filter(group__uuid=above.uuid, origin="rule").count() == 5


def _named(groups):
    return {"groups": [str(group.uuid) for group in groups]}
