"""The example plugin: another team's package, installed beside this one and found by its entry points."""

from importlib.metadata import entry_points
from typing import Any

import pytest

from openedx_user_groups import api
from openedx_user_groups.criteria import registry
from openedx_user_groups.evaluation.answers import Answers
from openedx_user_groups.groups import rule_reader
from openedx_user_groups.models import StagedUser
from tests.by_api import a_group, in_mode, leaf, member_ids, refreshed, statements, writes
from tests.factories import NOW, a_course, a_learner, enroll, scope_of_organization
from tests.plugins import Register
from tests.rest_api.campus import Campus, address, course_scope_json
from tests.world import definition

pytestmark = pytest.mark.django_db


@pytest.fixture
def register(tmp_path, settings) -> Register:
    settings.CAMPUS_REGISTER = str(tmp_path / "register.csv")
    register = Register(tmp_path / "register.csv")
    register.write({})
    return register


@pytest.fixture
def campus() -> Campus:
    return Campus()


def studies(*programmes: str, operator: str = "in") -> dict[str, Any]:
    return leaf("campus.programme", operator, programmes=list(programmes))


def test_it_is_installed_and_found() -> None:
    found = {group: [point.value for point in entry_points(group=group)] for group in registry.ENTRY_POINT_GROUPS}

    assert "campus.criteria" in found["openedx_user_groups.criteria"], "pip install --editable tests/example_plugin"
    assert "campus.register" in found["openedx_user_groups.sources"]
    assert {"campus.programme", "campus.course_load"} <= {criterion.name for criterion in registry.all_types()}
    assert registry.broken_plugins() == {}


def test_the_api_shows_its_criteria_with_their_schemas(campus, register) -> None:
    types = {one["name"]: one for one in campus.client("global_staff").get(address("criterion-types")).json()}

    programme = types["campus.programme"]
    assert (programme["title"], programme["scopes"]) == ("Degree programme", ["course", "organization", "instance"])
    assert programme["operators"]["in"]["properties"]["programmes"]["type"] == "array"
    assert programme["operators"].keys() == {"in", "not_in"}
    assert programme["unavailable"] == ""
    assert types["campus.course_load"]["operators"][">="]["properties"]["courses"]["maximum"] == 1000


def test_without_its_data_it_is_shown_as_unavailable_and_rules_cannot_use_it(campus, settings) -> None:
    del settings.CAMPUS_REGISTER
    client = campus.client("staff")

    assert client.get(address("criterion-type", "campus.programme")).json()["unavailable"] == (
        "There is no setting CAMPUS_REGISTER."
    )
    body = {"scope": course_scope_json(campus.course), "name": "Physicists", "rule": {"all": [studies("Physics")]}}
    refused = client.post(address("groups"), body, format="json")
    assert refused.status_code == 400
    assert "There is no setting CAMPUS_REGISTER." in refused.content.decode()


def test_a_group_that_uses_it_is_made_previewed_refreshed_and_explained_through_the_api(
    campus, register, django_capture_on_commit_callbacks
) -> None:
    client = campus.client("staff")
    for username in ("ana", "bo", "cy"):
        a_learner(campus.course, "audit" if username == "bo" else "verified", username=username)
    register.write({"ana": "Physics", "bo": "Law", "somebody_else": "Physics"})
    scope = course_scope_json(campus.course)
    rule = {"all": [studies("Physics", "Law"), leaf("enrollment_mode", "in", modes=["verified"])]}

    previewed = client.post(address("previews"), {"scope": scope, "rule": rule}, format="json").json()
    made = client.post(address("groups"), {"scope": scope, "name": "Physicists", "rule": rule}, format="json").json()
    change = {"revision": made["revision"], "status": "active"}
    client.patch(address("group", made["uuid"]), change, format="json")
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address("refreshes", made["uuid"]))

    assert previewed["count"] == 1
    assert previewed["leaves"][0] == {
        "path": "/all/0",
        "text": "studies Physics or Law",
        "matched": 2,
        "unknown": 1,
    }
    group = client.get(address("group", made["uuid"])).json()
    assert (group["health"], group["member_count"]) == ("ok", 1)
    members = client.get(address("members", made["uuid"])).json()["results"]
    assert [member["username"] for member in members] == ["ana"]
    asked = client.post(address("explanations", made["uuid"]), {"people": ["bo", "cy"]}, format="json").json()
    told = {one["username"]: {node["path"]: node for node in one["nodes"]} for one in asked["explanations"]}
    assert (told["bo"]["/all/0"]["truth"], told["bo"]["/all/0"]["value"]) == ("yes", "Law")
    assert (told["cy"]["/all/0"]["truth"], told["cy"]["/all/0"]["value"]) == ("unknown", None)


