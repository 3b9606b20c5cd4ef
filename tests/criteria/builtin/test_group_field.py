"""The criterion about the names, scopes and tags of the groups that somebody is in."""

import pytest

from openedx_user_groups import api
from openedx_user_groups.models import Membership
from tests.by_api import a_group, row_of
from tests.criteria.asking import found, refusals, sentence, unknown, values
from tests.factories import (
    NOW,
    a_course,
    a_learner,
    days_ago,
    scope_of_course,
    scope_of_instance,
    scope_of_organization,
)

pytestmark = pytest.mark.django_db

FIELD = "group_field"
ACME = scope_of_organization("Acme")
INSTANCE = scope_of_instance()


def put(user, group, origin: str = "rule", **more):
    row = row_of(group)
    return Membership.objects.create(
        user=user, group=row, collection=row.collection, origin=origin, joined_at=NOW, **more
    )


@pytest.fixture
def people(course, scope):
    """Who is in a tutorial, in the lab of the course, in the alumni of the organization, in nothing."""
    people = {name: a_learner(course, first_name=name) for name in ("ana", "ben", "cem", "dee")}
    put(people["ana"], a_group(scope, name="Tutorial É", tags=["Early", "small"]))
    put(people["ben"], a_group(scope, name="Lab 100%"))
    put(people["cem"], a_group(ACME, name="Alumni tutorial", tags=["early"]))
    return people


def asked(scope, operator: str, field: str, value: str | None = None) -> set[str]:
    config = {"field": field} if value is None else {"field": field, "value": value}
    return {user.first_name for user in found(scope, FIELD, operator, **config)}


@pytest.mark.parametrize(
    ("operator", "field", "value", "in_course", "in_organization"),
    [
        ("contains", "name", "TUTORIAL", {"ana"}, {"ana", "cem"}),
        ("not_contains", "name", "tutorial", {"ben", "cem", "dee"}, {"ben", "dee"}),
        ("is", "name", "tutorial É", {"ana"}, {"ana"}),
        ("is", "name", "tutorial é", set(), set()),
        ("starts_with", "name", "lab", {"ben"}, {"ben"}),
        ("ends_with", "name", "%", {"ben"}, {"ben"}),
        ("contains", "name", "_", set(), set()),
        ("is_not", "name", "Lab 100%", {"ana", "cem", "dee"}, {"ana", "cem", "dee"}),
        ("is", "tag", "early", {"ana"}, {"ana", "cem"}),
        ("is_not", "tag", "EARLY", {"ben", "cem", "dee"}, {"ben", "dee"}),
        ("is_not_empty", "tag", None, {"ana"}, {"ana", "cem"}),
        ("is_empty", "tag", None, {"ben", "cem", "dee"}, {"ben", "dee"}),
        ("is", "scope", "acme", set(), {"cem"}),
        ("contains", "scope", "+a1+", {"ana", "ben"}, {"ana", "ben"}),
        ("is_not_empty", "name", None, {"ana", "ben"}, {"ana", "ben", "cem"}),
    ],
)
def test_groups_of_the_scope_and_inside_it_count(
    scope, people, operator, field, value, in_course, in_organization
) -> None:
    assert asked(scope, operator, field, value) == in_course
    assert asked(ACME, operator, field, value) == in_organization
    assert asked(INSTANCE, operator, field, value) == in_organization
    assert unknown(scope, FIELD, operator, **({"field": field} | ({"value": value} if value else {}))) == 0


def test_groups_of_other_courses_and_organizations_do_not_count(scope, people, course) -> None:
    for key in ("course-v1:Acme+A2+2026", "course-v1:Other+B1+2026"):
        place = scope_of_course(a_course(key))
        put(people["dee"], a_group(place, name="Tutorial elsewhere"))

    assert asked(scope, "contains", "name", "tutorial") == {"ana"}
    assert asked(ACME, "contains", "name", "elsewhere") == {"dee"}
    assert asked(scope_of_organization("Other"), "contains", "name", "tutorial") == set()


def test_deleted_groups_and_memberships_that_ended_or_sleep_do_not_count(scope, people, course) -> None:
    gone = a_group(scope, name="Gone")
    put(people["dee"], gone)
    api.delete_group(gone.uuid)
    put(people["dee"], a_group(scope, name="Ended"), expires_at=days_ago(1))
    asleep = a_learner(a_course("course-v1:Acme+A2+2026"), first_name="asleep")
    put(asleep, a_group(scope, name="Sleeping"), origin="manual")

    for name in ("Gone", "Ended", "Sleeping"):
        assert asked(ACME, "is", "name", name) == set()
    assert "asleep" in asked(ACME, "is_empty", "name")


@pytest.mark.parametrize(
    ("field", "texts"),
    [
        ("name", {"ana": ["Tutorial É"], "ben": ["Lab 100%", "Second lab"], "cem": ["Alumni tutorial"]}),
        ("tag", {"ana": ["Early", "small"], "cem": ["early"]}),
        (
            "scope",
            {"ana": ["course-v1:Acme+A1+2026"], "ben": ["course-v1:Acme+A1+2026"], "cem": ["Acme"]},
        ),
    ],
)
def test_the_value_lists_the_texts_of_all_groups_somebody_is_in(scope, people, field, texts) -> None:
    put(people["ben"], a_group(scope, name="Second lab"), origin="manual")
    put(people["dee"], a_group(INSTANCE, name="Everywhere", tags=["vip"]))
    put(people["ana"], a_group(scope_of_course(a_course("course-v1:Acme+A2+2026")), name="Asleep"), origin="manual")

    told = values(ACME, people.values(), FIELD, "is_empty", field=field)
    assert {user.first_name: held for user, held in told.items()} == texts


def test_only_these_fields_can_be_asked_for(scope) -> None:
    assert refusals(scope, FIELD, "is", field="description", value="x") == [("field", "Allowed: name, scope, tag.")]


@pytest.mark.parametrize(
    ("operator", "words"),
    [
        ("contains", "is in a group whose name contains “x”"),
        ("not_contains", "is in no group whose name contains “x”"),
        ("is", "is in a group whose name is “x”"),
        ("is_not", "is in no group whose name is “x”"),
    ],
)
def test_it_reads_as_a_sentence(scope, operator, words) -> None:
    assert sentence(scope, FIELD, operator, field="name", value="x") == words


def test_a_group_without_a_tag_reads_as_a_sentence(scope) -> None:
    assert sentence(scope, FIELD, "is_empty", field="tag") == "is in no group whose tag is filled in"
