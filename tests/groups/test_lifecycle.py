"""The life of groups: made, edited, activated, paused, archived, deleted; every edit a revision."""

import pytest

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.exceptions import CollectionNotFound, DuplicateName, InvalidGroup, InvalidRule, StaleRevision
from openedx_user_groups.groups import lifecycle
from openedx_user_groups.groups.content import checked
from openedx_user_groups.models import GroupCollection, GroupCriterion, GroupTag, Revision, UserGroup
from tests.by_api import (
    VERIFIED,
    a_group,
    edited,
    in_mode,
    leaf,
    row_of,
)
from tests.factories import a_course, a_learner, a_user, scope_of_instance

pytestmark = pytest.mark.django_db


def stored(group):
    """Everything that an edit may change, as it is in the database."""
    row = row_of(group)
    return (
        (row.name, row.name_key, row.description, row.revision, row.status),
        list(
            GroupCriterion.objects.filter(group=row).order_by("position").values_list("position", "combine", "config")
        ),
        list(GroupTag.objects.filter(group=row).order_by("pk").values_list("tag", flat=True)),
        list(Revision.objects.filter(group=row).order_by("number").values_list("number", "definition")),
    )


def test_a_group_without_a_rule_is_static_and_active(scope):
    group = api.create_group(scope, name="Hand-picked")

    assert (group.status, group.is_dynamic, group.rule, group.rule_text) == ("active", False, None, "")


def test_a_group_with_a_rule_is_a_draft_until_it_is_activated(scope):
    group = api.create_group(scope, name="Verified", rule=VERIFIED)

    assert (group.status, group.is_dynamic, group.rule, group.health) == ("draft", True, VERIFIED, "never")
    assert api.activate_group(group.uuid).status == "active"


def test_a_group_remembers_who_made_and_who_changed_it(scope):
    ana, ben = a_user(), a_user()
    group = api.create_group(scope, name="A", created_via="page", acting_user=ana)

    changed = api.update_group(group.uuid, revision=1, name="B", acting_user=ben)

    assert (changed.created_by_id, changed.modified_by_id, changed.created_via) == (ana.pk, ben.pk, "page")
    assert changed.modified > group.modified
    assert list(Revision.objects.order_by("number").values_list("number", "author")) == [(1, ana.pk), (2, ben.pk)]


def test_a_group_made_alone_has_an_implicit_collection_of_its_own(scope):
    first, second = row_of(a_group(scope)), row_of(a_group(scope))

    assert first.collection_id != second.collection_id
    assert first.collection.is_implicit


def test_groups_of_a_collection_are_ordered_as_they_were_made(scope):
    collection = api.create_collection(scope, name="Tracks")

    groups = [a_group(scope, collection=collection.uuid) for _ in range(3)]

    assert [row_of(group).priority for group in groups] == [0, 1, 2]


def test_a_collection_of_another_scope_is_refused(scope):
    collection = api.create_collection(scope_of_instance(), name="Elsewhere")

    with pytest.raises(InvalidGroup) as refused:
        api.create_group(scope, name="A", collection=collection.uuid)
    assert refused.value.field == "collection"
    with pytest.raises(CollectionNotFound):
        api.create_group(scope, name="A", collection="no uuid")
    assert not UserGroup.objects.exists()


def test_the_collection_of_a_single_group_takes_no_second_one(scope):
    alone = a_group(scope)

    with pytest.raises(InvalidGroup, match="single group") as refused:
        api.create_group(scope, name="A", collection=alone.collection_uuid)

    assert refused.value.field == "collection"
    assert api.get_collection(alone.collection_uuid).group_uuids == (alone.uuid,)


def test_a_collection_that_is_dissolved_meanwhile_takes_no_group(scope):
    collection = api.create_collection(scope, name="Tracks")
    found = GroupCollection.objects.get(uuid=collection.uuid)
    content = checked(scope, {"name": "A"})
    api.dissolve_collection(collection.uuid)

    with pytest.raises(InvalidGroup, match="single group"):
        lifecycle.create(scope, content, collection=found, via="api", acting_user_id=None)


