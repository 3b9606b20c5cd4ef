"""Assigning by hand: an outcome for everybody who is named."""

from datetime import timedelta

import pytest
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.criteria.registry import temporarily
from openedx_user_groups.exceptions import WrongStatus
from openedx_user_groups.models import Exclusion, Membership, PastMembership
from tests.by_api import (
    VERIFIED,
    a_group,
    many_learners,
    member_ids,
    origins,
    outcomes,
    refreshed,
    row_of,
    statements,
)
from tests.factories import a_learner, a_user, disable, scope_of_instance

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(scope):
    return a_group(scope)


@pytest.fixture
def dynamic(scope):
    return a_group(scope, VERIFIED)


def test_people_are_added_by_name_address_or_id(course, group):
    ana, ben, eve = (a_learner(course, username=name) for name in ("ana", "ben", "eve"))

    results = api.add_members(group.uuid, ["ana", "ben@example.com", eve.pk])

    assert [(one.person, one.outcome, one.user_id) for one in results] == [
        ("ana", "added", ana.pk),
        ("ben@example.com", "added", ben.pk),
        (eve.pk, "added", eve.pk),
    ]
    assert origins(group) == dict.fromkeys([ana.pk, ben.pk, eve.pk], "manual")
    assert api.get_group(group.uuid).member_count == 3


def test_everybody_gets_the_outcome_that_fits(course, scope):
    collection = api.create_collection(scope, name="Exclusive")
    group = a_group(scope, name="Here", collection=collection.uuid)
    other = a_group(scope, name="There", collection=collection.uuid)
    _added, _inside, _moved, _excluded = (a_learner(course, username=name) for name in ("add", "in", "move", "out"))
    api.add_members(group.uuid, ["in"])
    api.add_members(other.uuid, ["move"])
    api.exclude(group.uuid, ["out"])
    a_user(username="elsewhere")
    a_user(username="Twin")
    a_user(username="twin2", email="TWINS@example.com")
    a_user(username="twin3", email="twins@Example.com")
    disable(a_learner(course, username="disabled"))
    people = ["add", "in", "move", "out", "elsewhere", "disabled", "nobody", "twins@example.com", "add"]

    results = api.add_members(group.uuid, people)

    assert dict(zip(people[:-1], outcomes(results), strict=False)) == {
        "add": "added",
        "in": "already_in",
        "move": "moved",
        "out": "excluded",
        "elsewhere": "not_in_population",
        "disabled": "not_in_population",
        "nobody": "unknown",
        "twins@example.com": "ambiguous",
    }
    assert results[-1].outcome == "already_in"
    assert results[2].detail == "Moved from There."
    assert all(one.detail for one in results if one.outcome not in ("added", "already_in"))


def test_who_is_moved_leaves_the_other_group_with_a_history(course, scope):
    collection = api.create_collection(scope, name="Exclusive")
    here, there = (a_group(scope, collection=collection.uuid) for _ in range(2))
    ana = a_learner(course)
    api.add_members(there.uuid, [ana.pk])

    api.add_members(here.uuid, [ana.pk])

    assert (member_ids(here), member_ids(there)) == ({ana.pk}, set())
    assert PastMembership.objects.get().group_id == row_of(there).pk
    assert (api.get_group(here.uuid).member_count, api.get_group(there.uuid).member_count) == (1, 0)


def test_a_manual_add_turns_a_rule_row_into_manual(course, dynamic):
    ana = a_learner(course, "verified")
    refreshed(dynamic)

    assert outcomes(api.add_members(dynamic.uuid, [ana.pk])) == ["already_in"]

    assert origins(dynamic) == {ana.pk: "manual"}
    CourseEnrollment.objects.update(mode="audit")
    refreshed(dynamic)
    assert member_ids(dynamic) == {ana.pk}


def test_removing_a_rule_member_makes_an_exclusion(course, dynamic):
    ana, eve = a_learner(course, "verified"), a_user()
    refreshed(dynamic)

    results = api.remove_members(dynamic.uuid, [ana.pk, ana.pk, "nobody"], reason="Asked for it", acting_user=eve)

    assert outcomes(results) == ["removed", "not_in", "unknown"]
    exclusion = Exclusion.objects.get()
    assert (exclusion.user_id, exclusion.reason, exclusion.author_id) == (ana.pk, "Asked for it", eve.pk)
    assert refreshed(dynamic).outcome == "nothing"
    assert not member_ids(dynamic)


def test_removing_a_manual_member_whom_the_rule_wants_makes_an_exclusion_too(course, dynamic):
    ana, ben = a_learner(course, "verified"), a_learner(course, "audit")
    api.add_members(dynamic.uuid, [ana.pk, ben.pk])

    api.remove_members(dynamic.uuid, [ana.pk, ben.pk])

    assert [row.user_id for row in Exclusion.objects.all()] == [ana.pk]


def test_removing_from_a_static_group_makes_none(course, group):
    ana = a_learner(course)
    api.add_members(group.uuid, [ana.pk])

    assert outcomes(api.remove_members(group.uuid, [ana.pk, ana.pk])) == ["removed", "not_in"]

    assert not Exclusion.objects.exists()
    assert api.get_group(group.uuid).member_count == 0
    assert PastMembership.objects.get().run_id is None


