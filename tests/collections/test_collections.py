"""Collections: made, named, put in order and dissolved."""

import pytest

from openedx_user_groups import api
from openedx_user_groups.collections import moving
from openedx_user_groups.exceptions import (
    CollectionNotFound,
    DuplicateName,
    GroupInUse,
    GroupNotFound,
    InvalidGroup,
    StaleRevision,
    WrongStatus,
)
from openedx_user_groups.models import Membership, PastMembership, RefreshRun
from openedx_user_groups.upkeep import drain
from tests.by_api import VERIFIED, a_group, in_mode, leaf, many_learners, member_ids, refreshed, row_of, uuids
from tests.factories import a_learner, scope_of_instance
from tests.soundness import BATCH, assert_sound, killed

pytestmark = pytest.mark.django_db


@pytest.fixture
def tracks(scope):
    return api.create_collection(scope, name="Tracks", rest_name="No track")


@pytest.fixture
def two(scope, tracks):
    """Two groups of the collection that want the same people, the first of them by priority."""
    return [a_group(scope, rule, collection=tracks.uuid) for rule in (VERIFIED, in_mode("verified", "audit"))]


@pytest.mark.parametrize("kind", ["rules", "random", "self"])
def test_a_collection_is_of_a_kind(scope, kind):
    made = api.create_collection(scope, name="Teams", kind=kind)

    assert api.get_collection(made.uuid) == made
    assert (made.kind, made.generator, made.is_implicit, made.group_uuids) == (kind, None, False, ())


def test_it_subdivides_a_group_of_its_scope(scope):
    group = a_group(scope)

    assert api.create_collection(scope, name="Teams", parent_group=group.uuid).parent_group_uuid == group.uuid
    with pytest.raises(InvalidGroup):
        api.create_collection(scope_of_instance(), name="Teams", parent_group=group.uuid)
    with pytest.raises(GroupNotFound):
        api.create_collection(scope, name="Other teams", parent_group="nonsense")


@pytest.mark.parametrize("kind", ["generated", "nonsense", ""])
def test_of_another_kind_it_is_refused(scope, kind):
    with pytest.raises(InvalidGroup) as refused:
        api.create_collection(scope, name="Teams", kind=kind)

    assert refused.value.field == "kind"


def test_it_does_not_subdivide_what_is_put_away(scope):
    group = a_group(scope)
    api.archive_group(group.uuid)

    with pytest.raises(InvalidGroup) as refused:
        api.create_collection(scope, name="Teams", parent_group=group.uuid)

    assert refused.value.field == "parent_group"


@pytest.mark.parametrize("kind", ["random", "self"])
def test_groups_of_chance_and_of_choice_have_no_rules(scope, kind):
    collection = api.create_collection(scope, name="Teams", kind=kind)
    group = a_group(scope, collection=collection.uuid)

    with pytest.raises(InvalidGroup) as refused:
        api.create_group(scope, name="By rule", rule=VERIFIED, collection=collection.uuid)
    assert refused.value.field == "rule"
    with pytest.raises(InvalidGroup):
        api.update_group(group.uuid, revision=1, rule=VERIFIED)


def test_it_is_called_otherwise(scope, tracks):
    renamed = api.rename_collection(tracks.uuid, name=" Paths ", rest_name="")

    assert (renamed.name, renamed.rest_name) == ("Paths", "")
    assert api.get_collection(tracks.uuid) == renamed
    assert api.create_collection(scope, name="Tracks")
    with pytest.raises(DuplicateName):
        api.rename_collection(tracks.uuid, name="TRACKS")
    with pytest.raises(InvalidGroup):
        api.rename_collection(tracks.uuid, name=" ")
    assert api.get_collection(tracks.uuid) == renamed


def test_one_that_was_made_for_a_single_group_is_not_changed_by_itself(scope):
    group = a_group(scope)

    with pytest.raises(WrongStatus):
        api.rename_collection(group.collection_uuid, name="Mine")
    with pytest.raises(WrongStatus):
        api.dissolve_collection(group.collection_uuid)


def test_it_goes_with_its_group(scope):
    group = a_group(scope)
    api.delete_group(group.uuid)

    with pytest.raises(CollectionNotFound):
        api.get_collection(group.collection_uuid)


def test_the_first_group_that_matches_counts(course, tracks, two):
    first, second = two
    learner = a_learner(course, "verified")
    refreshed(first)
    assert (member_ids(first), member_ids(second)) == ({learner.pk}, set())

    ordered = api.order_collection(tracks.uuid, [second.uuid, first.uuid])

    assert ordered.group_uuids == (second.uuid, first.uuid)
    drain.drain()
    assert (member_ids(first), member_ids(second)) == (set(), {learner.pk})
    assert api.get_group(first.uuid).revision == first.revision
    run = RefreshRun.objects.filter(group=row_of(first), finished__isnull=False).latest("requested")
    assert run.lost_claims == 1
    assert ["order"] in RefreshRun.objects.values_list("causes", flat=True)
    (told,) = api.explain(first.uuid, [learner.pk])
    assert told.held_by == second.uuid


