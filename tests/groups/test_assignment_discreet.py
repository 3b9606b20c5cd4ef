"""Discreet assignment: whoever may not see other accounts learns nothing of them from the outcomes."""

import pytest

from openedx_user_groups import api
from openedx_user_groups.exceptions import WrongStatus
from openedx_user_groups.models import Exclusion, Membership
from tests.by_api import a_group, member_ids, outcomes
from tests.factories import (
    a_course,
    a_learner,
    a_user,
    enroll,
    scope_of_course,
    scope_of_instance,
    scope_of_organization,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(course):
    return a_group(scope_of_course(course))


@pytest.fixture
def stranger():
    """Somebody who studies elsewhere."""
    user = a_user(username="stranger", email="stranger@example.com")
    enroll(user, a_course("course-v1:Other+X+1"))
    return user


ACTS = (api.add_members, api.remove_members, api.exclude, api.lift_exclusions)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("named", ["stranger", "stranger@example.com", "id"])
def test_an_account_of_elsewhere_is_answered_like_a_name_that_nobody_has(act, named, group, stranger) -> None:
    person = stranger.pk if named == "id" else named

    found, nobody = act(group.uuid, [person, "nobody_has_this_name"], discreet=True)

    assert (found.outcome, found.user_id, found.detail) == (nobody.outcome, nobody.user_id, nobody.detail)
    assert found.outcome == "unknown"
    assert not Membership.objects.exists()
    assert not Exclusion.objects.exists()


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("person", ["stranger", "nobody_has_this_name"])
def test_an_archived_group_answers_the_same_whether_or_not_there_is_an_account(act, person, group, stranger) -> None:
    api.archive_group(group.uuid)

    with pytest.raises(WrongStatus):
        act(group.uuid, [person], discreet=True)


def test_an_address_that_fits_accounts_of_elsewhere_is_not_ambiguous(group) -> None:
    for name in ("TWIN", "Twin"):
        a_user(email=f"{name}@example.com")
    assert outcomes(api.add_members(group.uuid, ["twin@example.com"])) == ["ambiguous"]

    found, nobody = api.add_members(group.uuid, ["twin@example.com", "nobody@example.com"], discreet=True)

    assert (found.outcome, found.detail) == (nobody.outcome, nobody.detail)


def test_people_of_the_scope_are_put_in_and_taken_out_as_ever(course, group, stranger) -> None:
    ana, ben = a_learner(course), a_learner(course)
    people = [ana.username, ben.email, "stranger"]

    assert outcomes(api.add_members(group.uuid, people, discreet=True)) == ["added", "added", "unknown"]
    assert member_ids(group) == {ana.pk, ben.pk}
    assert outcomes(api.remove_members(group.uuid, people, discreet=True)) == ["removed", "removed", "unknown"]
    assert outcomes(api.exclude(group.uuid, people, discreet=True)) == ["excluded", "excluded", "unknown"]
    assert outcomes(api.lift_exclusions(group.uuid, people, discreet=True)) == ["removed", "removed", "unknown"]


def test_who_is_in_or_kept_out_is_known_though_they_have_left(course, group) -> None:
    ana, ben = a_learner(course), a_learner(course)
    api.add_members(group.uuid, [ana.pk])
    api.exclude(group.uuid, [ben.pk])
    for user in (ana, ben):
        user.courseenrollment_set.update(is_active=False)

    assert outcomes(api.add_members(group.uuid, [ben.pk], discreet=True)) == ["excluded"]
    assert outcomes(api.remove_members(group.uuid, [ana.pk], discreet=True)) == ["removed"]
    assert outcomes(api.remove_members(group.uuid, [ana.pk], discreet=True)) == ["unknown"]
    assert outcomes(api.lift_exclusions(group.uuid, [ben.pk], discreet=True)) == ["removed"]


def test_otherwise_they_are_told_apart(group, stranger) -> None:
    found = api.add_members(group.uuid, ["stranger", "nobody_has_this_name"])

    assert outcomes(found) == ["not_in_population", "unknown"]
    assert found[0].user_id == stranger.pk


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        (
            scope_of_course,
            "Nobody enrolled here has this user name or address. Check the spelling, or enroll them first.",
        ),
        (
            lambda _course: scope_of_organization(),
            "Nobody enrolled in a course of this organization has this user name or address.",
        ),
        (lambda _course: scope_of_instance(), "Nobody here has this user name or address."),
    ],
)
def test_it_is_told_who_could_be_found(course, scope, said) -> None:
    (outcome,) = api.add_members(a_group(scope(course)).uuid, ["nobody"], discreet=True)

    assert outcome.detail.startswith(said)


def test_in_a_group_that_divides_another_these_are_its_members(course, group) -> None:
    teams = api.create_collection(scope_of_course(course), name="Teams", parent_group=group.uuid)
    team = a_group(scope_of_course(course), collection=teams.uuid)
    a_learner(course, username="ana")

    (hidden,) = api.add_members(team.uuid, ["ana"], discreet=True)
    (told,) = api.add_members(team.uuid, ["ana"])

    assert hidden.detail.startswith("Nobody in the group that is divided has this user name or address.")
    assert told.detail == "They are not in the group that is divided; add them to that group first."
