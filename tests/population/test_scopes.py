"""Where groups live, how people name it, and who belongs there."""

from datetime import timedelta

import pytest
from opaque_keys.edx.keys import CourseKey
from organizations.models import Organization

from openedx_user_groups.data import ScopeData
from openedx_user_groups.evaluation.matching import users_where
from openedx_user_groups.exceptions import InvalidScope
from openedx_user_groups.models import GroupCollection, Membership, Scope, UserGroup
from openedx_user_groups.population import scopes
from tests.factories import (
    NOW,
    a_course,
    a_learner,
    a_user,
    disable,
    enroll,
    retire,
    scope_of_course,
    scope_of_instance,
    scope_of_organization,
)

pytestmark = pytest.mark.django_db

KEY = "course-v1:Acme+A1+2026"


def population(scope: ScopeData, **arguments) -> set[int]:
    """Who belongs to a scope; nobody twice."""
    found = list(users_where(scopes.population(scope, now=NOW, **arguments)).values_list("pk", flat=True))
    assert len(found) == len(set(found))
    return set(found)


def test_a_course_scope_is_an_existing_course() -> None:
    a_course(KEY)

    assert scopes.course_scope(KEY) == ScopeData("course", KEY)
    assert scopes.course_scope(CourseKey.from_string(KEY)) == ScopeData("course", KEY)
    assert scopes.course_scope(KEY).course_key == CourseKey.from_string(KEY)


@pytest.mark.parametrize("key", ["course-v1:Acme+A1+2027", "course-v1:ACME+A1+2026", "course-v1:acme+a1+2026"])
def test_a_course_that_there_is_not_or_that_is_spelled_in_another_case(key) -> None:
    a_course(KEY)

    with pytest.raises(InvalidScope, match="There is no course"):
        scopes.course_scope(key)


@pytest.mark.parametrize(
    "key", ["", "A1", "course-v1:Acme", "course-v1:Acme+A1+2026\0", "course-v1:A+B+🎓", "x" * 10_000]
)
def test_a_course_key_that_is_none(key) -> None:
    a_course(KEY)

    with pytest.raises(InvalidScope):
        scopes.course_scope(key)


@pytest.mark.parametrize("name", ["Acme", "acme", "ACME"])
def test_an_organization_is_found_in_any_case_and_spelled_as_the_platform_spells_it(name) -> None:
    a_course(KEY)
    assert scopes.organization_scope(name) == ScopeData("organization", "Acme")

    Organization.objects.create(short_name="aCME", name="The Acme University")
    assert scopes.organization_scope(name) == ScopeData("organization", "aCME")


@pytest.mark.parametrize("name", ["", "Acm", "Acme ", "Acmé", "Äcme", "%", "Acme'", "\0", "Acme\0", "🎓", "x" * 10_000])
def test_an_organization_that_there_is_not(name) -> None:
    a_course(KEY)
    Organization.objects.create(short_name="Acme", name="The Acme University")

    with pytest.raises(InvalidScope, match="There is no organization"):
        scopes.organization_scope(name)


def test_an_organization_without_courses_is_one_all_the_same() -> None:
    Organization.objects.create(short_name="New", name="The New University")

    assert scopes.organization_scope("new") == ScopeData("organization", "New")
    assert population(ScopeData("organization", "New")) == set()


def test_the_instance() -> None:
    assert scopes.instance_scope() == ScopeData("instance", "")
    assert str(scopes.instance_scope()) == "instance"


def test_command_lines_name_a_scope_by_its_key() -> None:
    a_course(KEY)

    assert scopes.scope_of("instance") == scopes.instance_scope()
    assert scopes.scope_of(KEY) == ScopeData("course", KEY)
    assert scopes.scope_of("acme") == ScopeData("organization", "Acme")
    for unknown in ("", "Nobody", "course-v1:Acme+A9+2026"):
        with pytest.raises(InvalidScope):
            scopes.scope_of(unknown)


def test_a_scope_given_as_data_is_verified() -> None:
    a_course(KEY)

    assert scopes.verified(ScopeData("organization", "ACME")) == ScopeData("organization", "Acme")
    assert scopes.verified(ScopeData("course", KEY)) == ScopeData("course", KEY)
    assert scopes.verified(ScopeData("instance")) == ScopeData("instance")
    for wrong in (ScopeData("instance", "x"), ScopeData("galaxy", "x"), ScopeData("course"), ScopeData("organization")):
        with pytest.raises(InvalidScope):
            scopes.verified(wrong)


