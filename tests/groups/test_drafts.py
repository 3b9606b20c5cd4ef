"""Drafts: a changed rule waits until somebody has looked at what it would do."""

import attrs
import pytest
from django.core.cache import cache

from openedx_user_groups import api
from openedx_user_groups.criteria.registry import temporarily
from openedx_user_groups.exceptions import CriterionError, InvalidGroup, StaleRevision, WrongStatus
from openedx_user_groups.groups import revising
from openedx_user_groups.models import Announcement, GroupCollection, Membership, Revision
from openedx_user_groups.rules.tree import from_json
from openedx_user_groups.upkeep import rounds
from tests.by_api import (
    VERIFIED,
    Answer,
    Raises,
    a_group,
    edited,
    in_mode,
    leaf,
    member_ids,
    refreshed,
    row_of,
    statements,
    writes,
)
from tests.factories import a_learner, scope_of_instance

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(course):
    return a_learner(course, "verified").pk


@pytest.fixture
def ben(course):
    return a_learner(course, "audit").pk


@pytest.fixture
def group(scope, ana, ben):
    made = a_group(scope, VERIFIED)
    refreshed(made)
    return made


@pytest.fixture
def draft(group):
    return api.update_group(group.uuid, revision=1, rule=in_mode("audit"))


def rule_of(group):
    """The rule of being in a group of a wider scope, as somebody who sees that may write it."""
    return from_json({"all": [leaf("group_member", "in", groups=[str(group.uuid)])]})


def states(group):
    rows = Revision.objects.filter(group__uuid=group.uuid).order_by("number")
    return list(rows.values_list("number", "state"))


def test_members_stay_while_a_changed_rule_waits(group, draft, ana):
    assert (draft.revision, draft.draft_revision) == (1, 2)
    assert (draft.rule, draft.draft_rule) == (VERIFIED, in_mode("audit"))
    assert "audit" in draft.draft_rule_text

    refreshed(group)

    assert member_ids(group) == {ana}
    assert states(group) == [(1, "in_force"), (2, "draft")]


def test_activating_its_number_puts_it_in_force(group, draft, ben):
    now = api.activate_group(group.uuid, revision=2)

    assert (now.rule, now.revision, now.draft_revision, now.would_hold) == (in_mode("audit"), 2, None, None)
    refreshed(group)
    assert member_ids(group) == {ben}
    assert states(group) == [(1, "in_force"), (2, "in_force")]


@pytest.mark.parametrize("revision", [1, 3, 0])
def test_a_number_that_is_not_the_newest_activates_nothing(group, draft, revision):
    with pytest.raises(StaleRevision):
        api.activate_group(group.uuid, revision=revision)
    assert api.get_group(group.uuid).rule == VERIFIED


def test_going_on_after_a_pause_leaves_the_draft_waiting(group, draft):
    api.pause_group(group.uuid)

    now = api.activate_group(group.uuid)

    assert (now.status, now.rule, now.draft_revision) == ("active", VERIFIED, 2)


def test_the_rule_of_a_paused_group_waits_as_well(group):
    api.pause_group(group.uuid)

    draft = api.update_group(group.uuid, revision=1, rule=in_mode("audit"))

    assert (draft.status, draft.rule, draft.draft_revision) == ("paused", VERIFIED, 2)
    assert api.activate_group(group.uuid, revision=2).rule == in_mode("audit")


def test_a_static_group_gets_a_rule_when_that_is_activated(scope, ana):
    group = a_group(scope)
    api.add_members(group.uuid, [ana])

    draft = api.update_group(group.uuid, revision=1, rule=in_mode("audit"))
    assert (draft.is_dynamic, draft.draft_rule) == (False, in_mode("audit"))

    assert api.activate_group(group.uuid, revision=2).is_dynamic
    refreshed(group)
    assert member_ids(group) == {ana}


def test_a_rule_that_is_taken_away_waits_too(group, ana):
    draft = api.update_group(group.uuid, revision=1, rule=None)
    assert (draft.is_dynamic, draft.draft_revision, draft.draft_rule) == (True, 2, None)
    assert set(Membership.objects.values_list("origin", flat=True)) == {"rule"}

    assert not api.activate_group(group.uuid, revision=2).is_dynamic
    assert set(Membership.objects.values_list("origin", flat=True)) == {"manual"}


def test_everything_else_is_in_force_at_once_and_the_draft_follows(group, draft):
    now = api.update_group(group.uuid, revision=2, name="Renamed", tags=["x"], removal_limit=10)

    assert (now.name, now.tags, now.removal_limit, now.rule) == ("Renamed", ("x",), 10, VERIFIED)
    assert (now.revision, now.draft_revision, now.draft_rule) == (3, 4, in_mode("audit"))
    assert states(group) == [(1, "in_force"), (2, "draft"), (3, "in_force"), (4, "draft")]
    definition = Revision.objects.get(number=4).definition
    assert (definition["name"], definition["rule"]) == ("Renamed", in_mode("audit"))


