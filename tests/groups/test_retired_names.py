"""Retired names: rules that named a person name the retired account, and mean nobody else."""

import pytest

from openedx_user_groups import api
from openedx_user_groups.models import GroupCriterion, Revision
from tests.by_api import VERIFIED, a_group, leaf, member_ids, refreshed
from tests.factories import a_learner, retire

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(course):
    return a_learner(course, username="ana", email="ana@acme.org", last_name="Ana")


@pytest.fixture
def ben(course):
    return a_learner(course, username="ben", email="ana")


def is_called(field, value, operator="is"):
    return leaf("user_field", operator, field=field, value=value)


def stored():
    """Everything that is stored of rules, as text."""
    rules = GroupCriterion.objects.values_list("config", flat=True)
    return repr([*rules, *Revision.objects.values_list("definition", flat=True)])


def test_rules_drafts_and_what_they_were_before_name_the_retired_account(scope, ana):
    first = {"any": [is_called("username", "ANA"), {"none": [is_called("email", "ana@acme.org", "is_not")]}]}
    group = a_group(scope, first)
    api.update_group(group.uuid, revision=1, rule={"any": [is_called("email", "Ana@Acme.org"), *VERIFIED["all"]]})
    retired = retire(ana)

    api.retire_user(ana.pk)

    assert "ana@acme.org" not in stored().lower()
    assert "'ANA'" not in stored()
    now = api.get_group(group.uuid)
    assert now.rule["any"][0]["config"] == {"field": "username", "value": retired.retired_username}
    assert now.draft_rule["any"][0]["config"] == {"field": "email", "value": retired.retired_email}
    assert (now.revision, now.draft_revision) == (1, 2)


def test_nothing_else_of_any_rule_is_touched(course, scope, ana, ben):
    rules = [
        {"any": [is_called("last_name", "ana"), is_called("email", "ana")]},
        {"any": [is_called("username", "an", "starts_with"), is_called("username", "ben"), *VERIFIED["all"]]},
        {"all": [leaf("custom_profile_field", "is", field="username", value="ana")]},
    ]
    groups = [a_group(scope, rule) for rule in rules]
    before = stored()
    retire(ana)

    api.retire_user(ana.pk)

    assert stored() == before
    refreshed(groups[0])
    assert member_ids(groups[0]) == {ben.pk}


def test_whoever_has_no_retired_names_keeps_their_own(scope, ana):
    group = a_group(scope, {"all": [is_called("username", "ana")]})

    api.retire_user(ana.pk)

    assert api.get_group(group.uuid).rule["all"][0]["config"]["value"] == "ana"
