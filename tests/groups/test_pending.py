"""Pending members: addresses wait for somebody who has one of them and belongs to the group's population."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.utils import timezone

from common.djangoapps.student.models import CourseEnrollment
from openedx.core.djangoapps.user_api.models import RetirementState, UserRetirementStatus
from openedx_user_groups import api
from openedx_user_groups.models import MemberImport, PendingMember
from openedx_user_groups.platform.people_file import Line
from openedx_user_groups.upkeep import clearing, drain
from tests.by_api import a_group, member_ids, origins
from tests.factories import a_course, a_learner, a_user, enroll, scope_of_course, scope_of_instance

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def course(transactional_db):
    cache.clear()
    return a_course()


@pytest.fixture
def group(course):
    return a_group(scope_of_course(course))


def named(group, *people, **more):
    return api.begin_import(group.uuid, [Line(n, person) for n, person in enumerate(people, 1)], **more)


def waiting(group):
    return [row.email for row in api.pending_members(group.uuid)]


def test_they_join_when_they_have_registered_and_enrolled(course, group):
    named(group, "New@example.com")
    assert waiting(group) == ["New@example.com"]

    new = a_user(email="new@Example.com")
    drain.drain()
    assert member_ids(group) == set()

    enroll(new, course)
    drain.drain()
    assert member_ids(group) == {new.pk}
    assert origins(group) == {new.pk: "manual"}
    assert waiting(group) == []


def test_those_of_the_whole_platform_join_when_they_have_registered(group):
    everywhere = a_group(scope_of_instance())
    named(everywhere, "new@example.com")

    new = a_user(email="new@example.com")
    drain.drain()

    assert member_ids(everywhere) == {new.pk}


def test_an_address_that_nobody_has_confirmed_is_nobodys(course, group):
    named(group, "new@example.com")
    new = a_learner(course, email="new@example.com", is_active=False)
    drain.drain()
    assert member_ids(group) == set()

    new.is_active = True
    new.save()
    drain.drain()
    assert member_ids(group) == {new.pk}


def test_they_join_when_they_change_their_address_to_it(course, group):
    new = a_learner(course, email="old@example.com")
    named(group, "new@example.com")

    new.email = "new@example.com"
    new.save()
    drain.drain()

    assert member_ids(group) == {new.pk}


def test_what_no_event_has_told_is_found_within_a_day(course, group):
    named(group, "new@example.com")
    new = User.objects.bulk_create([User(pk=77, username="new", email="new@example.com")])[0]
    CourseEnrollment.objects.bulk_create([CourseEnrollment(user=new, course=course, mode="audit")])

    clearing.clear()

    assert member_ids(group) == {77}


def test_for_whoever_may_not_know_them_accounts_elsewhere_wait_like_none(course, group):
    a_user(email="elsewhere@example.com")

    found = named(group, "elsewhere@example.com", "nowhere@example.com", discreet=True)

    assert found.counts == {"waiting": 2}
    assert waiting(group) == ["elsewhere@example.com", "nowhere@example.com"]


def test_addresses_that_fit_several_accounts_wait_like_none_as_well(group):
    a_user(email="twin@example.com")
    a_user(email="Twin@example.com")

    assert named(group, "TWIN@example.com", discreet=True).counts == {"waiting": 1}
    assert named(group, "TWIN@example.com").counts == {"ambiguous": 1}


@pytest.mark.parametrize("name", ["nobody", "@", "a@b", "x" * 250 + "@example.com", "a b@example.com"])
def test_what_is_no_address_does_not_wait(group, name):
    assert named(group, name).counts == {"unknown": 1}
    assert waiting(group) == []


def test_an_address_waits_once_in_any_case(group):
    named(group, "new@example.com")
    named(group, "NEW@example.com")

    assert waiting(group) == ["new@example.com"]


def test_those_who_are_kept_out_stay_out(course, group):
    named(group, "new@example.com")
    new = a_learner(course, email="new@example.com")
    api.exclude(group.uuid, [new.pk])

    drain.drain()

    assert (member_ids(group), waiting(group)) == (set(), [])


def test_a_group_that_is_put_away_lets_them_wait(course, group):
    named(group, "new@example.com")
    api.archive_group(group.uuid)
    new = a_learner(course, email="new@example.com")
    drain.drain()
    assert waiting(group) == ["new@example.com"]

    api.activate_group(group.uuid)
    clearing.look_for_those_who_wait_daily(timezone.now())
    assert member_ids(group) == {new.pk}


def test_those_of_a_deleted_group_go(group):
    named(group, "new@example.com")

    api.delete_group(group.uuid)

    assert not PendingMember.objects.exists()


def test_the_addresses_of_a_retired_person_go(course, group):
    named(group, "old@example.com", "now@example.com", "other@example.com", discreet=True)
    person = a_user(email="now@example.com")
    UserRetirementStatus.objects.create(
        user=person,
        original_username="old",
        original_email="OLD@example.com",
        original_name="",
        retired_username="retired",
        retired_email="retired@example.com",
        current_state=RetirementState.objects.create(state_name="PENDING", state_execution_order=1),
        last_state=RetirementState.objects.get(),
        responses="",
    )

    api.retire_user(person.pk)

    assert waiting(group) == ["other@example.com"]


def test_who_let_them_wait_is_forgotten_when_they_are_retired(group):
    author = a_user()
    named(group, "new@example.com", acting_user=author)

    api.retire_user(author.pk)

    assert PendingMember.objects.get().author_id is None
    assert MemberImport.objects.get().author_id is None


def test_lists_are_kept_for_some_days(group):
    named(group, "ana")
    named(group, "ben")
    MemberImport.objects.filter(pk=MemberImport.objects.first().pk).update(created=timezone.now() - timedelta(days=8))

    clearing.forget_daily(timezone.now())

    assert MemberImport.objects.count() == 1
