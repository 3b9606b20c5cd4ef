"""The difference: whose place is not what the rules want, read without a write."""

import pytest
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.evaluation.definition import groups_of
from openedx_user_groups.evaluation.difference import difference
from tests.by_api import VERIFIED, a_group, in_mode, refreshed, row_of, statements, writes
from tests.factories import a_learner, scope_of_course

pytestmark = pytest.mark.django_db


@pytest.fixture
def collection(course):
    return api.create_collection(scope_of_course(course), name="Exclusive")


@pytest.fixture
def groups(course, collection):
    scope = scope_of_course(course)
    rules = (VERIFIED, in_mode("verified", "audit"), None)
    return [a_group(scope, rule, collection=collection.uuid) for rule in rules]


def found_in(groups):
    return difference(groups_of([row_of(groups[0]).collection_id]), timezone.now())


def test_it_calls_between_two_rules_that_are_asked(groups):
    calls = []

    difference(groups_of([row_of(groups[0]).collection_id]), timezone.now(), lambda: calls.append("kept"))

    assert calls == ["kept"]


def test_it_names_those_who_should_join_and_those_who_should_leave(course, groups):
    stays, leaves, joins = (a_learner(course, mode) for mode in ("verified", "verified", "honor"))
    refreshed(groups[0])
    CourseEnrollment.objects.filter(user=leaves).update(mode="honor")
    CourseEnrollment.objects.filter(user=joins).update(mode="verified")

    found = found_in(groups)

    assert list(found.users) == sorted([leaves.pk, joins.pk])
    assert found.holders == {leaves.pk}
    first = row_of(groups[0]).pk
    assert found.matched[first] == 2
    assert (list(found.joiners[first]), list(found.leavers[first])) == ([joins.pk], [leaves.pk])
    assert stays.pk not in found.users


def test_who_moves_is_named_once(course, groups):
    ana = a_learner(course, "verified")
    refreshed(groups[0])
    CourseEnrollment.objects.update(mode="audit")

    found = found_in(groups)

    assert list(found.users) == [ana.pk]
    assert found.holders == {ana.pk}


def test_lost_claims_are_counted_per_group(course, groups):
    pinned = a_learner(course, "verified")
    a_learner(course, "verified")
    api.add_members(groups[2].uuid, [pinned.pk])

    found = found_in(groups)

    first, second, _static = (row_of(group).pk for group in groups)
    assert (found.matched[first], found.lost[first]) == (2, 1)
    assert (found.matched[second], found.lost[second]) == (2, 2)


def test_a_pin_in_the_same_group_is_no_lost_claim(course, groups):
    ana = a_learner(course, "verified")
    api.add_members(groups[0].uuid, [ana.pk])

    assert found_in(groups).lost[row_of(groups[0]).pk] == 0


def test_without_a_group_that_is_refreshed_nothing_is_read(groups, django_assert_num_queries):
    static = [group for group in groups_of([row_of(groups[0]).collection_id]) if group.rule is None]

    with django_assert_num_queries(0):
        assert not difference(static, timezone.now()).users


def test_reading_writes_nothing_and_takes_a_statement_for_each_rule_and_two_for_members_and_exclusions(course, groups):
    for mode in ("verified", "audit", "honor"):
        a_learner(course, mode)
    definitions = groups_of([row_of(groups[0]).collection_id])

    with statements() as sent:
        difference(definitions, timezone.now())

    assert not writes(sent)
    assert len([sql for sql in sent if sql.startswith("SELECT")]) == 4
