"""The criterion about membership in groups."""

from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from openedx_user_groups import api
from openedx_user_groups.criteria.base import Asking
from openedx_user_groups.evaluation import matching
from openedx_user_groups.exceptions import CriterionFailed
from openedx_user_groups.models import GroupCollection, Membership, UserGroup
from openedx_user_groups.rules.tree import Leaf
from tests.by_api import VERIFIED, a_group, refreshed, row_of
from tests.criteria.asking import Sees, found, refusals, sentence, unknown, values
from tests.factories import (
    NOW,
    a_course,
    a_learner,
    days_ago,
    disable,
    scope_of_course,
    scope_of_instance,
    scope_of_organization,
)

pytestmark = pytest.mark.django_db

MEMBER = "group_member"
ACME = scope_of_organization("Acme")


@pytest.fixture
def people(course):
    """Ana in both groups, Ben in the first, Cem in the second, Dee in none; Eve is disabled."""
    people = {name: a_learner(course, first_name=name) for name in ("ana", "ben", "cem", "dee", "eve")}
    disable(people["eve"])
    return people


@pytest.fixture
def first(scope, people):
    return with_members(a_group(scope, name="First"), people["ana"], people["ben"], people["eve"])


@pytest.fixture
def second(scope, people):
    return with_members(a_group(scope, name="Second"), people["ana"], people["cem"])


def with_members(group, *users):
    row = row_of(group)
    Membership.objects.bulk_create(
        Membership(user=user, group=row, collection=row.collection, origin="manual", joined_at=NOW) for user in users
    )
    return group


def names(matched) -> set[str]:
    return {user.first_name for user in matched}


def rest_of(group) -> UUID:
    """The UUID of everybody else than the members of a group."""
    return GroupCollection.objects.get(uuid=group.collection_uuid).rest_uuid


def asked(scope, operator: str, *groups, **options) -> set[str]:
    uuids = [str(getattr(group, "uuid", group)) for group in groups]
    return names(found(scope, MEMBER, operator, groups=uuids, **options))


def test_in_any_in_all_and_in_none_of_the_groups(scope, first, second) -> None:
    assert asked(scope, "in", first) == {"ana", "ben"}
    assert asked(scope, "in", first, second) == {"ana", "ben", "cem"}
    assert asked(scope, "all_of", first, second) == {"ana"}
    assert asked(scope, "all_of", first) == {"ana", "ben"}
    assert asked(scope, "not_in", first, second) == {"dee"}
    assert unknown(scope, MEMBER, "in", groups=[str(first.uuid)]) == 0


def test_everybody_else_is_named_like_a_group(scope, first, second) -> None:
    assert asked(scope, "in", rest_of(first)) == {"cem", "dee"}
    assert asked(scope, "all_of", rest_of(first), rest_of(second)) == {"dee"}
    assert asked(scope, "all_of", rest_of(first), second) == {"cem"}
    assert asked(scope, "in", rest_of(first), first) == {"ana", "ben", "cem", "dee"}
    assert asked(scope, "not_in", rest_of(first)) == {"ana", "ben"}


def test_everybody_else_of_a_collection_is_in_none_of_its_groups(scope, people) -> None:
    collection = api.create_collection(scope, name="Teams")
    for name, member in (("Red", "ana"), ("Blue", "ben")):
        with_members(a_group(scope, name=name, collection=collection.uuid), people[member])

    assert asked(scope, "in", collection.rest_uuid) == {"cem", "dee"}
    assert sentence(scope, MEMBER, "in", groups=[str(collection.rest_uuid)]) == "is in everybody else of “Teams”"


def test_everybody_else_of_a_collection_without_groups_is_everybody_and_may_have_a_name(scope, people) -> None:
    collection = api.create_collection(scope, name="Teams", rest_name="Unassigned")

    assert asked(scope, "in", collection.rest_uuid) == {"ana", "ben", "cem", "dee"}
    assert sentence(scope, MEMBER, "in", groups=[str(collection.rest_uuid)]) == "is in “Unassigned”"


def test_members_by_a_rule_count_as_they_were_stored_and_expired_ones_do_not(scope, people, first) -> None:
    group = a_group(scope, VERIFIED, name="Verified")
    people["dee"].courseenrollment_set.update(mode="verified")
    assert asked(scope, "in", group) == set()
    refreshed(group)
    assert asked(scope, "in", group) == {"dee"}

    Membership.objects.filter(group__uuid=first.uuid, user=people["ben"]).update(expires_at=days_ago(1))
    assert asked(scope, "in", first) == {"ana"}


def test_a_member_who_has_left_the_course_is_not_in_its_group_until_they_come_back(course, first, people) -> None:
    elsewhere = a_course("course-v1:Acme+A2+2026")
    people["ben"].courseenrollment_set.create(course=elsewhere, mode="audit")
    people["ben"].courseenrollment_set.filter(course=course).update(is_active=False)

    assert asked(ACME, "in", first) == {"ana"}
    assert asked(ACME, "not_in", first) == {"ben", "cem", "dee"}
    people["ben"].courseenrollment_set.filter(course=course).update(is_active=True)
    assert asked(ACME, "in", first) == {"ana", "ben"}


@pytest.mark.parametrize("status", [UserGroup.Status.DRAFT, UserGroup.Status.PAUSED, UserGroup.Status.ARCHIVED])
def test_a_group_that_is_not_refreshed_counts_as_it_is(scope, first, status) -> None:
    UserGroup.objects.filter(uuid=first.uuid).update(status=status)

    assert asked(scope, "in", first) == {"ana", "ben"}


