"""Retirement: a person is erased from every table of the package."""

import pytest
from django.apps import apps
from django.db.models import ForeignKey

from openedx_user_groups import api
from openedx_user_groups.models import Exclusion, Membership, PastMembership, Revision, UserGroup
from tests.factories import a_course, a_learner, scope_of_course, scope_of_instance
from tests.groups import VERIFIED, a_group, member_ids, refreshed

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    """A learner who is in groups, was in one, is kept out of one, and has kept others out."""
    course = a_course()
    ana, ben = a_learner(course, "verified"), a_learner(course, "verified")
    scope = scope_of_course(course)
    by_rule, by_hand, left = a_group(scope, VERIFIED, name="Rule"), a_group(scope, name="Hand"), a_group(scope)
    refreshed(by_rule)
    for group in (by_hand, left):
        api.add_members(group.uuid, [ana.pk, ben.pk])
    api.remove_members(left.uuid, [ana.pk])
    api.exclude(left.uuid, [ana.pk, ben.pk], reason="They asked for it", acting_user=ana)
    return ana


def test_nothing_tells_any_more_what_groups_they_were_in(ana):
    api.retire_user(ana.pk)

    assert not Membership.objects.filter(user=ana).exists()
    assert not PastMembership.objects.filter(user=ana).exists()
    assert not Exclusion.objects.filter(user=ana).exists()
    assert not Exclusion.objects.filter(author=ana).exists()
    assert not api.groups_of_user(ana.pk).exists()


def test_others_keep_theirs(ana):
    others = {
        model: set(model.objects.exclude(user=ana).values_list("pk", flat=True))
        for model in (Membership, PastMembership, Exclusion)
    }

    api.retire_user(ana.pk)

    assert all(others.values())
    for model, kept in others.items():
        assert set(model.objects.values_list("pk", flat=True)) == kept


def test_the_counts_of_groups_are_right_afterwards(ana):
    api.retire_user(ana.pk)

    for group in api.groups_data(api.groups_in(scope_of_course(a_course_of(ana)))):
        assert group.member_count == len(member_ids(group))


def a_course_of(user):
    return user.courseenrollment_set.get().course


def test_a_second_time_and_for_a_stranger_there_is_nothing_to_do(ana):
    api.retire_user(ana.pk)
    api.retire_user(ana.pk)
    api.retire_user(2**31 - 1)


def test_every_table_that_may_be_about_somebody_is_one_of_these():
    about = {
        (model, field.name)
        for model in apps.get_app_config("openedx_user_groups").get_models()
        for field in model._meta.fields
        if isinstance(field, ForeignKey) and field.related_model._meta.label == "auth.User"
    }

    erased = {(Membership, "user"), (PastMembership, "user"), (Exclusion, "user"), (Exclusion, "author")}
    # Who wrote a definition is retained, as the annotations of these say.
    retained = {(UserGroup, "created_by"), (UserGroup, "modified_by"), (Revision, "author")}
    assert about == erased | retained
    for model in (UserGroup, Revision):
        assert ".. pii_retirement: retained" in model.__doc__


def test_a_retired_author_is_no_longer_named_once_the_account_is_gone():
    ana = a_learner(a_course())
    group = a_group(scope_of_instance(), acting_user=ana)

    ana.delete()

    assert api.get_group(group.uuid).created_by_id is None
