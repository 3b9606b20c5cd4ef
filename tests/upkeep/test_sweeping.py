"""Sweeping: what is over ends, and those are looked at whom nothing but time can have changed."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils import timezone

from openedx_user_groups import api
from openedx_user_groups.criteria.registry import temporarily
from openedx_user_groups.models import RefreshRun, UserGroup
from openedx_user_groups.refresh import schedule, settling
from openedx_user_groups.upkeep import rounds
from tests.by_api import Answer, a_group, aged, edited, leaf, many_learners, member_ids, refreshed, row_of
from tests.factories import a_learner, scope_of_instance

pytestmark = pytest.mark.django_db

INACTIVE = {"all": [leaf("last_login", "more_than_days_ago", days=10)]}


def days_ago(number, **more):
    return timezone.now() - timedelta(days=number, **more)


@pytest.fixture
def ana(course):
    """Who is going to have been away for ten days within the hour."""
    return a_learner(course, last_login=days_ago(10, minutes=-30)).pk


@pytest.fixture
def group(course, scope, ana):
    a_learner(course, last_login=days_ago(1))
    made = a_group(scope, INACTIVE)
    aged(made, hours=5)
    refreshed(made)
    return made


def an_hour_later(group):
    """The same for the schedule and for whoever has logged in: now is an hour later than it was."""
    aged(group, hours=1.1)
    for user in User.objects.exclude(last_login=None):
        user.last_login -= timedelta(hours=1.1)
        User.objects.filter(pk=user.pk).update(last_login=user.last_login)


def test_who_crosses_the_line_joins_without_a_refresh_of_everyone(group, ana):
    assert member_ids(group) == set()
    runs = RefreshRun.objects.count()
    an_hour_later(group)

    left = rounds.do_all_but_refreshes()

    assert left == []
    assert member_ids(group) == {ana}
    run = RefreshRun.objects.latest("requested")
    assert (run.causes, run.joined, RefreshRun.objects.count()) == (["schedule"], 1, runs + 1)


def test_afterwards_the_group_is_fresh_and_not_due(group):
    an_hour_later(group)
    full = row_of(group).last_refreshed

    rounds.do_all_but_refreshes()

    row = row_of(group)
    assert (row.last_refreshed, row.swept_until > full, row.next_due > timezone.now()) == (full, True, True)
    assert api.get_group(group.uuid).last_refreshed == row.swept_until


def test_what_is_made_due_or_paused_while_it_is_swept_stays_so(group, monkeypatch):
    settle = settling.settle

    def meanwhile(act):
        def settled(*args):
            settle(*args)
            act()

        return settled

    an_hour_later(group)
    monkeypatch.setattr(settling, "settle", meanwhile(lambda: schedule.look_again([row_of(group).pk])))
    rounds.do_all_but_refreshes()
    assert row_of(group).next_due <= timezone.now()

    an_hour_later(group)
    monkeypatch.setattr(settling, "settle", meanwhile(lambda: api.pause_group(group.uuid)))
    rounds.do_all_but_refreshes()
    assert row_of(group).next_due is None


def test_only_those_at_the_line_are_evaluated(course, group, ana):
    # Written in bulk, and so without a signal: the refresh of everyone finds them.
    many_learners(course, 20)
    an_hour_later(group)

    rounds.do_all_but_refreshes()

    assert member_ids(group) == {ana}
    refreshed(group)
    assert len(member_ids(group)) == 21


def test_once_a_day_everybody_is_looked_at(group):
    aged(group, hours=25)

    assert [each.uuid for each in rounds.do_all_but_refreshes()] == [group.uuid]


@pytest.mark.parametrize("health", ["never", "broken"])
def test_so_is_a_group_that_is_not_well(group, health):
    UserGroup.objects.update(health=health)
    aged(group, hours=1)

    assert [each.uuid for each in rounds.do_all_but_refreshes()] == [group.uuid]


def test_so_is_one_that_was_edited(group):
    edited(group, rule={"all": [leaf("last_login", "more_than_days_ago", days=9)]})

    assert [each.uuid for each in rounds.do_all_but_refreshes()] == [group.uuid]


def test_so_is_one_with_a_criterion_that_cannot_tell(scope):
    class Restless(Answer):
        refresh_every = timedelta(hours=1)

    with temporarily(test__answer=Restless):
        group = a_group(scope, {"all": [leaf("test.answer", "in"), *INACTIVE["all"]]})
        aged(group, hours=5)
        refreshed(group)
        aged(group, hours=1)

        assert [each.uuid for each in rounds.do_all_but_refreshes()] == [group.uuid]


@pytest.mark.django_db(transaction=True)
def test_so_is_one_that_the_database_refuses_to_sweep(scope, caplog):
    class Nonsense(Answer):
        refresh_every = timedelta(hours=1)

        def changed_by_time(self, since, until):
            return Q(pk__in=RawSQL("nonsense", ()))

    with temporarily(test__answer=Nonsense):
        group = a_group(scope, {"all": [leaf("test.answer", "in")]})
        aged(group, hours=5)
        refreshed(group)
        aged(group, hours=1)

        assert [each.uuid for each in rounds.do_all_but_refreshes()] == [group.uuid]

    assert "could not be swept" in caplog.text


def test_so_is_one_that_somebody_has_asked_for(group):
    api.request_refresh(group.uuid)

    rounds.do_all_but_refreshes()

    assert RefreshRun.objects.latest("requested").outcome in ("done", "nothing")


def test_where_it_is_off_nothing_is_swept(group, settings, ana):
    an_hour_later(group)
    settings.OPENEDX_USER_GROUPS_ENABLED_BY_DEFAULT = False

    assert rounds.do_all_but_refreshes() == []
    assert member_ids(group) == set()


def test_groups_of_the_whole_instance_are_swept_with_few_queries(ana, django_assert_max_num_queries):
    groups = [a_group(scope_of_instance(), INACTIVE) for _ in range(10)]
    for group in groups:
        aged(group, hours=5)
        refreshed(group)
    an_hour_later(groups[0])
    for group in groups[1:]:
        aged(group, hours=1.1)

    with django_assert_max_num_queries(150):
        assert rounds.do_all_but_refreshes() == []

    assert all(member_ids(group) == {ana} for group in groups)
