"""Drift: how stored members differ from a new evaluation, read without a write."""

import pytest
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.criteria.registry import temporarily
from openedx_user_groups.data import GroupDrift
from openedx_user_groups.refresh.drift import drift_of
from tests.by_api import VERIFIED, Answer, Raises, a_group, in_mode, leaf, refreshed, row_of, statements, writes
from tests.factories import a_learner, scope_of_course

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(course):
    return a_group(scope_of_course(course), VERIFIED)


def test_after_a_refresh_there_is_none(course, group):
    a_learner(course, "verified")
    refreshed(group)

    assert api.check_group(group.uuid) == GroupDrift(group.uuid, group.name, (), ())


def test_it_names_who_should_join_and_who_should_leave(course, group):
    ana, ben, eve = (a_learner(course, mode) for mode in ("verified", "audit", "audit"))
    refreshed(group)
    CourseEnrollment.objects.filter(user=ana).update(mode="audit")
    CourseEnrollment.objects.filter(user__in=[ben, eve]).update(mode="verified")

    with statements() as sent:
        found = api.check_group(group.uuid)

    assert (found.missing, found.surplus) == ((ben.pk, eve.pk), (ana.pk,))
    assert not writes(sent)


def test_a_refresh_does_exactly_what_it_names(course, group):
    for mode in ("verified", "audit", "verified"):
        a_learner(course, mode)
    refreshed(group)
    CourseEnrollment.objects.update(mode="verified")
    named = api.check_group(group.uuid)

    run = refreshed(group)

    assert (run.joined, run.left) == (len(named.missing), len(named.surplus))
    assert api.check_group(group.uuid).missing == ()


def test_priorities_and_pins_of_a_collection_count(course):
    scope = scope_of_course(course)
    collection = api.create_collection(scope, name="Exclusive")
    first, second = (
        a_group(scope, rule, collection=collection.uuid) for rule in (VERIFIED, in_mode("verified", "audit"))
    )
    ana, ben, eve = (a_learner(course, mode) for mode in ("verified", "audit", "verified"))
    api.add_members(second.uuid, [eve.pk])

    found = list(drift_of(row_of(first).collection_id, timezone.now()))

    assert [one.group_uuid for one in found] == [first.uuid, second.uuid]
    assert [one.missing for one in found] == [(ana.pk,), (ben.pk,)]


def test_groups_that_are_not_refreshed_have_none(course, group):
    a_learner(course, "verified")
    api.pause_group(group.uuid)

    assert api.check_group(group.uuid) is None
    assert api.check_group(a_group(scope_of_course(course)).uuid) is None


def test_a_rule_that_cannot_be_evaluated_is_told(course):
    with temporarily(test__answer=Answer):
        group = a_group(scope_of_course(course), {"all": [leaf("test.answer", "in")]})

    with temporarily(test__answer=Raises):
        found = api.check_group(group.uuid)

    assert (found.missing, found.surplus) == ((), ())
    assert found.error.startswith("/all/0: ")
    assert api.get_group(group.uuid).health == "never"
