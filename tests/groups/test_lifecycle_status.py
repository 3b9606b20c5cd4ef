"""The status of groups: what each allows, and what is left of a group that is deleted."""

import pytest

from openedx_user_groups import api
from openedx_user_groups.exceptions import GroupNotFound, WrongStatus
from openedx_user_groups.groups import deleting
from openedx_user_groups.models import PastMembership, UserGroup
from openedx_user_groups.upkeep import rounds
from tests.by_api import (
    VERIFIED,
    a_group,
    many_learners,
    member_ids,
    refreshed,
    row_of,
    statements,
    writes,
)
from tests.factories import a_learner
from tests.soundness import killed

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("status", "possible"),
    [
        ("draft", {"active", "archived"}),
        ("active", {"paused", "archived"}),
        ("paused", {"active", "archived"}),
        ("archived", {"active", "paused"}),
    ],
)
def test_from_each_status_a_group_gets_to_some_others(scope, status, possible):
    acts = {"active": api.activate_group, "paused": api.pause_group, "archived": api.archive_group}
    for target, act in acts.items():
        group = api.create_group(scope, name=f"to {target}", rule=VERIFIED)
        UserGroup.objects.filter(uuid=group.uuid).update(status=status)
        if target in possible | {status}:
            assert act(group.uuid).status == target
        else:
            with pytest.raises(WrongStatus):
                act(group.uuid)
            assert row_of(group).status == status


def test_an_archived_group_cannot_be_edited(scope):
    group = a_group(scope, VERIFIED)
    api.archive_group(group.uuid)

    with pytest.raises(WrongStatus):
        api.update_group(group.uuid, revision=1, name="B")


def test_pausing_and_archiving_keep_the_members(course, scope):
    ana = a_learner(course, "verified")
    group = a_group(scope, VERIFIED)
    refreshed(group)

    for act in (api.pause_group, api.archive_group):
        act(group.uuid)
        assert member_ids(group) == {ana.pk}


def test_a_deleted_group_is_a_tombstone_with_a_history(course, scope):
    ana = a_learner(course, "verified")
    group = a_group(scope, VERIFIED, name="Verified")
    refreshed(group)

    api.delete_group(group.uuid)

    row = row_of(group)
    assert (row.status, row.name, row.name_key, row.member_count) == ("deleted", "Verified", None, 0)
    assert list(PastMembership.objects.values_list("user", "group", "origin")) == [(ana.pk, row.pk, "rule")]
    with pytest.raises(GroupNotFound):
        api.get_group(group.uuid)
    assert not api.groups_of_user(ana.pk).exists()
    api.delete_group(group.uuid)


def test_a_deletion_that_was_stopped_goes_on_with_the_schedule(course, scope, monkeypatch):
    monkeypatch.setattr(deleting, "SIZE", 2)
    learners = many_learners(course, 5)
    group = a_group(scope)
    api.add_members(group.uuid, learners)
    killed(lambda: api.delete_group(group.uuid), "DELETE FROM openedx_user_groups_membership", 2)
    assert row_of(group).memberships.count() == 3

    rounds.do_all_but_refreshes()

    assert not row_of(group).memberships.exists()
    assert (row_of(group).member_count, PastMembership.objects.count()) == (0, 5)


def test_a_large_group_is_ended_in_batches(course, scope):
    group = a_group(scope, VERIFIED)
    many_learners(course, 5_001)
    refreshed(group)

    with statements() as sent:
        api.delete_group(group.uuid)

    assert PastMembership.objects.count() == 5_001
    assert not row_of(group).memberships.exists()
    locks = [sql for sql in sent if "lease_token" in sql and sql.startswith("SELECT") and "WHERE" in sql]
    assert len(locks) >= 3
    assert writes(sent, "membership")