def test_every_edit_is_a_revision_and_older_ones_do_not_change(scope):
    group = api.create_group(scope, name="A", description="First", tags=["x"], rule=VERIFIED)
    api.update_group(group.uuid, revision=1, rule=in_mode("audit"))
    last = api.update_group(group.uuid, revision=2, name="B", tags=[])

    assert last.revision == 3
    assert [
        (row.number, row.state, *(row.definition[key] for key in ("name", "description", "tags", "rule")))
        for row in Revision.objects.order_by("number")
    ] == [
        (1, "draft", "A", "First", ["x"], VERIFIED),
        (2, "draft", "A", "First", ["x"], in_mode("audit")),
        (3, "draft", "B", "First", [], in_mode("audit")),
    ]


def test_an_edit_of_a_revision_that_is_no_longer_the_newest_changes_nothing(scope):
    group = api.create_group(scope, name="A", rule=VERIFIED)
    api.update_group(group.uuid, revision=1, name="B")
    before = stored(group)

    for revision in (1, 3, 0):
        with pytest.raises(StaleRevision):
            api.update_group(group.uuid, revision=revision, name="C")
    assert stored(group) == before


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"rule": {"all": []}, "name": "New", "tags": ["new"]}, InvalidRule),
        ({"rule": {"all": [leaf("course_grade", "<", percent=101)]}, "description": "New"}, InvalidRule),
        ({"rule": VERIFIED, "name": ""}, InvalidGroup),
        ({"rule": in_mode("audit"), "name": "Taken", "tags": ["new"]}, DuplicateName),
        ({"rule": in_mode("audit"), "description": "NUL \0"}, InvalidGroup),
        ({"rule": in_mode("audit"), "description": "x" * 10_001}, InvalidGroup),
        ({"rule": in_mode("audit"), "description": None}, InvalidGroup),
        ({"rule": in_mode("audit"), "tags": "text"}, InvalidGroup),
        ({"rule": in_mode("audit"), "tags": ["x" * 65]}, InvalidGroup),
        ({"rule": in_mode("audit"), "tags": [7]}, InvalidGroup),
        ({"rule": in_mode("audit"), "tags": [str(n) for n in range(21)]}, InvalidGroup),
    ],
)
def test_an_edit_that_fails_leaves_nothing_half_written(scope, changes, error):
    a_group(scope, name="Taken")
    group = api.create_group(scope, name="A", description="D", tags=["one"], rule=VERIFIED)
    before = stored(group)

    with pytest.raises(error):
        api.update_group(group.uuid, revision=1, **changes)

    assert stored(group) == before


def test_an_unknown_part_is_a_mistake_of_the_caller(scope):
    with pytest.raises(TypeError, match="colour"):
        api.update_group(a_group(scope).uuid, revision=1, colour="red")


def test_a_creation_that_fails_leaves_no_group_and_no_collection(scope):
    a_group(scope, name="Taken")
    before = (UserGroup.objects.count(), Revision.objects.count())

    with pytest.raises(DuplicateName):
        api.create_group(scope, name="taken", rule=VERIFIED)
    with pytest.raises(InvalidRule):
        api.create_group(scope, name="Free", rule={"any": [{"all": []}]})

    assert (UserGroup.objects.count(), Revision.objects.count()) == before


def test_tags_are_kept_once_per_word_and_in_their_order(scope):
    group = api.create_group(scope, name="A", tags=["Pilot", "2026", "pilot", "été"])

    assert api.get_group(group.uuid).tags == ("Pilot", "2026", "été")
    assert api.update_group(group.uuid, revision=1, tags=["new"]).tags == ("new",)


def test_a_rule_can_be_taken_away_and_given_again(scope):
    group = a_group(scope, VERIFIED)

    static = edited(group, rule=None)

    assert (static.is_dynamic, GroupCriterion.objects.count()) == (False, 0)
    assert edited(group, rule=VERIFIED).rule == VERIFIED


def test_members_of_a_rule_stay_as_put_in_by_hand_when_the_rule_goes():
    course = a_course("course-v1:Acme+Static+2026")
    ana = a_learner(course, "verified")
    rule = {"all": [{"criterion": "enrollment_mode", "operator": "in", "config": {"modes": ["verified"]}}]}
    group = api.create_group(api.course_scope(course.id), name="Was dynamic", rule=rule)
    api.activate_group(group.uuid)
    api.refresh(group.uuid)

    edited(group, rule=None)
    assert api.is_member(group.uuid, ana.pk)
    CourseEnrollment.objects.filter(user=ana).update(is_active=False)

    assert not api.is_member(group.uuid, ana.pk)