def test_every_group_is_named_once(scope, tracks, two):
    first, second = uuids(two)
    outsider = a_group(scope).uuid

    for wrong in ([], [first], [first, first], [first, second, first], [first, second, outsider], [first, outsider]):
        with pytest.raises(InvalidGroup) as refused:
            api.order_collection(tracks.uuid, wrong)
        assert refused.value.field == "groups"
    assert api.get_collection(tracks.uuid).group_uuids == (first, second)


def test_a_deleted_group_has_no_place(tracks, two):
    first, second = two
    api.delete_group(first.uuid)

    assert api.order_collection(tracks.uuid, [second.uuid]).group_uuids == (second.uuid,)


def test_an_order_that_was_made_of_another_one_is_refused(scope, tracks, two):
    first, second = uuids(two)
    api.order_collection(tracks.uuid, [second, first], was=[first, second])

    with pytest.raises(StaleRevision):
        api.order_collection(tracks.uuid, [first, second], was=[first, second])
    third = a_group(scope, collection=tracks.uuid).uuid
    with pytest.raises(StaleRevision):
        api.order_collection(tracks.uuid, [first, second], was=[second, first])

    assert api.get_collection(tracks.uuid).group_uuids == (second, first, third)


def test_asked_twice_for_an_order_it_is_put_so_once(tracks, two):
    first, second = uuids(two)
    for _ in range(2):
        api.order_collection(tracks.uuid, [second, first], was=[first, second])

    assert api.get_collection(tracks.uuid).group_uuids == (second, first)
    assert ["order"] in RefreshRun.objects.values_list("causes", flat=True)


def test_a_refresh_that_runs_writes_nothing_of_the_old_order(course, tracks, two):
    first, second = two
    learner = a_learner(course, "verified")

    def reorder(done, total):
        if not done and api.get_collection(tracks.uuid).group_uuids[0] == first.uuid:
            api.order_collection(tracks.uuid, [second.uuid, first.uuid])

    run = refreshed(first, progress=reorder)

    assert (run.outcome, run.joined) == ("superseded", 0)
    # What was asked for meanwhile is done before it ends.
    assert member_ids(second) == {learner.pk}


def test_dissolved_every_group_stands_alone_with_its_members(course, scope, tracks, two):
    verified, audit = a_learner(course, "verified"), a_learner(course)
    refreshed(two[0])

    api.dissolve_collection(tracks.uuid)

    with pytest.raises(CollectionNotFound):
        api.get_collection(tracks.uuid)
    homes = {api.get_collection(api.get_group(group.uuid).collection_uuid) for group in two}
    assert {(home.is_implicit, len(home.group_uuids)) for home in homes} == {(True, 1)}
    assert len(homes) == 2
    assert (member_ids(two[0]), member_ids(two[1])) == ({verified.pk}, {audit.pk})
    assert not PastMembership.objects.exists()
    assert_sound()
    drain.drain()
    assert member_ids(two[1]) == {verified.pk, audit.pk}
    # The name is free again, and the runs are still known.
    assert api.create_collection(scope, name="Tracks")
    assert api.runs_of(two[0].uuid).count() >= 2


def test_a_collection_whose_everybody_else_is_used_is_not_dissolved(scope, tracks, two):
    user = a_group(
        scope, {"all": [leaf("group_member", "not_in", groups=[str(tracks.rest_uuid).upper()])]}, name="User"
    )

    with pytest.raises(GroupInUse) as refused:
        api.dissolve_collection(tracks.uuid)

    assert "User" in refused.value.message
    assert len(api.get_collection(tracks.uuid).group_uuids) == 2
    api.delete_group(user.uuid)
    api.dissolve_collection(tracks.uuid)


@pytest.mark.parametrize("number", range(1, 5))
def test_dissolving_that_is_killed_goes_on_when_it_is_called_again(course, tracks, two, monkeypatch, number):
    monkeypatch.setattr(moving, "SIZE", 2)
    verified, audit = many_learners(course, 4), many_learners(course, 4, "audit")
    refreshed(two[0])

    killed(lambda: api.dissolve_collection(tracks.uuid), BATCH, number)

    rows = Membership.objects.all()
    assert rows.values("collection", "user").distinct().count() == rows.count() == 8
    api.dissolve_collection(tracks.uuid)
    assert (member_ids(two[0]), member_ids(two[1])) == (set(verified), set(audit))
    with pytest.raises(CollectionNotFound):
        api.get_collection(tracks.uuid)
    assert_sound()


def test_archived_groups_are_let_out_as_well(tracks, two):
    api.archive_group(two[0].uuid)

    api.dissolve_collection(tracks.uuid)

    assert api.get_group(two[0].uuid).status == "archived"
    assert api.get_group(two[0].uuid).collection_uuid != tracks.uuid