def test_a_course_holds_whoever_is_enrolled_even_before_the_address_is_confirmed() -> None:
    course, other = a_course(KEY), a_course("course-v1:Acme+A2+2026")
    learner, unconfirmed = a_learner(course), a_learner(course, is_active=False)
    left, elsewhere = a_user(), a_learner(other)
    enroll(left, course, is_active=False)

    assert population(scope_of_course(course)) == {learner.pk, unconfirmed.pk}
    assert elsewhere.pk not in population(scope_of_course(course))


def test_an_organization_holds_the_learners_of_all_its_courses_once() -> None:
    first, second = a_course(KEY), a_course("course-v1:Acme+A2+2026")
    other = a_course("course-v1:Other+B1+2026")
    both, one = a_learner(first), a_learner(second)
    enroll(both, second)
    a_learner(other)

    assert population(scope_of_organization("Acme")) == {both.pk, one.pk}
    assert population(scope_of_organization("ACME")) == {both.pk, one.pk}


def test_the_organization_of_a_course_is_what_the_platform_says_and_not_its_key() -> None:
    course = a_course(KEY, org="Other")
    learner = a_learner(course)

    assert population(scope_of_organization("Other")) == {learner.pk}
    assert population(scope_of_organization("Acme")) == set()


def test_the_instance_holds_active_accounts_with_or_without_a_course() -> None:
    learner, stranger = a_learner(a_course(KEY)), a_user()
    a_user(is_active=False)

    assert population(scope_of_instance()) == {learner.pk, stranger.pk}


@pytest.mark.parametrize("scope", [ScopeData("course", KEY), ScopeData("organization", "Acme"), ScopeData("instance")])
def test_nobody_who_is_disabled_or_retiring_belongs_anywhere(scope) -> None:
    course = a_course(KEY)
    stays, disabled, retiring, back = (a_learner(course) for _ in range(4))
    disable(disabled)
    retire(retiring)
    standing = disable(back)
    standing.account_status = "enabled"
    standing.save()

    assert population(scope) == {stays.pk, back.pk}


def test_a_divided_group_holds_its_members_who_are_in_the_scope_and_have_not_expired() -> None:
    course = a_course(KEY)
    collection = GroupCollection.objects.create(scope=Scope.objects.create(type="course", key=KEY))
    group = UserGroup.objects.create(scope=collection.scope, collection=collection, name="Class", modified=NOW)
    member, expired, not_yet, left = (a_learner(course) for _ in range(4))
    ends = {expired: NOW, not_yet: NOW + timedelta(microseconds=1)}
    for user in (member, expired, not_yet, left):
        Membership.objects.create(
            user=user, group=group, collection=collection, origin="manual", joined_at=NOW, expires_at=ends.get(user)
        )
    left.courseenrollment_set.update(is_active=False)
    a_learner(course)

    assert population(scope_of_course(course), parent_group_id=group.pk) == {member.pk, not_yet.pk}


def test_short_names_that_differ_beyond_ascii_are_different_organizations() -> None:
    a_course("course-v1:ECOLE+A1+2026", org="ÉCOLE")

    assert scopes.organization_scope("École") == ScopeData("organization", "ÉCOLE")
    for other in ("école", "ECOLE"):
        with pytest.raises(InvalidScope):
            scopes.organization_scope(other)


def test_a_scope_contains_itself_and_what_is_inside_it() -> None:
    a_course(KEY)
    a_course("course-v1:Other+B1+2026")
    course, other = ScopeData("course", KEY), ScopeData("course", "course-v1:Other+B1+2026")
    organization, instance = ScopeData("organization", "Acme"), ScopeData("instance")

    assert scopes.contains(course, course)
    assert scopes.contains(organization, course)
    assert scopes.contains(organization, ScopeData("organization", "acme"))
    assert scopes.contains(instance, course)
    assert scopes.contains(instance, organization)
    assert not scopes.contains(course, organization)
    assert not scopes.contains(course, other)
    assert not scopes.contains(organization, other)
    assert not scopes.contains(organization, instance)
    assert not scopes.contains(organization, ScopeData("course", "course-v1:ACME+A1+2026"))
    assert not scopes.contains(ScopeData("organization", "Other"), organization)
