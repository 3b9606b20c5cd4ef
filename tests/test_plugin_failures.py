"""A plugin that fails while groups use it: members stay, the health says why, and everything else goes on."""

from typing import Any

import pytest

from openedx_user_groups import api
from openedx_user_groups.criteria import registry
from openedx_user_groups.models import StagedUser
from openedx_user_groups.sources import temporarily as sources_temporarily
from tests.by_api import VERIFIED, a_group, member_ids, refreshed
from tests.factories import a_learner
from tests.failing import FAILURES, RULE, Asked, BrokenSource, gives, raises
from tests.management.running import run
from tests.rest_api.campus import Campus, address, course_scope_json

pytestmark = pytest.mark.django_db


@pytest.fixture
def campus() -> Campus:
    return Campus()


@pytest.fixture(autouse=True)
def limits(settings):
    settings.OPENEDX_USER_GROUPS_CRITERION_SECONDS = 0.5
    settings.OPENEDX_USER_GROUPS_MAX_STAGED_IDS = 10_000
    with sources_temporarily(acme__broken=BrokenSource):
        yield


@pytest.mark.parametrize("how", FAILURES)
def test_members_stay_the_health_says_why_and_other_groups_go_on(how, campus) -> None:
    failing, said = FAILURES[how]
    ana = a_learner(campus.course, "verified", first_name="asked")
    # Staff of the course may not see what a criterion names that cannot tell it.
    client = campus.client("global_staff")
    with registry.temporarily(acme__asked=Asked):
        group, other = a_group(campus.scope, RULE), a_group(campus.scope, VERIFIED)
        refreshed(group)
    assert member_ids(group) == {ana.pk}
    ana.first_name = "no more"
    ana.save()

    with registry.temporarily(acme__asked=failing):
        failed = refreshed(group)
        assert refreshed(other).outcome == "done"
        told = client.get(address("group", group.uuid)).json()
        names = [one["name"] for one in client.get(address("groups")).json()["results"]]
        explained = client.post(address("explanations", group.uuid), {"people": [ana.username]}, format="json")
        checked = run("check_user_groups", "--format", "json")

    assert (failed.outcome, failed.joined, failed.left) == ("failed", 0, 0)
    assert said in failed.error
    assert failed.error.startswith("/all/0: ")
    assert len(failed.error) < 600
    assert member_ids(group) == {ana.pk}
    assert (told["health"], told["health_reason"], told["member_count"]) == ("broken", failed.error, 1)
    assert {group.name, other.name} <= set(names)
    assert explained.status_code == 200
    [about_ana] = explained.json()["explanations"]
    assert (about_ana["is_member"], about_ana["nodes"][-1]["truth"]) == (True, "failed")
    assert checked.code == 1
    assert (
        said.partition(" and so")[0] in {one["uuid"]: one["error"] for one in checked.json["groups"]}[str(group.uuid)]
    )
    assert not StagedUser.objects.exists()

    with registry.temporarily(acme__asked=Asked):
        assert refreshed(group).outcome == "done"
    assert member_ids(group) == set()
    assert api.get_group(group.uuid).health == "ok"


def preview(campus: Campus, rule: Any = None) -> Any:
    body = {"scope": course_scope_json(campus.course), "rule": rule or RULE}
    return campus.client("staff").post(address("previews"), body, format="json")


@pytest.mark.parametrize("how", sorted(set(FAILURES) - {"has vanished", "cannot tell whether it is available"}))
def test_a_preview_says_why_it_cannot_be_had(how, campus) -> None:
    failing, said = FAILURES[how]
    a_learner(campus.course)

    with registry.temporarily(acme__asked=failing):
        answer = preview(campus, {"any": [VERIFIED, RULE]})

    assert answer.status_code in (400, 422)
    [(place, reason)] = answer.json()["errors"].items()
    assert place.startswith("/rule/any/1/all/0")
    assert said.removeprefix("acme.asked: ") in "".join(reason)


def test_the_same_id_twice_and_ids_of_nobody_do_no_harm(campus) -> None:
    ana = a_learner(campus.course)
    with registry.temporarily(acme__asked=gives(lambda: [ana.pk, ana.pk, ana.pk + 1_000_000, ana.pk])):
        group = a_group(campus.scope, RULE)

        assert refreshed(group).joined == 1
    assert member_ids(group) == {ana.pk}


@pytest.mark.parametrize("order", [SystemExit, KeyboardInterrupt])
def test_an_order_to_end_the_process_ends_it_and_the_members_stay(order, campus) -> None:
    ana = a_learner(campus.course, first_name="asked")
    with registry.temporarily(acme__asked=Asked):
        group = a_group(campus.scope, RULE)
        refreshed(group)

    with registry.temporarily(acme__asked=raises(order())), pytest.raises(order):
        refreshed(group)

    assert member_ids(group) == {ana.pk}
    assert api.get_group(group.uuid).health == "ok"
