"""Explanations: why people are in a group or not, node by node."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from openedx_user_groups import api
from openedx_user_groups.criteria import registry
from openedx_user_groups.criteria.base import Asking, Operator
from openedx_user_groups.data import ScopeData
from openedx_user_groups.evaluation import explanation
from openedx_user_groups.exceptions import GroupNotFound, InvalidInput
from tests.by_api import VERIFIED, Answer, Raises, a_group, leaf, many_learners, refreshed, row_of, statements, writes
from tests.examples import examples
from tests.factories import NOW, a_course, a_learner, a_user, enroll
from tests.plain import SCOPES, is_true
from tests.strategies import people, rules
from tests.world import rolled_back, save, save_courses

pytestmark = pytest.mark.django_db

NEVER_OR_LONG_AGO = leaf("last_login", "more_than_days_ago", days=10)


def nodes(group, person, **options):
    (explanation,) = api.explain(group.uuid, [person], **options)
    return {node.path: node for node in explanation.nodes}


def test_it_says_of_every_node_whether_it_is_true_and_what_the_user_has(course, scope) -> None:
    group = a_group(scope, {"all": [NEVER_OR_LONG_AGO, {"none": VERIFIED["all"]}]})
    ana = a_learner(course, "audit", last_login=timezone.now() - timedelta(days=3))

    found = nodes(group, ana.pk)

    assert list(found) == ["", "/all/0", "/all/1", "/all/1/none/0"]
    assert [node.truth for node in found.values()] == ["no", "no", "yes", "no"]
    assert [node.matches for node in found.values()] == [False, False, True, False]
    assert [node.text for node in found.values()] == [
        "all of these",
        "last logged in more than 10 days ago (or never)",
        "none of these",
        "enrollment track is verified",
    ]
    assert found["/all/1/none/0"].value == ["audit"]
    assert found["/all/0"].value == ana.last_login.isoformat()


def test_without_data_it_is_unknown_and_says_what_the_engine_makes_of_it(course, scope) -> None:
    group = a_group(scope, {"any": [NEVER_OR_LONG_AGO, leaf("last_login", "within_days", days=10)]})
    ana = a_learner(course, last_login=None)

    found = nodes(group, ana.pk)

    assert [(node.truth, node.matches) for node in found.values()] == [
        ("unknown", True),
        ("unknown", True),
        ("unknown", False),
    ]


def test_it_says_where_the_user_stands(course, scope) -> None:
    collection = api.create_collection(scope, name="Tracks")
    first = a_group(scope, VERIFIED, collection=collection.uuid)
    second = a_group(scope, VERIFIED, collection=collection.uuid)
    ana, ben, cem = a_learner(course, "verified"), a_learner(course, "verified"), a_learner(course, "verified")
    gone, stranger = a_learner(course, is_active=True), a_user()
    api.add_members(second.uuid, [ben.pk, gone.pk])
    gone.courseenrollment_set.update(is_active=False)
    refreshed(first)
    api.exclude(first.uuid, [cem.pk])

    asked = [ana.pk, ben.pk, cem.pk, gone.pk, stranger.pk]
    in_first, in_second = api.explain(first.uuid, asked), api.explain(second.uuid, asked)

    assert [one.is_member for one in in_first] == [True, False, False, False, False]
    assert [one.origin for one in in_first] == ["rule", "", "", "", ""]
    assert [one.held_by for one in in_first] == [None, second.uuid, None, second.uuid, None]
    assert [one.is_excluded for one in in_first] == [False, False, True, False, False]
    assert [one.belongs for one in in_first] == [True, True, True, False, False]
    assert [one.is_member for one in in_second] == [False, True, False, False, False]
    assert [one.origin for one in in_second] == ["", "manual", "", "manual", ""]
    assert in_second[0].held_by == first.uuid


def test_who_was_in_until_yesterday_is_not_in(course, scope) -> None:
    group = a_group(scope)
    ana = a_learner(course)
    api.add_members(group.uuid, [ana.pk], expires_at=timezone.now() - timedelta(days=1))

    (found,) = api.explain(group.uuid, [ana.pk])

    assert (found.is_member, found.origin) == (False, "")


def test_a_static_group_has_no_nodes(course, scope) -> None:
    group = a_group(scope)
    ana = a_learner(course)
    api.add_members(group.uuid, [ana.pk])

    (found,) = api.explain(group.uuid, [ana.username])

    assert (found.person, found.user_id, found.is_member, found.nodes) == (ana.username, ana.pk, True, ())


def test_people_are_named_as_in_lists_and_answered_in_their_order(course, scope) -> None:
    group = a_group(scope, VERIFIED)
    ana = a_learner(course)

    found = api.explain(group.uuid, [ana.email, "nobody", ana.pk, ana.username.upper()])

    assert [one.user_id for one in found] == [ana.pk, None, ana.pk, ana.pk]
    assert found[1].detail == "There is no such account."
    assert found[1].nodes == ()


def test_discreetly_people_of_elsewhere_are_nobody(course, scope) -> None:
    group = a_group(scope, VERIFIED)
    ana, stranger, former, kept_out = a_learner(course), a_user(), a_user(), a_user()
    enroll(former, a_course("course-v1:Other+X+1"))
    api.exclude(group.uuid, [kept_out.pk])

    found = api.explain(group.uuid, [ana.pk, stranger.username, former.email, "nobody", kept_out.pk], discreet=True)

    assert [one.user_id for one in found] == [ana.pk, None, None, None, kept_out.pk]
    assert found[1].detail == found[2].detail == found[3].detail != ""
    assert found[1].nodes == ()


def test_a_criterion_that_cannot_be_asked_says_why_and_the_others_are_answered(course, scope) -> None:
    ana = a_learner(course, "verified")

    class Gone(Answer):
        """The criterion of a plugin that will be gone."""

    with registry.temporarily(test__raises=Answer, test__gone=Gone):
        group = a_group(scope, {"any": [leaf("test.raises", "in"), leaf("test.gone", "in"), *VERIFIED["all"]]})
    with registry.temporarily(test__raises=Raises):
        found = nodes(group, ana.pk)

    assert [node.truth for node in found.values()] == ["yes", "failed", "failed", "yes"]
    assert [node.matches for node in found.values()] == [True, None, None, True]
    assert "the plugin divides by zero" in found["/any/0"].problem
    assert "test.gone" in found["/any/1"].problem


def test_one_that_the_database_refuses_is_told_apart_from_the_others(course, scope) -> None:
    from django.db.models import Q
    from django.db.models.expressions import RawSQL

    class Refused(Answer):
        def predicate(self) -> Q:
            return Q(pk__in=RawSQL("SELECT id FROM there_is_no_such_table", ()))

    ana = a_learner(course, "verified")
    with registry.temporarily(test__refused=Answer):
        group = a_group(scope, {"all": [leaf("test.refused", "in"), *VERIFIED["all"]]})
    with registry.temporarily(test__refused=Refused):
        found = nodes(group, ana.pk)

    assert [node.truth for node in found.values()] == ["unknown", "failed", "yes"]
    assert "no_such_table" in found["/all/0"].problem


def test_values_that_cannot_be_said_hide_nothing_else(course, scope) -> None:
    class Silent(Answer):
        def values(self):
            raise ZeroDivisionError

    ana = a_learner(course)
    with registry.temporarily(test__silent=Silent):
        group = a_group(scope, {"all": [leaf("test.silent", "in", ids=[ana.pk])]})
        found = nodes(group, ana.pk)

    assert (found["/all/0"].truth, found["/all/0"].value) == ("yes", None)


def test_a_value_that_cannot_be_said_in_words_is_told_as_it_is(course, scope) -> None:
    class Wordless(Answer):
        def values(self):
            return dict.fromkeys(self.users, 5)

        def value_text(self, value):
            raise ZeroDivisionError

    ana = a_learner(course)
    with registry.temporarily(test__wordless=Wordless):
        group = a_group(scope, {"all": [leaf("test.wordless", "in", ids=[ana.pk])]})
        found = nodes(group, ana.pk)

    assert (found["/all/0"].truth, found["/all/0"].value, found["/all/0"].value_text) == ("yes", 5, "")


class Elsewhere(Answer):
    """A criterion about a scope that not everybody may see."""

    operators = {Operator.IN: {"type": "object"}, Operator.NOT_IN: {"type": "object"}}

    def names(self):
        return [ScopeData("organization", "Secret")]

    def values(self):
        return dict.fromkeys(self.users, "a secret")


class Sees:
    """Somebody who may see everything, or nothing beyond the rule's scope; and who has a permission, or not."""

    def __init__(self, everything: bool, is_permitted: bool = True) -> None:
        self.everything = everything
        self.is_permitted = is_permitted

    def sees(self, scope) -> bool:
        return self.everything

    def has(self, permission, scope) -> bool:
        return self.is_permitted