def test_groups_by_the_number_of_courses() -> None:
    first, second, third = (a_course(f"course-v1:Acme+A{number}+2026") for number in (1, 2, 3))
    busy, idle = a_learner(first), a_learner(first)
    enroll(busy, second)
    enroll(busy, third, is_active=False)
    group = a_group(scope_of_organization(), {"all": [leaf("campus.course_load", ">=", courses=2)]})
    others = a_group(scope_of_organization(), {"none": [leaf("campus.course_load", ">=", courses=2)]})

    refreshed(group)
    refreshed(others)

    assert member_ids(group) == {busy.pk}
    assert member_ids(others) == {idle.pk}


def test_members_follow_the_register_and_stay_while_there_is_none(campus, register) -> None:
    ana, bo = (a_learner(campus.course, username=username) for username in ("ana", "bo"))
    register.write({"ana": "Physics"})
    group = a_group(campus.scope, {"all": [studies("Physics")]})
    refreshed(group)
    assert member_ids(group) == {ana.pk}

    register.write({"bo": "Physics"})
    assert refreshed(group).outcome == "done"
    assert member_ids(group) == {bo.pk}

    register.file.unlink()
    assert refreshed(group).outcome == "failed"
    assert member_ids(group) == {bo.pk}
    told = campus.client("staff").get(address("group", group.uuid)).json()
    assert told["health"] == "broken"
    assert "campus.programme failed: FileNotFoundError" in told["health_reason"]

    register.write({"ana": "Physics"})
    assert refreshed(group).outcome == "done"
    assert member_ids(group) == {ana.pk}


def test_a_refresh_leaves_no_ids_behind(campus, register) -> None:
    a_learner(campus.course, username="ana")
    register.write({"ana": "Physics"})
    group = a_group(campus.scope, {"any": [studies("Physics"), studies("Law", operator="not_in")]})

    with statements() as sent:
        refreshed(group)

    assert len(writes(sent, "stageduser")) == 2
    assert not StagedUser.objects.exists()


def test_when_some_users_are_asked_about_nothing_is_kept(campus, register) -> None:
    ana, bo = (a_learner(campus.course, username=username) for username in ("ana", "bo"))
    register.write({"ana": "Physics", "bo": "Law"})
    rule = rule_reader.parse({"all": [studies("Physics", "Law")]}, campus.scope)

    with statements() as sent:
        found = Answers([ana.pk], NOW).matching(definition(rule, campus.scope))

    assert found == {ana.pk}
    assert not writes(sent)
    assert bo.pk not in found


def test_a_rule_of_the_plugin_and_one_of_ours_share_a_collection(campus, register) -> None:
    ana, bo = (a_learner(campus.course, username=username) for username in ("ana", "bo"))
    register.write({"ana": "Physics"})
    collection = api.create_collection(campus.scope, name="Either").uuid
    first = a_group(campus.scope, {"all": [studies("Physics")]}, collection=collection)
    second = a_group(campus.scope, in_mode("audit"), collection=collection)

    refreshed(first)

    assert (member_ids(first), member_ids(second)) == ({ana.pk}, {bo.pk})
