"""Who is in groups now, and who is everybody else, as conditions."""

from datetime import timedelta

import pytest
from django.db.models import Q

from openedx_user_groups import api
from openedx_user_groups.evaluation.matching import users_where
from openedx_user_groups.models import GroupCollection, Membership
from openedx_user_groups.population.members import in_any, in_none
from openedx_user_groups.rules.combine import normal
from tests.by_api import VERIFIED, a_group, refreshed, row_of
from tests.factories import NOW, a_course, a_learner, disable, scope_of_organization

pytestmark = pytest.mark.django_db


def ids(condition: Q) -> set[int]:
    found = [list(users_where(form).values_list("pk", flat=True)) for form in (condition, normal(condition))]
    found.append(list(users_where(normal(condition, per_user=True)).values_list("pk", flat=True)))
    assert all(sorted(one) == sorted(found[0]) for one in found)
    assert len(set(found[0])) == len(found[0])
    return set(found[0])


def test_the_members_of_several_groups_count_once(course, scope) -> None:
    ana, ben, cem = (a_learner(course, mode) for mode in ("verified", "audit", "audit"))
    by_rule, by_hand = a_group(scope, VERIFIED), a_group(scope)
    refreshed(by_rule)
    api.add_members(by_hand.uuid, [ana.pk, ben.pk])

    assert ids(in_any([row_of(by_rule), row_of(by_hand)], NOW)) == {ana.pk, ben.pk}
    assert ids(in_any([row_of(by_rule)], NOW)) == {ana.pk}
    assert ids(in_any([], NOW)) == set()
    assert cem.pk in ids(~in_any([row_of(by_hand)], NOW))


def test_whoever_has_left_the_population_or_expired_is_not_in(course, scope) -> None:
    ana, ben, cem = (a_learner(course) for _ in range(3))
    group = a_group(scope)
    wider = a_group(scope_of_organization("Acme"), name="Wider")
    api.add_members(group.uuid, [ana.pk, ben.pk])
    api.add_members(group.uuid, [cem.pk], expires_at=NOW - timedelta(days=1))
    other = a_course("course-v1:Acme+B+1")
    dee = a_learner(other)
    api.add_members(wider.uuid, [dee.pk])
    disable(ben)
    rows = [row_of(group), row_of(wider)]

    assert ids(in_any(rows, NOW)) == {ana.pk, dee.pk}


def test_everybody_else_belongs_and_is_in_no_group_of_the_collection(course, scope) -> None:
    ana, ben, cem = (a_learner(course) for _ in range(3))
    stranger = a_learner(a_course("course-v1:Acme+B+1"))
    collection = api.create_collection(scope, name="Two")
    first, second = a_group(scope, collection=collection.uuid), a_group(scope, collection=collection.uuid)
    api.add_members(first.uuid, [ana.pk])
    api.add_members(second.uuid, [ben.pk])
    row = GroupCollection.objects.select_related("scope").get(uuid=collection.uuid)

    assert ids(in_none(row, NOW)) == {cem.pk}
    Membership.objects.filter(user=ana).update(expires_at=NOW - timedelta(days=1))
    assert ids(in_none(row, NOW)) == {ana.pk, cem.pk}
    api.delete_group(second.uuid)
    assert ids(in_none(row, NOW)) == {ana.pk, ben.pk, cem.pk}
    assert stranger.pk not in ids(in_none(row, NOW))