def test_a_group_that_was_deleted_stops_the_refresh_and_empties_nothing(scope, first, second) -> None:
    rest = rest_of(first)
    api.delete_group(first.uuid)

    for uuid in (first.uuid, rest):
        for operator in ("in", "all_of", "not_in"):
            config = {"groups": [str(second.uuid), str(uuid)]}
            with pytest.raises(CriterionFailed, match=f"The group {uuid} has been deleted: take it out of the rule"):
                matching.predicate_of(Leaf("/all/0", MEMBER, operator, config), Asking(scope, NOW))


def test_a_group_may_be_named_in_its_own_scope_and_in_wider_ones_and_nowhere_else(course, scope, first) -> None:
    other = a_course("course-v1:Acme+A2+2026")
    foreign = a_course("course-v1:Other+B1+2026")
    uuid = str(first.uuid)

    for inside in (scope, ACME, scope_of_instance()):
        assert refusals(inside, MEMBER, "in", groups=[uuid]) == []
    for outside in (scope_of_course(other), scope_of_course(foreign), scope_of_organization("Other")):
        assert refusals(outside, MEMBER, "in", groups=[uuid]) == [("groups", f"{uuid!r} is no group of this scope.")]


def test_an_author_who_may_see_a_wider_scope_may_name_its_groups(scope) -> None:
    wide = a_group(ACME, name="Wide")
    named = {"groups": [str(wide.uuid), str(rest_of(wide))]}

    assert len(refusals(scope, MEMBER, "in", **named)) == 2
    assert refusals(scope, MEMBER, "in", **named, asker=Sees(ACME)) == []
    assert sentence(scope, MEMBER, "not_in", **named) == "is not in a group that you may not see"
    assert sentence(scope, MEMBER, "in", **named, asker=Sees(ACME)) == "is in “Wide” or everybody else than “Wide”"


def test_unknown_deleted_and_foreign_groups_are_refused_in_the_same_words(scope, first) -> None:
    foreign = a_group(scope_of_course(a_course("course-v1:Other+B1+2026")), name="Foreign")
    deleted = a_group(scope, name="Deleted")
    gone = [str(deleted.uuid), str(rest_of(deleted))]
    api.delete_group(deleted.uuid)

    for uuid in (str(uuid4()), str(foreign.uuid), str(rest_of(foreign)), *gone):
        refused = refusals(scope, MEMBER, "all_of", groups=[str(first.uuid), uuid])
        assert refused == [("groups", f"{uuid!r} is no group of this scope.")]
        words = sentence(scope, MEMBER, "all_of", groups=[str(first.uuid), uuid])
        assert words == "is in “First” and a group that you may not see"


@pytest.mark.parametrize("uuid", ["", "x", "1", "1e5f7a52-6a3c-4f0e-9c0b-0d5c8e1b7f1", "{1e5f7a52}", 5, None])
def test_what_is_no_uuid_is_refused(scope, uuid) -> None:
    ((place, _message),) = refusals(scope, MEMBER, "in", groups=[uuid])

    assert place == "groups/0"


def test_the_scopes_of_the_named_groups_are_known_to_explanations(scope, first) -> None:
    wide = a_group(ACME, name="Wide")
    leaf = Leaf("/all/0", MEMBER, "in", {"groups": [str(first.uuid), str(wide.uuid), str(rest_of(wide))]})
    criterion = matching.criterion_of(leaf, Asking(scope, NOW))

    assert set(criterion.names()) == {scope, ACME}
    assert not matching.is_told(leaf, Asking(scope, NOW))
    assert matching.is_told(leaf, Asking(scope, NOW, asker=Sees(ACME)))


def test_the_value_lists_the_named_groups_that_somebody_is_in(scope, people, first, second) -> None:
    third = with_members(a_group(scope, name="Third"), people["ana"])
    everybody = people.values()

    told = values(scope, everybody, MEMBER, "in", groups=[str(first.uuid), str(second.uuid), str(rest_of(third))])
    assert {user.first_name: held for user, held in told.items()} == {
        "ana": ["“First”", "“Second”"],
        "ben": ["“First”", "everybody else than “Third”"],
        "cem": ["“Second”", "everybody else than “Third”"],
        "dee": ["everybody else than “Third”"],
    }


def test_the_number_of_statements_does_not_grow_with_groups_or_people(course) -> None:
    groups, learners = [], [a_learner(course) for _ in range(10)]
    for number, learner in enumerate(learners):
        place = scope_of_course(a_course(f"course-v1:Acme+N{number}+2026"))
        groups.append(with_members(a_group(place, name=f"Group {number}"), learner))

    def statements(count: int) -> int:
        uuids = [str(uuid) for group in groups[:count] for uuid in (group.uuid, rest_of(group))]
        with CaptureQueriesContext(connection) as captured:
            assert refusals(ACME, MEMBER, "all_of", groups=uuids) == []
            asked(ACME, "all_of", *uuids)
            sentence(ACME, MEMBER, "all_of", groups=uuids)
            values(ACME, learners[:count], MEMBER, "all_of", groups=uuids)
        return len([query for query in captured if "SAVEPOINT" not in query["sql"]])

    assert statements(1) == statements(10)
