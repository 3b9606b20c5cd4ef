"""The tables: names of constraints and indexes, and which keys the database does not check."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from openedx_user_groups.models import (
    Exclusion,
    GroupCriterion,
    GroupTag,
    Membership,
    PastMembership,
    RefreshRun,
    Revision,
    Scope,
    UserGroup,
)
from tests.by_api import a_group, row_of
from tests.factories import a_user, scope_of_instance

APP = apps.get_app_config("openedx_user_groups")


@pytest.mark.django_db
def test_nothing_is_left_to_migrate():
    call_command("makemigrations", "--check", "--dry-run", "openedx_user_groups", verbosity=0)


def test_constraints_are_named_and_have_no_condition():
    constraints = [each for model in APP.get_models() for each in model._meta.constraints]

    assert {each.name for each in constraints} >= {
        "user_groups_one_scope_per_key",
        "user_groups_one_group_per_name",
        "user_groups_one_collection_per_name",
        "user_groups_one_tag_per_word",
        "user_groups_one_node_per_position",
        "user_groups_one_revision_number",
        "user_groups_one_group_per_user",
        "user_groups_one_exclusion_per_user",
    }
    for constraint in constraints:
        assert isinstance(constraint, models.UniqueConstraint)
        assert constraint.condition is None
        assert not constraint.expressions


def test_indexes_are_named_and_have_no_condition():
    indexes = [each for model in APP.get_models() for each in model._meta.indexes]

    assert {each.name for each in indexes} >= {
        "user_groups_due",
        "user_groups_changes",
        "user_groups_runs",
        "user_groups_members",
        "user_groups_left",
    }
    assert all(each.name.startswith("user_groups_") and each.condition is None for each in indexes)
    assert not any(model._meta.unique_together or model._meta.indexes is None for model in APP.get_models())


def test_one_key_makes_groups_exclusive_and_there_is_no_second_one():
    unique = [each.fields for each in Membership._meta.constraints]

    assert unique == [("collection", "user")]
    assert not any(field.unique and not field.primary_key for field in Membership._meta.fields)


@pytest.mark.parametrize(
    ("model", "unchecked"),
    [
        (Membership, {"user", "group", "collection"}),
        (PastMembership, {"user", "group", "run"}),
        (RefreshRun, {"group", "collection", "requested_by", "decided_by"}),
        (Exclusion, {"user", "author"}),
        (Revision, set()),
        (GroupCriterion, set()),
        (UserGroup, set()),
    ],
)
def test_the_database_checks_no_key_that_would_lock_a_row_of_a_user(model, unchecked):
    keys = [field for field in model._meta.fields if isinstance(field, models.ForeignKey)]

    assert {key.name for key in keys if not key.db_constraint} == unchecked


@pytest.mark.django_db
def test_the_tables_refer_to_no_others_in_the_database():
    with connection.cursor() as cursor:
        relations = connection.introspection.get_relations(cursor, Membership._meta.db_table)

    assert relations == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "second",
    [
        lambda group, user: Membership(
            user=user, group=group, collection=group.collection, origin="self", joined_at=timezone.now()
        ),
        lambda group, user: Exclusion(user=user, group=group, created=timezone.now()),
        lambda group, user: GroupTag(group=group, tag="x", tag_key="x"),
        lambda group, user: GroupCriterion(group=group, position=0),
        lambda group, user: Revision(group=group, number=7, definition={}, created=timezone.now()),
        lambda group, user: Scope(type="course", key="course-v1:A+B+C"),
    ],
)
def test_the_database_refuses_a_second_one(second):
    group, user = row_of(a_group(scope_of_instance())), a_user()
    second(group, user).save()

    with pytest.raises(IntegrityError), transaction.atomic():
        second(group, user).save()


@pytest.mark.django_db
def test_rows_say_what_they_are():
    group, user = row_of(a_group(scope_of_instance(), name="Pilot")), a_user()
    now = timezone.now()

    assert str(group) == "Pilot"
    assert str(group.scope) == "instance"
    assert str(Membership(user=user, group=group, joined_at=now)) == f"user {user.pk} in group {group.pk}"
    assert str(RefreshRun(group=group, requested=now)).startswith(f"refresh of group {group.pk} at ")
    assert str(Exclusion(user=user, group=group)) == f"user {user.pk} kept out of group {group.pk}"


@pytest.mark.parametrize("model", list(APP.get_models()))
def test_every_table_says_whether_it_holds_personal_data(model):
    assert ".. pii:" in model.__doc__ or ".. no_pii:" in model.__doc__
