"""Options: how a group is refreshed, and how many it may hold."""

import pytest

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.exceptions import InvalidGroup
from openedx_user_groups.models import Revision
from tests.by_api import VERIFIED, a_group, member_ids, refreshed
from tests.factories import a_learner

pytestmark = pytest.mark.django_db

ALL = {"update_mode": "add", "method": "schedule", "refresh_every": 3600, "removal_limit": 5, "size_limit": 30}


def options(group):
    return {name: getattr(group, name) for name in ALL}


def test_they_are_given_to_a_new_group_and_kept_with_its_revision(scope):
    group = a_group(scope, VERIFIED, **ALL)

    assert options(group) == ALL
    assert {name: Revision.objects.get().definition[name] for name in ALL} == ALL


def test_what_is_left_out_stays_and_none_is_the_default_again(scope):
    group = a_group(scope, VERIFIED, **ALL)

    now = api.update_group(group.uuid, revision=1, removal_limit=None, update_mode="both")

    assert options(now) == {**ALL, "removal_limit": None, "update_mode": "both"}
    assert (now.revision, now.draft_revision) == (2, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("update_mode", "never"),
        ("update_mode", None),
        ("method", "telepathy"),
        ("refresh_every", 59),
        ("refresh_every", 30 * 24 * 3600 + 1),
        ("refresh_every", 60.5),
        ("removal_limit", -1),
        ("removal_limit", 101),
        ("removal_limit", True),
        ("size_limit", -1),
        ("size_limit", "many"),
    ],
)
def test_nonsense_is_refused_with_the_name_of_the_option(scope, name, value):
    with pytest.raises(InvalidGroup) as refused:
        a_group(scope, VERIFIED, **{name: value})
    assert refused.value.field == name


def test_no_other_word_is_one(scope):
    with pytest.raises(TypeError, match="colour"):
        api.create_group(scope, name="A", colour="red")


def test_a_group_that_only_adds_keeps_whom_its_rule_no_longer_matches(course, scope):
    learner = a_learner(course, "verified")
    group = a_group(scope, VERIFIED, update_mode="add")
    refreshed(group)
    CourseEnrollment.objects.filter(user=learner).update(mode="audit")

    refreshed(group)

    assert member_ids(group) == {learner.pk}
