"""Why somebody is in a group or not, on its page."""

import re

import pytest
from django.urls import reverse

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.data import NodeExplanation
from openedx_user_groups.pages.reasons import in_words, tree
from tests.by_api import VERIFIED, a_group, edited, leaf, refreshed
from tests.factories import NOW, a_learner, a_user, grade, profile

PART = {"HX-Request": "true"}
NESTED = {
    "all": [
        leaf("enrollment_mode", "in", modes=["verified"]),
        {"any": [leaf("last_login", "within_days", days=5), leaf("last_login", "is_false")]},
    ]
}


class Everybody:
    """Somebody who may see and name everything."""

    def sees(self, scope):
        return True

    def has(self, permission, scope):
        return True


@pytest.fixture
def group(campus):
    return a_group(campus.scope, VERIFIED)


@pytest.fixture
def why(staff):
    def asked(group, person, client=staff, **more):
        answer = client.get(reverse("openedx_user_groups:pages:why", args=[group.uuid]), {"person": person}, **more)
        assert answer.status_code == 200
        return answer.content.decode()

    return asked


def test_a_member_is_told_of_with_what_they_have(campus, group, why):
    a_learner(campus.course, "verified", username="ana")
    refreshed(group)

    page = why(group, "ana")

    assert "ana is in the group" in page
    assert "The rule put them in." in page
    assert "they have: verified" in page


def test_what_they_have_is_told_in_words_with_its_unit(campus, why):
    rule = {
        "all": [
            leaf("course_grade", ">=", percent=50),
            leaf("age", "<", years=30),
            leaf("country", "in", values=["FR"]),
            leaf("date_joined", "within_days", days=5),
        ]
    }
    ana = a_learner(campus.course, username="ana")
    grade(ana, campus.course, 66.666)
    profile(ana, country="KE", year_of_birth=2000)

    page = why(a_group(campus.scope, rule), "ana")

    assert "they have: 66.67%" in page
    assert re.search(r"they have: \d\d years", page)
    assert "they have: Kenya" in page
    assert re.search(r"they have: \d\d/\d\d/\d{4}", page)


def test_the_tree_says_of_each_part_what_it_is(campus, why):
    group = a_group(campus.scope, NESTED)
    a_learner(campus.course, "verified", username="ana", last_login=NOW.replace(year=2020))

    page = why(group, "ana@example.com")

    assert "ana is not in the group" in page
    assert "The rule does not want them." in page
    assert page.count("<ul>") == 2
    assert page.index("all of these") < page.index("any of these") < page.index("they have: 03/15/2020")


def test_no_data_is_told_apart_from_no_with_what_it_counts_as(campus, why):
    group = a_group(campus.scope, {"all": [leaf("last_login", "more_than_days_ago", days=10)]})
    a_learner(campus.course, username="ana")

    page = why(group, "ana")

    assert "no data" in page
    assert "counts as yes" in page


def test_whom_the_rule_wants_and_nobody_has_refreshed_joins_later(campus, group, why):
    a_learner(campus.course, "verified", username="ana")

    assert "they join with the next refresh" in why(group, "ana")
    api.pause_group(group.uuid)
    assert "the group is not active" in why(group, "ana")


def test_whom_the_rule_no_longer_wants_leaves_later(campus, group, why):
    a_learner(campus.course, "verified", username="ana")
    refreshed(group)
    CourseEnrollment.objects.update(mode="audit")

    assert "they leave with the next refresh" in why(group, "ana")
    edited(group, update_mode="add")
    assert "refreshes take nobody out" in why(group, "ana")
    edited(group, update_mode="both")
    api.pause_group(group.uuid)
    assert "so nobody leaves" in why(group, "ana")


def test_what_refreshes_may_not_do_is_said(campus, why):
    group = a_group(campus.scope, VERIFIED, update_mode="remove")
    a_learner(campus.course, "verified", username="ana")

    assert "refreshes let nobody into this group" in why(group, "ana")


def test_who_is_kept_out_is_told_of_with_the_reason(campus, group, why):
    a_learner(campus.course, "verified", username="ana")
    api.exclude(group.uuid, ["ana"], reason="An agreement", acting_user=campus.person("staff"))

    page = why(group, "ana")

    assert "kept out of it by hand" in page
    assert "An agreement" in page
    assert "staff" in page


def test_another_group_of_the_collection_is_named(campus, why):
    collection = api.create_collection(campus.scope, name="Teams")
    red, blue = (a_group(campus.scope, name=name, collection=collection.uuid) for name in ("Red", "Blue"))
    a_learner(campus.course, username="ana")
    api.add_members(red.uuid, ["ana"])

    page = why(blue, "ana")

    assert "nobody is in two of them" in page
    assert ">Red</a>" in page


