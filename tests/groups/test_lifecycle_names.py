"""Names of groups and collections: one of each in a scope, and free again once the group is deleted."""

import pytest

from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from openedx_user_groups import api
from openedx_user_groups.exceptions import DuplicateName
from openedx_user_groups.models import UserGroup
from tests.by_api import (
    a_group,
)
from tests.factories import scope_of_instance

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("same", ["café", "CAFÉ", " Café ", "Cafe\u0301", "Ｃafé"])
def test_a_name_is_taken_in_any_case_and_any_way_of_writing_it(scope, same):
    a_group(scope, name="Café")

    with pytest.raises(DuplicateName, match="already has a group called “"):
        api.create_group(scope, name=same)


def test_the_course_is_named_by_its_title(scope):
    CourseOverview.objects.update(display_name="Data Science for Everyone")
    a_group(scope, name="At risk")

    with pytest.raises(DuplicateName) as told:
        api.create_group(scope, name="at risk")

    said = "Data Science for Everyone already has a group called “at risk”. Choose another name."
    assert told.value.sentence == said


@pytest.mark.parametrize("other", ["Cafe", "Café 2", "Ca fé", "Café!"])
def test_accents_and_blanks_within_make_another_name(scope, other):
    a_group(scope, name="Café")

    assert api.create_group(scope, name=other).name == other


def test_the_same_name_is_free_in_another_scope(scope):
    a_group(scope, name="Everybody")

    assert a_group(scope_of_instance(), name="Everybody")


def test_an_archived_group_keeps_its_name_and_a_deleted_one_does_not(scope):
    group = a_group(scope, name="Pilot")
    api.archive_group(group.uuid)
    with pytest.raises(DuplicateName):
        a_group(scope, name="pilot")

    api.delete_group(group.uuid)

    assert a_group(scope, name="pilot").name == "pilot"
    assert UserGroup.objects.get(uuid=group.uuid).name == "Pilot"


def test_names_of_collections_are_unique_too(scope):
    api.create_collection(scope, name="Tracks")

    with pytest.raises(DuplicateName):
        api.create_collection(scope, name="TRACKS")
    assert api.create_collection(scope_of_instance(), name="Tracks")