def test_what_the_asker_may_not_see_is_hidden_and_decides_nothing_that_is_told(course, scope) -> None:
    ana = a_learner(course, "verified")
    with registry.temporarily(test__elsewhere=Elsewhere):
        group = a_group(scope, {"all": [leaf("test.elsewhere", "in", ids=[ana.pk]), *VERIFIED["all"]]})
        hidden = nodes(group, ana.pk, asker=Sees(everything=False))
        told = nodes(group, ana.pk, asker=Sees(everything=True))

    assert [node.truth for node in hidden.values()] == ["unknown", "hidden", "yes"]
    assert [node.matches for node in hidden.values()] == [None, None, True]
    assert hidden["/all/0"].value is None
    assert hidden["/all/0"].text == "Answer: something that you may not see"
    assert [node.truth for node in told.values()] == ["yes", "yes", "yes"]
    assert told["/all/0"].value == "a secret"


def test_a_criterion_that_needs_a_permission_is_told_to_who_has_it(course, scope) -> None:
    class Restricted(Answer):
        """A criterion about what is nobody else's business."""

        permission = "acme.see_secret"

        def values(self):
            return dict.fromkeys(self.users, "a secret")

    ana = a_learner(course)
    with registry.temporarily(test__restricted=Restricted):
        group = a_group(scope, {"all": [leaf("test.restricted", "in", ids=[ana.pk])]})
        hidden = nodes(group, ana.pk, asker=Sees(everything=False, is_permitted=False))
        told = nodes(group, ana.pk, asker=Sees(everything=False))

    assert (hidden["/all/0"].truth, hidden["/all/0"].value) == ("hidden", None)
    assert (told["/all/0"].truth, told["/all/0"].value) == ("yes", "a secret")


