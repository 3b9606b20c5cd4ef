"""Nesting: groups built on groups, never on themselves, refreshed after what they are built on."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from openedx_user_groups import api
from openedx_user_groups.evaluation import nesting, uses
from openedx_user_groups.exceptions import GroupInUse, InvalidGroup, WrongStatus
from openedx_user_groups.groups.rule_reader import parse
from openedx_user_groups.models import Change, GroupCollection, Membership, UserGroup
from openedx_user_groups.upkeep import drain, rounds
from tests.by_api import VERIFIED, a_group, edited, in_mode, leaf, member_ids, origins, refreshed, row_of
from tests.factories import a_course, a_user, scope_of_course, scope_of_instance
from tests.happenings import enrolls, unenrolls
from tests.soundness import assert_sound

pytestmark = pytest.mark.django_db


def on(*groups):
    return {"all": [leaf("group_member", "in", groups=[str(getattr(group, "uuid", group)) for group in groups])]}


def called(**config):
    return {"any": [leaf("group_field", "starts_with", **config)]}


def subdivided(scope, group, name="Teams"):
    """A collection under a group."""
    collection = api.create_collection(scope, name=name)
    GroupCollection.objects.filter(uuid=collection.uuid).update(parent_group=row_of(group))
    return collection


def names(ids):
    return sorted(UserGroup.objects.filter(pk__in=ids).values_list("name", flat=True))


def refused(group, rule):
    with pytest.raises(InvalidGroup) as error:
        nesting.refuse_cycle(row_of(group), parse(rule, group.scope))
    return error.value.message


def test_a_group_is_built_on_those_that_its_rule_names(scope):
    base, other = a_group(scope, VERIFIED, name="Base"), a_group(scope, name="Other")
    a_group(scope, on(base), name="Above")

    assert names(nesting.built_on([row_of(base).pk])) == ["Above"]
    assert nesting.used([row_of(other).pk, row_of(base).pk]) == [row_of(base).pk]
    assert nesting.built_on([]) == set()


def test_everybody_else_is_built_on_all_groups_of_the_collection(scope):
    collection = api.create_collection(scope, name="Tracks")
    first = a_group(scope, collection=collection.uuid)
    a_group(scope, on(collection.rest_uuid), name="The rest")

    assert names(nesting.built_on([row_of(first).pk])) == ["The rest"]


def test_by_how_groups_are_called(scope):
    tagged, named = a_group(scope, tags=["pilot"]), a_group(scope, name="Tutorial 1")
    a_group(scope, called(field="tag", value="pil"), name="By tag")
    a_group(scope, called(field="name", value="Tutorial"), name="By name")

    assert names(nesting.built_on([row_of(tagged).pk])) == ["By tag"]
    assert names(nesting.built_on([row_of(named).pk])) == ["By name"]


def test_groups_of_a_collection_under_a_group_are_built_on_it(scope):
    group = a_group(scope, name="Class")
    a_group(scope, name="Team", collection=subdivided(scope, group).uuid)

    assert names(nesting.built_on([row_of(group).pk])) == ["Team"]


def test_what_is_archived_or_deleted_is_built_on_nothing(scope):
    base = a_group(scope)
    api.archive_group(a_group(scope, on(base)).uuid)
    api.delete_group(a_group(scope, on(base)).uuid)

    assert nesting.used([row_of(base).pk]) == []


def test_a_group_without_a_criterion_about_groups_is_found_without_its_rule(scope, django_assert_max_num_queries):
    groups = [row_of(a_group(scope, VERIFIED)).pk for _ in range(5)]

    with django_assert_max_num_queries(3):
        assert nesting.used(groups) == []


def test_what_is_built_on_groups_in_many_courses_is_found_as_quickly_as_in_one(scope):
    base = a_group(scope, VERIFIED)
    a_group(scope, on(base))
    asked = [row_of(base).pk]
    with CaptureQueriesContext(connection) as one:
        nesting.used(asked)

    for number in range(5):
        elsewhere = scope_of_course(a_course(f"course-v1:Acme+More+{number}"))
        a_group(elsewhere, on(a_group(elsewhere, VERIFIED)))
    with CaptureQueriesContext(connection) as many:
        assert nesting.used(asked) == asked

    assert len(many) == len(one)


def test_a_group_cannot_be_built_on_itself(scope):
    group = a_group(scope, VERIFIED, name="Ouroboros")

    assert refused(group, on(group)) == (
        f"rule: The group would be built on itself: “Ouroboros” of {scope.key} → “Ouroboros” of {scope.key}."
    )


def test_a_cycle_is_refused_with_its_chain(scope):
    a = a_group(scope, VERIFIED, name="A")
    b = a_group(scope, on(a), name="B")
    c = a_group(scope, on(b), name="C")
    chain = " → ".join(f"“{name}” of {scope.key}" for name in "ACBA")

    assert refused(a, on(c)) == f"rule: The group would be built on itself: {chain}."


def test_a_cycle_by_a_name_or_through_everybody_else_is_one_too(scope):
    a = a_group(scope, VERIFIED, name="Tutorial A")
    b = a_group(scope, called(field="name", value="Tutorial"), name="B")
    rest = api.get_collection(b.collection_uuid).rest_uuid

    assert "built on itself" in refused(a, called(field="name", value="Tut"))
    assert "built on itself" in refused(a, on(rest))


def test_a_team_cannot_be_what_its_class_is_built_on(scope):
    group = a_group(scope, VERIFIED, name="Class")
    team = a_group(scope, name="Team", collection=subdivided(scope, group).uuid)

    assert "“Team”" in refused(group, on(team))


def test_groups_that_exclude_each_other_are_not_built_on_each_other(scope):
    collection = api.create_collection(scope, name="Exclusive")
    a, b = (a_group(scope, VERIFIED, name=name, collection=collection.uuid) for name in "AB")
    outside = a_group(scope, on(b), name="C")
    chain = [f"“{name}” of {scope.key}" for name in "ACB"]

    assert refused(a, on(b)) == (
        f"rule: Groups that exclude each other cannot be built on each other: {chain[0]} → {chain[2]}."
    )
    # Whoever is taken out of B is no longer in C, and so no longer in A.
    assert refused(a, on(outside)).endswith(f": {' → '.join(chain)}.")
    assert api.get_group(a.uuid).revision == 1


def test_nor_are_they_brought_together(scope):
    collection = api.create_collection(scope, name="Exclusive")
    base = a_group(scope)
    a_group(scope, on(base), collection=collection.uuid)

    with pytest.raises(InvalidGroup, match="exclude each other"):
        api.move_group(base.uuid, collection=collection.uuid)
    assert api.get_group(base.uuid).collection_uuid != collection.uuid


def test_a_diamond_is_no_cycle(scope):
    top = a_group(scope, VERIFIED)
    left, right = a_group(scope, on(top)), a_group(scope, on(top))
    bottom = a_group(scope, on(left, right))

    nesting.refuse_cycle(row_of(bottom), parse(on(left, right, top), scope))


def test_of_a_chain_one_is_told_what_one_may_see(scope):
    class Here:
        def sees(self, asked):
            return asked == scope

        def has(self, permission, asked):
            return True

    group = a_group(scope, VERIFIED, name="Here")
    a_group(scope_of_instance(), on(group), name="Secret")

    assert uses.uses_of(row_of(group), Here()) == ["a group that you may not see"]
    assert uses.uses_of(row_of(group)) == ["“Secret” of instance"]


def test_what_others_are_built_on_cannot_go(scope):
    group = a_group(scope, name="Base")
    a_group(scope, on(group), name="Above")
    subdivided(scope, group, name="Teams")

    with pytest.raises(GroupInUse) as refused:
        uses.check_unused(row_of(group))

    assert refused.value.uses == (f"“Above” of {scope.key}", "the collection “Teams”")
    assert "Change or delete them first" in refused.value.message
    uses.check_unused(row_of(a_group(scope)))


def test_parents_come_first_and_otherwise_the_order_stays(scope):
    a, b, c, d = (a_group(scope, VERIFIED, name=name) for name in "ABCD")
    for group, rule in ((a, on(c)), (c, on(d))):
        edited(group, rule=rule)
    rows = [row_of(group) for group in (a, b, c, d)]

    assert [row.name for row in nesting.parents_first(rows)] == ["B", "D", "C", "A"]


def test_a_group_that_is_used_is_neither_archived_nor_deleted_nor_emptied(scope):
    group = a_group(scope, name="Base")
    above = a_group(scope, on(group), name="Above")

    for act in (api.archive_group, api.delete_group):
        with pytest.raises(GroupInUse) as refused:
            act(group.uuid)
        assert refused.value.uses == (f"“Above” of {scope.key}",)
    assert api.get_group(group.uuid).status == "active"

    api.archive_group(above.uuid)
    api.delete_group(group.uuid)


@pytest.mark.parametrize("put_away", [api.archive_group, api.delete_group])
def test_what_a_collection_subdivides_stays_also_when_its_groups_are_put_away(scope, put_away):
    top = a_group(scope, name="Class")
    teams = api.create_collection(scope, name="Teams", parent_group=top.uuid)
    put_away(a_group(scope, collection=teams.uuid).uuid)

    for act in (api.archive_group, api.delete_group):
        with pytest.raises(GroupInUse) as refused:
            act(top.uuid)
        assert refused.value.uses == ("the collection “Teams”",)

    api.dissolve_collection(teams.uuid)
    api.delete_group(top.uuid)


def test_a_subdivision_of_what_is_put_away_is_not_taken_up_again(scope):
    top = a_group(scope, name="Class")
    teams = api.create_collection(scope, name="Teams", parent_group=top.uuid)
    team = a_group(scope, VERIFIED, collection=teams.uuid)
    api.dissolve_collection(teams.uuid)
    api.archive_group(team.uuid)
    api.archive_group(top.uuid)

    with pytest.raises(WrongStatus, match="“Class”, which is archived"):
        api.activate_group(team.uuid)

    api.activate_group(top.uuid)
    api.activate_group(team.uuid)


def test_a_cycle_through_a_collection_under_a_group_is_refused_from_both_ends(scope):
    top = a_group(scope, VERIFIED, name="Class")
    teams = api.create_collection(scope, name="Teams", parent_group=top.uuid)
    team = a_group(scope, VERIFIED, name="Team", collection=teams.uuid)
    outside = a_group(scope, on(team), name="Outside")

    with pytest.raises(InvalidGroup) as refused:
        edited(top, rule=on(outside))

    assert "“Class” of " in refused.value.message
    assert "“Team” of " in refused.value.message
    assert "“Outside” of " in refused.value.message


class TestCascades:
    """A class with teams, one of which has desks: three floors, each a subdivision of the one below."""

    @pytest.fixture
    def floors(self, scope):
        klass = a_group(scope, VERIFIED, name="Class")
        teams = api.create_collection(scope, name="Teams", parent_group=klass.uuid)
        team = a_group(scope, in_mode("verified", "audit"), name="Team", collection=teams.uuid)
        desks = api.create_collection(scope, name="Desks", parent_group=team.uuid, kind="random")
        return klass, team, [a_group(scope, name=name, collection=desks.uuid) for name in ("Left", "Right")]

    def desk_of(self, floors):
        return [member_ids(desk) for desk in floors[2]]

    def test_who_comes_reaches_the_top_floor_in_one_drain(self, course, floors):
        learner = a_user()
        enrolls(learner, course, "verified")

        drain.drain()

        assert member_ids(floors[0]) == member_ids(floors[1]) == {learner.pk}
        assert set().union(*self.desk_of(floors)) == {learner.pk}
        assert not Change.objects.exists()
        assert_sound()

    def test_and_whoever_goes_leaves_all_of_them(self, course, floors):
        learner = a_user()
        enrolls(learner, course, "verified")
        drain.drain()
        where = self.desk_of(floors)

        enrolls(learner, course, "audit")
        drain.drain()
        assert not Membership.objects.exists()

        enrolls(learner, course, "verified")
        drain.drain()
        assert self.desk_of(floors) == where
        assert_sound()

    def test_a_refresh_of_the_ground_floor_does_the_same(self, course, floors):
        learner = a_user()
        enrolls(learner, course, "verified")
        Change.objects.all().delete()

        refreshed(floors[0])
        drain.drain()

        assert set().union(*self.desk_of(floors)) == {learner.pk}

    def test_so_does_what_is_due(self, course, floors):
        learner = a_user()
        enrolls(learner, course, "verified")
        Change.objects.all().delete()

        for group in rounds.do_all_but_refreshes():
            api.refresh(group.uuid)
        drain.drain()

        assert set().union(*self.desk_of(floors)) == {learner.pk}

    @pytest.mark.parametrize("kind", ["rules", "self", "random"])
    def test_however_they_came_into_a_group_of_the_floor_above_they_leave_it(self, course, scope, kind):
        klass = a_group(scope, VERIFIED)
        teams = api.create_collection(scope, name="Teams", kind=kind, parent_group=klass.uuid)
        team = a_group(scope, collection=teams.uuid)
        learner = a_user()
        enrolls(learner, course, "verified")
        drain.drain()
        if kind == "rules":
            api.add_members(team.uuid, [learner.pk])
        elif kind == "self":
            api.join_group(team.uuid, learner.pk)
        assert list(origins(team)) == [learner.pk]

        enrolls(learner, course, "audit")
        drain.drain()

        assert origins(team) == {}
        assert api.get_group(team.uuid).member_count == 0

    def test_who_is_dormant_on_one_floor_is_so_on_those_above_and_wakes_with_it(self, course, scope):
        klass = a_group(scope)
        teams = api.create_collection(scope, name="Teams", parent_group=klass.uuid)
        team = a_group(scope, collection=teams.uuid)
        learner = a_user()
        enrolls(learner, course)
        for group in (klass, team):
            api.add_members(group.uuid, [learner.pk])

        unenrolls(learner, course)
        drain.drain()
        assert member_ids(klass) == member_ids(team) == set()
        assert origins(team) == {learner.pk: "manual"}

        enrolls(learner, course)
        drain.drain()
        assert member_ids(klass) == member_ids(team) == {learner.pk}

    def test_a_diamond_gives_one_row(self, course, scope):
        bottom = a_group(scope, VERIFIED)
        left, right = a_group(scope, on(bottom)), a_group(scope, on(bottom))
        top = a_group(scope, on(left, right))
        learner = a_user()
        enrolls(learner, course, "verified")

        drain.drain()
        assert origins(top) == {learner.pk: "rule"}
        assert Membership.objects.count() == 4

        enrolls(learner, course, "audit")
        drain.drain()
        assert not Membership.objects.exists()

    def test_a_chain_of_any_length_comes_to_rest_in_one_drain(self, course, scope):
        chain = [a_group(scope, VERIFIED)]
        for _ in range(6):
            chain.append(a_group(scope, on(chain[-1])))
        learner = a_user()
        enrolls(learner, course, "verified")

        drain.drain()

        assert all(member_ids(group) == {learner.pk} for group in chain)

    def test_so_does_what_is_built_on_a_group_that_the_drain_refreshes(self, course, scope):
        base = a_group(scope, VERIFIED)
        above = a_group(scope, on(base))
        top = a_group(scope, on(above))
        learner = a_user()
        enrolls(learner, course, "verified")
        Change.objects.all().delete()
        api.request_refresh(base.uuid)

        drain.drain()

        assert member_ids(base) == member_ids(above) == member_ids(top) == {learner.pk}
        assert not Change.objects.exists()