def test_an_edit_names_the_draft_that_it_starts_from(group, draft):
    with pytest.raises(StaleRevision):
        api.update_group(group.uuid, revision=1, rule=in_mode("honor"))

    again = api.update_group(group.uuid, revision=2, rule=in_mode("honor"))

    assert (again.draft_revision, again.draft_rule) == (3, in_mode("honor"))


def test_the_rule_in_force_once_more_is_no_draft(group, draft):
    now = api.update_group(group.uuid, revision=2, rule=VERIFIED)

    assert (now.revision, now.draft_revision, now.would_hold) == (3, None, None)


def test_it_is_discarded(group, draft):
    now = api.discard_draft(group.uuid)

    assert (now.revision, now.draft_revision, now.would_hold) == (1, None, None)
    assert api.update_group(group.uuid, revision=1, rule=in_mode("honor")).draft_revision == 3
    with pytest.raises(StaleRevision):
        api.activate_group(group.uuid, revision=2)


def test_none_but_the_one_that_is_named_is_discarded(group, draft):
    api.update_group(group.uuid, revision=2, rule=in_mode("honor"))

    with pytest.raises(StaleRevision):
        api.discard_draft(group.uuid, revision=2)
    assert api.discard_draft(group.uuid, revision=3).draft_revision is None


def test_without_one_there_is_nothing_to_discard_or_to_look_at(group):
    for act in (api.discard_draft, api.draft_effect, lambda uuid: list(api.draft_people(uuid, joins=True))):
        with pytest.raises(WrongStatus):
            act(group.uuid)


def test_a_draft_that_only_waits_disturbs_no_refresh_and_is_told_to_nobody(group):
    Announcement.objects.all().delete()

    api.update_group(group.uuid, revision=1, rule=in_mode("audit"))

    assert row_of(group).revision == 1
    assert not Announcement.objects.exists()


def test_it_says_who_would_join_and_who_would_leave(group, draft, ana, ben):
    effect = api.draft_effect(group.uuid)

    assert (effect.revision, effect.joining, effect.leaving, effect.would_hold) == (2, 1, 1, 1)
    assert set(api.draft_people(group.uuid, joins=True).values_list("pk", flat=True)) == {ben}
    assert set(api.draft_people(group.uuid, joins=False).values_list("pk", flat=True)) == {ana}
    assert member_ids(group) == {ana}


def test_a_group_that_was_never_active_is_a_draft_as_a_whole(scope, ana, ben):
    group = api.create_group(scope, name="New", rule=in_mode("audit", "verified"))

    assert (group.status, group.would_hold) == ("draft", 2)
    assert api.draft_effect(group.uuid).joining == 2
    assert api.update_group(group.uuid, revision=1, rule=VERIFIED).would_hold == 1


def test_of_its_collection_it_names_the_other_groups_that_change(scope, ana, ben):
    collection = api.create_collection(scope, name="Tracks").uuid
    first = a_group(scope, in_mode("honor"), collection=collection)
    second = a_group(scope, VERIFIED, collection=collection)
    refreshed(second)
    api.update_group(first.uuid, revision=1, rule=VERIFIED)

    effect = api.draft_effect(first.uuid)

    assert (effect.joining, effect.leaving, effect.would_hold) == (1, 0, 1)
    (other,) = effect.others
    assert (other.group_uuid, other.joining, other.leaving, other.would_hold) == (second.uuid, 0, 1, 0)


def test_looking_at_it_writes_nothing(group, draft):
    with statements() as sent:
        api.draft_effect(group.uuid)
        list(api.draft_people(group.uuid, joins=True))

    assert not writes(sent)


def test_what_cannot_be_evaluated_is_kept_without_a_number(scope):
    with temporarily(test__raises=Raises):
        group = a_group(scope, VERIFIED)
        draft = api.update_group(group.uuid, revision=1, rule={"all": [leaf("test.raises", "in")]})

        assert (draft.draft_revision, draft.would_hold) == (2, None)
        with pytest.raises(CriterionError):
            api.draft_effect(group.uuid)


def test_a_draft_built_on_its_own_group_is_refused_when_it_is_written_and_when_it_is_activated(scope):
    first, second = a_group(scope, VERIFIED, name="First"), a_group(scope, VERIFIED, name="Second")

    def on(group):
        return {"all": [leaf("group_member", "in", groups=[str(group.uuid)])]}

    with pytest.raises(InvalidGroup, match="First"):
        api.update_group(first.uuid, revision=1, rule=on(first))
    # Either alone makes no cycle.
    api.update_group(first.uuid, revision=1, rule=on(second))
    edited(second, rule=on(first))

    with pytest.raises(InvalidGroup, match="Second"):
        api.activate_group(first.uuid, revision=2)
    assert api.get_group(first.uuid).rule == VERIFIED


