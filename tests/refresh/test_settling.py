"""Settling: whom nothing holds in a group or keeps out of one any more is placed again, and what fails is told."""

import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from openedx_user_groups import api
from openedx_user_groups.criteria import registry
from openedx_user_groups.models import Exclusion, Membership
from openedx_user_groups.refresh import settling
from openedx_user_groups.upkeep import clearing, drain
from tests.by_api import VERIFIED, a_group, edited, in_mode, member_ids, refreshed, row_of
from tests.factories import a_learner
from tests.failing import RULE, raises

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(course):
    return a_learner(course, "verified")


@pytest.fixture
def two(scope, ana):
    """A group by hand with somebody in it, and one beside it whose rule wants them."""
    collection = api.create_collection(scope, name="Exclusive")
    by_hand, by_rule = (a_group(scope, rule, collection=collection.uuid) for rule in (None, VERIFIED))
    api.add_members(by_hand.uuid, [ana.pk])
    refreshed(by_rule)
    drain.drain()
    assert (member_ids(by_hand), member_ids(by_rule)) == ({ana.pk}, set())
    return by_hand, by_rule


@pytest.fixture
def lots(scope):
    """A collection whose groups are filled by lot."""
    collection = api.create_collection(scope, name="Lots", kind="random")
    return [a_group(scope, collection=collection.uuid) for _ in range(2)]


def let_it_end(model):
    model.objects.filter(expires_at__isnull=False).update(expires_at=timezone.now() - timedelta(seconds=1))


def in_any(groups):
    return set().union(*map(member_ids, groups))


def test_who_is_taken_out_by_hand_goes_where_a_rule_wants_them(ana, two):
    by_hand, by_rule = two

    api.remove_members(by_hand.uuid, [ana.pk])
    drain.drain()

    assert (member_ids(by_hand), member_ids(by_rule)) == (set(), {ana.pk})


def test_so_does_who_was_in_it_for_a_time_only(ana, two):
    by_hand, by_rule = two
    api.remove_members(by_hand.uuid, [ana.pk])
    api.add_members(by_hand.uuid, [ana.pk], expires_at=timezone.now() + timedelta(hours=1))
    drain.drain()
    let_it_end(Membership)

    clearing.clear()
    drain.drain()

    assert (member_ids(by_hand), member_ids(by_rule)) == (set(), {ana.pk})


def test_so_do_the_members_of_a_group_that_is_deleted(ana, two):
    by_hand, by_rule = two

    api.delete_group(by_hand.uuid)
    drain.drain()

    assert member_ids(by_rule) == {ana.pk}


def test_who_is_let_in_again_comes_in_again(scope, ana):
    group = a_group(scope, VERIFIED)
    refreshed(group)
    api.exclude(group.uuid, [ana.pk])
    assert member_ids(group) == set()

    api.lift_exclusions(group.uuid, [ana.pk])
    drain.drain()

    assert member_ids(group) == {ana.pk}


def test_so_does_who_was_kept_out_for_a_time_only(scope, ana):
    group = a_group(scope, VERIFIED)
    refreshed(group)
    api.exclude(group.uuid, [ana.pk], expires_at=timezone.now() + timedelta(hours=1))
    let_it_end(Exclusion)

    clearing.clear()
    drain.drain()

    assert member_ids(group) == {ana.pk}
    assert not Exclusion.objects.exists()


def test_chance_finds_another_place_for_who_is_taken_out_or_let_in_again(ana, lots):
    api.draw_newcomers(row_of(lots[0]).collection.uuid)
    (first,) = [group for group in lots if member_ids(group)]

    api.exclude(first.uuid, [ana.pk])
    drain.drain()
    (second,) = [group for group in lots if member_ids(group)]
    assert second != first

    api.exclude(second.uuid, [ana.pk])
    drain.drain()
    assert in_any(lots) == set()

    api.lift_exclusions(first.uuid, [ana.pk])
    drain.drain()
    assert member_ids(first) == {ana.pk}


class EditsWhenItIsTold(logging.Handler):
    """Somebody who edits a group just after a criterion of it has failed, and before that is written down."""

    def __init__(self, edit):
        super().__init__(logging.ERROR)
        self._edits = [edit]

    def emit(self, record):
        while self._edits:
            self._edits.pop()()


@pytest.fixture
def at_the_failure():
    handlers = []

    def at(edit):
        handlers.append(EditsWhenItIsTold(edit))
        settling.log.addHandler(handlers[-1])

    yield at
    for handler in handlers:
        settling.log.removeHandler(handler)


def test_a_criterion_that_fails_breaks_its_group_and_the_others_go_on(scope, ana):
    with registry.temporarily(acme__asked=raises(ValueError("no"))):
        failing, sound = a_group(scope, RULE), a_group(scope, VERIFIED)

        settling.settle([row_of(failing).collection_id, row_of(sound).collection_id], [ana.pk])

    assert api.get_group(failing.uuid).health == "broken"
    assert member_ids(sound) == {ana.pk}


def test_what_fails_when_it_is_no_longer_in_force_breaks_nothing(scope, ana, at_the_failure):
    with registry.temporarily(acme__asked=raises(ValueError("no"))):
        group = a_group(scope, RULE)
        at_the_failure(lambda: edited(group, rule=in_mode("verified")))

        settling.settle([row_of(group).collection_id], [ana.pk])

    assert api.get_group(group.uuid).health != "broken"
    assert member_ids(group) == {ana.pk}
