"""How many statements a refresh sends: no more for more members, and hardly more for more groups and criteria."""

import pytest

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.refresh import settling
from tests.by_api import VERIFIED, a_group, in_mode, leaf, many_learners, refreshed, row_of, statements
from tests.factories import a_learner, scope_of_instance

pytestmark = pytest.mark.django_db


def sent_by(act):
    # The flag is looked up once and then comes from the cache.
    api.check_may_refresh(scope_of_instance())
    with statements() as sent:
        act()
    return len(sent)


def test_a_refresh_sends_as_many_for_ten_members_as_for_a_hundred(course, scope):
    counts = []
    for number in (10, 100):
        group = a_group(scope, VERIFIED)
        many_learners(course, number)
        counts.append(sent_by(lambda group=group: refreshed(group)))

    assert counts[0] == counts[1] <= 53


def test_a_refresh_that_changes_nothing_sends_few_for_any_number_of_members(course, scope):
    group = a_group(scope, VERIFIED)
    counts = []
    for number in (10, 2_000):
        many_learners(course, number)
        refreshed(group)
        counts.append(sent_by(lambda: refreshed(group)))

    assert counts[0] == counts[1] <= 38


def test_leaving_sends_as_many_for_ten_members_as_for_a_hundred(course, scope):
    group = a_group(scope, VERIFIED)
    counts = []
    for number in (10, 100):
        learners = many_learners(course, number)
        refreshed(group)
        # Not so many that they are held.
        CourseEnrollment.objects.filter(user__in=learners[: number // 5]).update(mode="audit")
        counts.append(sent_by(lambda: refreshed(group)))

    assert counts[0] == counts[1] <= 56


def test_more_criteria_send_no_more(course, scope):
    a_learner(course, "verified")
    counts = []
    for number in (1, 20):
        others = [leaf("date_joined", "more_than_days_ago", days=days) for days in range(number)]
        group = a_group(scope, {"all": [*others, *VERIFIED["all"]]})
        counts.append(sent_by(lambda group=group: refreshed(group)))

    assert counts[0] == counts[1]


def test_each_further_group_of_a_collection_sends_the_statement_of_its_rule_only(course, scope):
    for mode in ("verified", "audit", "honor"):
        a_learner(course, mode)
    counts = []
    for number in (1, 2, 6):
        collection = api.create_collection(scope, name=f"{number} groups")
        groups = [
            a_group(scope, in_mode("verified", "audit", f"mode {place}"), collection=collection.uuid)
            for place in range(number)
        ]
        counts.append(sent_by(lambda groups=groups: refreshed(groups[0])))

    # With a savepoint around it, for tests run in a transaction.
    one, two, six = counts
    assert two - one <= 3
    assert six - two <= 4 * 3


def test_one_user_costs_the_same_in_a_course_of_ten_and_of_two_thousand(course, scope):
    group = a_group(scope, VERIFIED)
    counts = []
    for number in (10, 2_000):
        many_learners(course, number)
        refreshed(group)
        ana = a_learner(course, "verified")
        counts.append(sent_by(lambda ana=ana: api.refresh(group.uuid, users=[ana.pk])))

    assert counts[0] == counts[1] <= 22


def test_one_user_costs_the_same_for_any_number_of_groups_and_criteria(course, scope):
    for number in (1, 20):
        for days in range(number):
            a_group(scope, {"all": [leaf("date_joined", "more_than_days_ago", days=days), *VERIFIED["all"]]})
    collections = [row_of(group).collection_id for group in api.groups_in(scope)]
    counts = []
    for number in (1, 20):
        ana = a_learner(course, "verified")
        counts.append(sent_by(lambda ana=ana, n=number: settling.settle(collections[:n], [ana.pk])))

    assert counts[0] == counts[1]


def test_looking_members_up_is_two_statements_after_the_group(course, scope, django_assert_num_queries):
    group = a_group(scope, VERIFIED)
    ana = a_learner(course, "verified")
    refreshed(group)

    with django_assert_num_queries(4):
        assert api.is_member(group.uuid, ana.pk)