def test_of_why_it_is_refused_one_is_told_what_one_may_see(scope):
    class Here:
        def sees(self, asked):
            return asked == scope

        def has(self, permission, asked):
            return True

    def on(group):
        return {"all": [leaf("group_member", "in", groups=[str(group.uuid)])]}

    first, second = a_group(scope, VERIFIED, name="First"), a_group(scope, VERIFIED, name="Second")
    api.update_group(first.uuid, revision=1, rule=on(second))
    secret = a_group(scope_of_instance(), on(first), name="Secret")
    group = row_of(second)
    revising.put_in_force(group, attrs.evolve(revising.content_of(group), rule=rule_of(secret)), None)

    with pytest.raises(InvalidGroup, match="a group that you may not see") as refused:
        api.activate_group(first.uuid, revision=2, asker=Here())

    assert "Secret" not in refused.value.message


def test_what_it_would_hold_is_counted_again_every_hour(course, group, draft, ben):
    cache.delete("openedx_user_groups.drafts_counted")
    assert draft.would_hold == 1
    cem = a_learner(course, "audit").pk

    rounds.do_all_but_refreshes()

    assert api.get_group(group.uuid).would_hold == 2
    a_learner(course, "audit")
    rounds.do_all_but_refreshes()
    assert api.get_group(group.uuid).would_hold == 2, "not with every look at what is due"
    api.activate_group(group.uuid, revision=draft.draft_revision)
    refreshed(group)
    assert {ben, cem} < member_ids(group)


def test_so_it_is_of_groups_that_were_never_active_and_of_none_that_cannot_be_evaluated_any_more(scope, ana):
    cache.delete("openedx_user_groups.drafts_counted")
    new = api.create_group(scope, name="New", rule=VERIFIED)
    with temporarily(test__answer=Answer):
        gone = api.create_group(scope, name="Gone", rule={"all": [leaf("test.answer", "in", ids=[ana])]})
    assert (new.would_hold, gone.would_hold) == (1, 1)

    rounds.do_all_but_refreshes()

    assert [api.get_group(each.uuid).would_hold for each in (new, gone)] == [1, None]


@pytest.mark.parametrize("act", [api.pause_group, api.archive_group])
def test_a_group_that_is_put_away_and_taken_up_again_still_says_what_its_draft_would_hold(group, draft, ana, act):
    act(group.uuid)
    api.activate_group(group.uuid)

    now = api.get_group(group.uuid)
    assert (now.draft_revision, now.would_hold, now.rule) == (draft.draft_revision, 1, VERIFIED)
    refreshed(group)
    assert member_ids(group) == {ana}


def test_moved_to_another_collection_it_waits_as_before(scope, group, draft, ana):
    collection = api.create_collection(scope, name="Tracks")

    api.move_group(group.uuid, collection=collection.uuid)
    refreshed(group)

    now = api.get_group(group.uuid)
    assert (now.rule, now.draft_rule) == (VERIFIED, in_mode("audit"))
    assert member_ids(group) == {ana}


def test_a_rule_does_not_come_into_force_where_rules_do_not_decide(scope):
    collection = api.create_collection(scope, name="Topics")
    group = a_group(scope, collection=collection.uuid)
    draft = api.update_group(group.uuid, revision=1, rule=VERIFIED)
    GroupCollection.objects.filter(uuid=collection.uuid).update(kind="self")

    with pytest.raises(InvalidGroup, match="not decided by rules"):
        api.activate_group(group.uuid, revision=draft.draft_revision)

    assert api.get_group(group.uuid).rule is None


def test_in_another_order_it_waits_as_before(scope, ana):
    collection = api.create_collection(scope, name="Tracks")
    first, second = (a_group(scope, VERIFIED, collection=collection.uuid) for _ in range(2))
    api.update_group(second.uuid, revision=1, rule=in_mode("audit"))

    api.order_collection(collection.uuid, [second.uuid, first.uuid])
    refreshed(first)

    assert (member_ids(second), api.get_group(second.uuid).rule) == ({ana}, VERIFIED)


def test_why_it_failed_is_no_longer_told_when_another_rule_has_come_into_force(scope, ana):
    with temporarily(test__answer=Answer):
        group = a_group(scope, {"all": [leaf("test.answer", "in", ids=[ana])]})
    refreshed(group)
    broken = api.get_group(group.uuid)
    assert (broken.health, "test.answer" in broken.health_reason) == ("broken", True)

    api.update_group(group.uuid, revision=1, rule=VERIFIED)
    assert "test.answer" in api.get_group(group.uuid).health_reason
    now = api.activate_group(group.uuid, revision=2)

    assert now.health == "broken"
    assert now.health_reason == "It failed by another rule than it has now; the next refresh says more."