def test_a_static_group_is_explained(campus, why):
    group = a_group(campus.scope)
    a_learner(campus.course, username="ana")

    assert "Nobody has put them in" in why(group, "ana")


def test_of_who_has_left_the_course_its_staff_see_where_they_stand_and_nothing_else(campus, group, why, visitor):
    a_learner(campus.course, "verified", username="ana")
    refreshed(group)
    CourseEnrollment.objects.update(is_active=False)

    page = why(group, "ana")

    assert "ana is in the group" in page
    assert "ana@example.com" not in page
    assert "they have" not in page
    assert "ana@example.com" in why(group, "ana", visitor("global_staff"))


def test_somebody_is_found_by_their_name(campus, group, why):
    profile(a_learner(campus.course, "verified", username="ines"), name="Inés Singh")
    profile(a_learner(campus.course, "audit", username="singh_2"), name="Ravi Singh")

    several = why(group, "singh")
    assert "Whom do you mean?" in several
    assert ("?person=ines" in several, "?person=singh_2" in several) == (True, True)
    assert "ines is not in the group" in why(group, "Inés Singh")


def test_whoever_may_only_look_finds_members_alone_by_their_names(campus, group, why, visitor, settings):
    profile(a_learner(campus.course, "verified", username="ines"), name="Inés Singh")
    refreshed(group)
    profile(a_learner(campus.course, "audit", username="ravi"), name="Ravi Singh")
    settings.OPENEDX_USER_GROUPS_PERMISSION_BACKEND = "tests.rest_api.test_permission_matrix.EverybodyLooks"

    assert "ines is in the group" in why(group, "Singh", visitor("learner"))


def test_whether_there_is_somebody_elsewhere_is_not_told(campus, group, why, visitor):
    a_user(username="far_away")

    near, unknown = why(group, "far_away", headers=PART), why(group, "no_such", headers=PART)
    assert near == unknown
    assert "Nobody enrolled here has this user name" in near
    assert "do not belong" in why(group, "far_away", visitor("global_staff"))


def test_what_a_rule_names_of_other_scopes_is_hidden(campus, why):
    secret = a_group(api.organization_scope("Acme"), name="Secret")
    rule = {"all": [leaf("group_member", "in", groups=[str(secret.uuid)])]}
    group = a_group(campus.scope, rule, asker=Everybody())
    a_learner(campus.course, username="ana")

    page = why(group, "ana")

    assert "hidden from you" in page
    assert "Secret" not in page


def test_nobody_asked_about_is_a_question(group, staff):
    page = staff.get(reverse("openedx_user_groups:pages:why", args=[group.uuid])).content.decode()

    assert "Give a name" in page


@pytest.mark.parametrize("person", ["<script>alert(1)</script>", "ana\u2028", "  ", "a" * 254])
def test_whatever_is_typed_is_answered(group, why, person):
    assert "<script>alert" not in why(group, person)


def test_htmx_gets_the_answer_alone(campus, group, why):
    a_learner(campus.course, "verified", username="ana")

    part = why(group, "ana", headers=PART)

    assert "ana is not in the group" in part
    assert "<html" not in part


def test_the_number_of_queries_is_bounded(campus, why, django_assert_max_num_queries):
    group = a_group(campus.scope, NESTED)
    a_learner(campus.course, "verified", username="ana")

    with django_assert_max_num_queries(45):
        why(group, "ana")


@pytest.mark.parametrize("who", ["staff_of_another_course", "learner"])
def test_who_may_not_see_the_group_gets_no_answer(visitor, group, who):
    where = reverse("openedx_user_groups:pages:why", args=[group.uuid])

    assert visitor(who).get(where, {"person": "ana"}).status_code == 404


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (12345, "12,345"),
        (0.5, "0.5"),
        (["b", "a"], "b, a"),
        ("verified", "verified"),
        ("2026-01-31T12:00:00+00:00", "01/31/2026 noon"),
        ("2026-99-99T12:00:00+00:00", "2026-99-99T12:00:00+00:00"),
        ("12:30", "12:30"),
    ],
)
def test_values_are_in_words(value, words):
    assert in_words(value) == words


def test_the_nodes_become_a_tree_again():
    paths = ["", "/all/0", "/all/1", "/all/1/any/0", "/all/1/any/1", "/all/2"]

    root = tree([NodeExplanation(path, path, "yes", True) for path in paths])

    assert [each.node.path for each in root.children] == ["/all/0", "/all/1", "/all/2"]
    assert [each.node.path for each in root.children[1].children] == ["/all/1/any/0", "/all/1/any/1"]
    assert tree([]) is None
