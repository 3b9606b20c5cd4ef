"""criterion_types/ and rule_templates/: what rules can be made of."""

import pytest

from openedx.core.djangoapps.waffle_utils.models import WaffleFlagCourseOverrideModel
from openedx_user_groups import api
from openedx_user_groups.criteria.registry import temporarily
from openedx_user_groups.platform.toggles import NAME
from tests.by_api import Answer
from tests.rest_api.campus import FOREIGN_KEY, KEY, address


class Nowhere(Answer):
    """Needs a table that is not here."""

    reads = ("nowhere.Model",)


def listed(client, **query):
    response = client.get(address("criterion-types"), query)
    assert response.status_code == 200, response.content
    return response.json()


def names(client, **query):
    return [each["name"] for each in listed(client, **query)]


def for_scopes(*types):
    return [each.name for each in api.criterion_types() if set(types) & set(each.scopes)]


def test_they_are_listed_with_the_schema_of_every_operator(admin):
    (mode,) = [each for each in listed(admin) if each["name"] == "enrollment_mode"]

    assert set(mode) == {
        "name",
        "title",
        "theme",
        "summary",
        "keywords",
        "description",
        "scopes",
        "operators",
        "permission",
        "example",
        "unavailable",
    }
    assert (mode["permission"], mode["example"]["operator"]) == ("", "in")
    assert mode["scopes"] == ["course", "organization"]
    assert set(mode["operators"]) == {"in", "not_in"}
    assert mode["operators"]["in"]["properties"]["modes"]["type"] == "array"
    assert names(admin) == sorted(each.name for each in api.criterion_types())


def test_what_this_service_cannot_use_says_why(admin):
    with temporarily(test__nowhere=Nowhere):
        found = admin.get(address("criterion-type", "test.nowhere")).json()

    assert "nowhere.Model" in found["unavailable"]


@pytest.mark.parametrize(
    ("who", "types"),
    [
        ("learner", ()),
        ("disabled", ()),
        ("staff", ("course",)),
        ("staff_of_the_organization", ("course", "organization")),
        ("global_staff", ("course", "organization", "instance")),
    ],
)
def test_they_are_those_for_the_scopes_that_one_may_see(campus, who, types):
    assert names(campus.client(who)) == for_scopes(*types)


def test_they_are_narrowed_to_a_scope(campus, staff, admin):
    assert names(staff, course_key=KEY) == names(staff, scope_type="course") == for_scopes("course")
    assert names(staff, course_key=FOREIGN_KEY) == names(staff, course_key="course-v1:No+Such+Course") == []
    assert names(admin, organization="Acme") == for_scopes("organization")
    assert names(staff, organization="Acme") == []
    assert names(admin, organization="Acme", course_key=KEY) == []
    assert names(admin, scope_type="instance") == for_scopes("instance")


def test_where_groups_are_off_there_are_none(campus, staff):
    WaffleFlagCourseOverrideModel.objects.create(
        waffle_flag=NAME, course_id=campus.course.id, override_choice="off", enabled=True
    )

    assert staff.get(address("criterion-types"), {"course_key": KEY}).status_code == 404
    assert names(campus.client("staff_of_another_course"), course_key=KEY) == []


@pytest.mark.parametrize("query", ["course_key=x", "scope_type=x", "name=x", "page=1", "page_size=5"])
def test_a_parameter_that_is_wrong_is_named(staff, query):
    response = staff.get(f"{address('criterion-types')}?{query}")

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {query.partition("=")[0]}


def test_one_is_read_by_its_name(campus, staff):
    assert staff.get(address("criterion-type", "last_login")).json()["name"] == "last_login"
    for name in ("nonsense", "\0", "LAST_LOGIN", "enrolled_in_course"):
        assert staff.get(address("criterion-type", name)).status_code == 404
    assert campus.client("learner").get(address("criterion-type", "last_login")).status_code == 404


@pytest.mark.parametrize(
    ("who", "first"),
    [("learner", None), ("staff", "inactive_learners"), ("global_staff", "inactive_learners")],
)
def test_templates_are_those_for_the_scopes_that_one_may_see(campus, who, first):
    found = [each["name"] for each in campus.client(who).get(address("rule-templates")).json()]

    assert (found[0] if found else None) == first
    assert ("new_accounts" in found) == (who == "global_staff")


def test_templates_are_narrowed_to_a_scope(campus, admin):
    templates = {each["name"]: each for each in admin.get(address("rule-templates"), {"course_key": KEY}).json()}

    assert "new_accounts" not in templates
    assert templates["new_this_week"]["rule"]["all"][0]["criterion"] == "enrollment_date"
    assert admin.get(address("rule-templates"), {"page": "1"}).status_code == 400


def test_a_template_that_asks_what_is_not_here_is_left_out(campus, admin):
    with temporarily(course_passed=None):
        found = [each["name"] for each in admin.get(address("rule-templates"), {"course_key": KEY}).json()]

    assert found == ["new_this_week"]