def test_of_a_criterion_that_is_gone_the_config_is_for_who_sees_everything(scope) -> None:
    with registry.temporarily(test__gone=Answer):
        group = a_group(scope, {"all": [leaf("test.gone", "in", ids=[7])]})
    refreshed(group)

    everything, little = (api.get_group(group.uuid, asker=Sees(sees)) for sees in (True, False))
    told = [api.runs_data(api.runs_of(group.uuid), group=group.uuid, asker=Sees(sees))[0] for sees in (True, False)]

    assert everything.rule["all"][0]["config"] == {"ids": [7]}
    assert little.rule["all"][0] == {"criterion": "test.gone", "operator": "in", "config": {}, "hidden": True}
    assert "test.gone" in everything.health_reason
    assert "test.gone" not in little.health_reason != ""
    assert ["test.gone" in run.error for run in told] == [True, False]
    assert api.get_group(group.uuid).rule == everything.rule


def test_discreetly_nothing_is_told_of_what_somebody_does_who_has_left(course, scope) -> None:
    group = a_group(scope, VERIFIED)
    ana = a_learner(course)
    api.exclude(group.uuid, [ana.pk])
    ana.courseenrollment_set.update(is_active=False)

    (discreet,) = api.explain(group.uuid, [ana.pk], discreet=True)
    (open_,) = api.explain(group.uuid, [ana.pk])

    assert (discreet.is_excluded, discreet.nodes) == (True, ())
    assert open_.nodes


def test_groups_and_revisions_keep_the_same_to_themselves(scope) -> None:
    with registry.temporarily(test__elsewhere=Elsewhere):
        group = a_group(scope, {"all": [leaf("test.elsewhere", "in", ids=[7])]})
        for sees, config in ((True, {"ids": [7]}), (False, {})):
            asker = Sees(sees)
            shown = api.get_group(group.uuid, asker=asker)
            (revision,) = api.revisions_data(group.uuid, api.revisions_of(group.uuid), asker=asker)
            assert shown.rule["all"][0]["config"] == revision.definition["rule"]["all"][0]["config"] == config
            assert shown.rule["all"][0].get("hidden", False) is not sees
            assert ("may not see" in shown.rule_text) is not sees


def test_at_most_a_thousand_people_can_be_asked_about(scope) -> None:
    group = a_group(scope, VERIFIED)

    with pytest.raises(InvalidInput) as refused:
        api.explain(group.uuid, range(1, 1002))

    assert refused.value.field == "people"
    with pytest.raises(GroupNotFound):
        api.explain("00000000-0000-0000-0000-000000000000", [1])


def test_a_thousand_people_take_as_many_statements_as_one_and_nothing_is_written(course, scope) -> None:
    leaves = [leaf("date_joined", "more_than_days_ago", days=days) for days in range(30)]
    group = a_group(scope, {"any": [*leaves, NEVER_OR_LONG_AGO, *VERIFIED["all"]]})
    learners = many_learners(course, 1_000)
    counts = []
    for asked in (learners[:1], learners):
        with statements() as sent:
            assert len(api.explain(group.uuid, asked)) == len(asked)
        counts.append(len(sent))
        assert not writes(sent)

    assert counts[0] == counts[1]


@settings(max_examples=examples(15))
@given(data=st.data())
def test_what_it_makes_of_a_rule_is_what_a_refresh_makes_of_it(data) -> None:
    scope = data.draw(st.sampled_from(SCOPES))
    rule = data.draw(rules(scope))
    crowd = data.draw(st.lists(people, min_size=1, max_size=4))
    with rolled_back():
        save_courses()
        saved = save(crowd)
        group = row_of(a_group(scope, rule, name="Explained"))
        found = explanation.explain(group, list(saved), Asking(scope, NOW))

        assert {one.user_id: one.nodes[0].matches for one in found} == {
            pk: is_true(rule, person, scope) for pk, person in saved.items()
        }