def test_who_is_excluded_leaves_and_cannot_be_added_until_it_is_lifted(course, group):
    ana = a_learner(course)
    api.add_members(group.uuid, [ana.pk])

    assert outcomes(api.exclude(group.uuid, [ana.pk])) == ["excluded"]
    assert not member_ids(group)
    assert outcomes(api.add_members(group.uuid, [ana.pk])) == ["excluded"]
    assert outcomes(api.exclude(group.uuid, [ana.pk])) == ["already_excluded"]

    assert outcomes(api.lift_exclusions(group.uuid, [ana.pk, ana.pk])) == ["removed", "not_in"]
    assert outcomes(api.add_members(group.uuid, [ana.pk])) == ["added"]


def test_an_exclusion_that_has_ended_keeps_nobody_out(course, group):
    ana = a_learner(course)
    api.exclude(group.uuid, [ana.pk], expires_at=timezone.now() - timedelta(seconds=1))

    assert outcomes(api.add_members(group.uuid, [ana.pk])) == ["added"]


def test_a_new_exclusion_replaces_reason_and_end(course, group):
    ana = a_learner(course)
    until = timezone.now() + timedelta(days=1)
    api.exclude(group.uuid, [ana.pk], reason="First", expires_at=until)

    api.exclude(group.uuid, [ana.pk], reason="Second")

    assert list(Exclusion.objects.values_list("reason", "expires_at")) == [("Second", None)]


def test_who_is_not_in_the_population_can_be_excluded_beforehand(course, dynamic):
    ana = a_user()

    assert outcomes(api.exclude(dynamic.uuid, [ana.pk])) == ["excluded"]


def test_a_membership_may_end_at_an_instant_and_be_prolonged(course, group):
    ana = a_learner(course)
    until = timezone.now() + timedelta(days=1)
    api.add_members(group.uuid, [ana.pk], expires_at=until)
    assert Membership.objects.get().expires_at == until

    api.add_members(group.uuid, [ana.pk])

    assert Membership.objects.get().expires_at is None


def test_whose_membership_has_ended_can_be_added_again(course, group):
    ana = a_learner(course)
    api.add_members(group.uuid, [ana.pk], expires_at=timezone.now() - timedelta(seconds=1))
    assert not member_ids(group)

    api.add_members(group.uuid, [ana.pk])

    assert member_ids(group) == {ana.pk}


def test_archived_groups_take_nobody(course, group):
    a_learner(course, username="ana")
    api.archive_group(group.uuid)

    for act in (api.add_members, api.remove_members, api.exclude, api.lift_exclusions):
        with pytest.raises(WrongStatus):
            act(group.uuid, ["ana"])


def test_drafts_and_paused_groups_take_people(course, scope, dynamic):
    ana = a_learner(course)
    draft = api.create_group(scope, name="Draft", rule=VERIFIED)
    api.pause_group(dynamic.uuid)

    for each in (draft, dynamic):
        assert outcomes(api.add_members(each.uuid, [ana.pk])) == ["added"]


def test_nobody_named_is_nobody_added(group):
    assert api.add_members(group.uuid, []) == []


def test_a_group_of_the_instance_takes_any_active_account():
    group = a_group(scope_of_instance())
    active, inactive = a_user(), a_user(is_active=False)

    assert outcomes(api.add_members(group.uuid, [active.pk, inactive.pk])) == ["added", "not_in_population"]


def test_a_file_is_a_list_of_people(course, group):
    a_learner(course, username="ana")

    results = api.import_members(group.uuid, b"username\nana\nnobody\n")

    assert [(one.person, one.outcome) for one in results] == [("ana", "added"), ("nobody", "unknown")]


def test_ten_thousand_names_take_a_bounded_number_of_queries(course, group):
    names = [f"many_{pk}" for pk in many_learners(course, 10_000)]
    missing = [f"nobody {place}" for place in range(100)]

    with statements() as sent:
        results = api.add_members(group.uuid, [*names, *missing])

    assert outcomes(results) == ["added"] * 10_000 + ["unknown"] * 100
    assert api.get_group(group.uuid).member_count == 10_000
    assert len(sent) <= 60

    with statements() as sent:
        api.add_members(group.uuid, names[:10])
    assert len(sent) <= 30


def test_people_can_be_taken_out_while_a_plugin_is_missing(course, dynamic):
    ana = a_learner(course, "verified")
    api.refresh(dynamic.uuid)

    with temporarily(enrollment_mode=None):
        assert [one.outcome for one in api.remove_members(dynamic.uuid, [ana.pk])] == ["removed"]

    assert Exclusion.objects.filter(user=ana).exists()


def test_whom_the_rule_would_put_in_later_is_excluded_when_removed_before(course, dynamic):
    ana = a_learner(course, "verified")

    assert [one.outcome for one in api.remove_members(dynamic.uuid, [ana.pk])] == ["not_in"]
    api.refresh(dynamic.uuid)

    assert not api.is_member(dynamic.uuid, ana.pk)
