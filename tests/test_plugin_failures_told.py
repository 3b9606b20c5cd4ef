"""A plugin that cannot check a config, describe it or explain it: what is told instead."""

import time
from collections.abc import Iterable
from typing import Any

import pytest
from django.db.models import Q
from django.utils.functional import lazy

from openedx_user_groups import api, deadline
from openedx_user_groups.criteria import Criterion, registry
from tests.by_api import VERIFIED, a_group, leaf, member_ids, refreshed
from tests.factories import a_learner
from tests.failing import FAILURES, RULE, TOO_LONG, Asked, CannotBeMade, CannotTell
from tests.rest_api.campus import Campus, address, course_scope_json

pytestmark = pytest.mark.django_db


@pytest.fixture
def campus() -> Campus:
    return Campus()


@pytest.fixture(autouse=True)
def limits(settings):
    settings.OPENEDX_USER_GROUPS_CRITERION_SECONDS = 0.5


class ProblemsRaise(Asked):
    def problems(self) -> Iterable[tuple[str, str]]:
        raise KeyError("licence")


class ProblemsHang(Asked):
    def problems(self) -> Iterable[tuple[str, str]]:
        time.sleep(60)
        return ()


class ProblemsAreNoPairs(Asked):
    def problems(self) -> Iterable[Any]:
        return [5]


class MatchesForEver(Asked):
    operators = {"in": {"type": "object", "properties": {"name": {"pattern": "^(a+)+$"}}}}  # type: ignore[dict-item]


class RefersToItself(Asked):
    operators = {"in": {"type": "object", "properties": {"name": {"$ref": "#/properties/name"}}}}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("failing", "said"),
    [
        (CannotBeMade, "It cannot be checked: acme.asked failed: KeyError('licence')"),
        (CannotTell, "acme.asked cannot tell whether it can be used here: KeyError('licence')"),
        (ProblemsRaise, "It cannot be checked: acme.asked failed: KeyError('licence')"),
        (ProblemsHang, f"It cannot be checked: {TOO_LONG}"),
        (ProblemsAreNoPairs, "It cannot be checked: acme.asked failed: TypeError("),
        (MatchesForEver, f"It cannot be checked: {TOO_LONG}"),
        (RefersToItself, "It cannot be checked: acme.asked failed: RecursionError("),
        (None, "No installed package offers the criterion 'acme.asked'."),
    ],
)
def test_a_rule_whose_criterion_cannot_be_checked_is_refused_with_the_reason(failing, said, campus) -> None:
    rule = {"all": [leaf("acme.asked", "in", name="a" * 60 + "!")]}
    body = {"scope": course_scope_json(campus.course), "name": "Asked", "rule": rule}

    with registry.temporarily(acme__asked=failing):
        answer = campus.client("staff").post(address("groups"), body, format="json")

    assert answer.status_code == 400
    [(place, reason)] = answer.json()["errors"].items()
    assert place.startswith("/rule/all/0/c")
    assert said in "".join(reason)


@pytest.mark.parametrize("how", ["cannot be made", "cannot tell whether it is available", "has vanished"])
def test_the_api_lists_the_types_and_the_groups_all_the_same(how, campus) -> None:
    failing, _said = FAILURES[how]
    with registry.temporarily(acme__asked=Asked):
        group = a_group(campus.scope, RULE)

    with registry.temporarily(acme__asked=failing):
        types = campus.client("global_staff").get(address("criterion-types"))
        told = campus.client("global_staff").get(address("group", group.uuid)).json()

    assert types.status_code == 200
    assert told["rule_text"] == "Acme.asked in"
    assert told["rule"] == RULE


def cannot_say() -> str:
    raise KeyError("licence")


class TitleRaises(Asked):
    title = lazy(cannot_say, str)()


def test_one_that_cannot_say_its_title_is_listed_by_its_name(campus) -> None:
    with registry.temporarily(acme__asked=TitleRaises):
        types = campus.client("global_staff").get(address("criterion-types")).json()

    assert {one["name"]: one["title"] for one in types}["acme.asked"] == "acme.asked"
    assert len(types) > 20


class GroupsAreNoIds(Asked):
    def groups(self) -> Any:
        return ["licence"]


def test_one_that_cannot_say_which_groups_it_asks_about_stops_no_edit(campus) -> None:
    with registry.temporarily(acme__asked=GroupsAreNoIds):
        group = a_group(campus.scope, VERIFIED)
        body = {"revision": 1, "rule": RULE}
        answer = campus.client("staff").patch(address("group", group.uuid), body, format="json")

    assert answer.status_code == 200


class UnknownIsNoCondition(Asked):
    def unknown(self) -> Any:
        return 5


def test_which_method_has_returned_something_else_is_told(campus) -> None:
    body = {"scope": course_scope_json(campus.course), "rule": RULE}
    with registry.temporarily(acme__asked=UnknownIsNoCondition):
        answer = campus.client("staff").post(address("previews"), body, format="json")

    assert answer.status_code == 422
    assert "acme.asked: unknown() must return a Q" in answer.json()["detail"]


def describing(describe: Any) -> type[Criterion]:
    return type("Describes", (Asked,), {"describe": describe})


def cannot_describe(_self: Criterion) -> str:
    raise KeyError("licence")


def takes_long_to_describe(_self: Criterion) -> str:
    time.sleep(60)
    return ""


@pytest.mark.parametrize(
    "describe", [cannot_describe, takes_long_to_describe, lambda self: None, lambda self: "", lambda self: " "]
)
def test_where_it_cannot_say_what_it_asks_its_name_stands_in_its_place(describe, campus) -> None:
    a_learner(campus.course, "audit")
    with registry.temporarily(acme__asked=describing(describe)):
        group = a_group(campus.scope, RULE)

        assert api.get_group(group.uuid).rule_text == "Acme.asked in"
        assert refreshed(group).outcome == "nothing"


def test_a_sentence_without_an_end_is_cut_off(campus) -> None:
    with registry.temporarily(acme__asked=describing(lambda self: "x" * 10_000_000)):
        text = api.get_group(a_group(campus.scope, RULE).uuid).rule_text

    assert (len(text), text[-1]) == (2_000, "…")


class UnknownRaises(Asked):
    def unknown(self) -> Q:
        raise KeyError("licence")


class ValuesRaise(Asked):
    def values(self) -> dict[int, Any]:
        raise KeyError("licence")


class ValuesHang(Asked):
    def values(self) -> dict[int, Any]:
        time.sleep(60)
        return {}


class ValuesAreNoMapping(Asked):
    def values(self) -> Any:
        return 5


class ValuesAreNoJson(Asked):
    def values(self) -> dict[int, Any]:
        return {pk: {object(), float("nan")} for pk in self.users or ()}


class NamesRaise(Asked):
    def names(self) -> Any:
        raise KeyError("licence")


@pytest.mark.parametrize("failing", [ValuesRaise, ValuesHang, ValuesAreNoMapping, ValuesAreNoJson])
def test_without_its_values_it_is_explained_all_the_same(failing, campus) -> None:
    ana = a_learner(campus.course, first_name="asked")
    with registry.temporarily(acme__asked=failing):
        group = a_group(campus.scope, RULE)
        refreshed(group)
        answer = campus.client("staff").post(
            address("explanations", group.uuid), {"people": [ana.username]}, format="json"
        )

    assert answer.status_code == 200
    node = answer.json()["explanations"][0]["nodes"][-1]
    assert (node["truth"], node["value"]) == ("yes", None)


@pytest.mark.parametrize("failing", [UnknownRaises, NamesRaise])
def test_what_it_cannot_say_for_explanations_does_not_keep_groups_from_being_refreshed(failing, campus) -> None:
    ana = a_learner(campus.course, first_name="asked")
    with registry.temporarily(acme__asked=failing):
        group = a_group(campus.scope, RULE)

        assert refreshed(group).outcome == "done"
        answer = campus.client("staff").post(
            address("explanations", group.uuid), {"people": [ana.username]}, format="json"
        )

    assert member_ids(group) == {ana.pk}
    assert answer.json()["explanations"][0]["nodes"][-1]["truth"] == "failed"


def test_a_person_does_not_wait_as_long_as_a_refresh_may_take(campus, settings, monkeypatch) -> None:
    settings.OPENEDX_USER_GROUPS_CRITERION_SECONDS = 60
    monkeypatch.setattr(deadline, "PROMPT", 0.3)
    body = {"scope": course_scope_json(campus.course), "name": "Asked", "rule": RULE}

    with registry.temporarily(acme__asked=ProblemsHang):
        answer = campus.client("staff").post(address("groups"), body, format="json")

    assert answer.status_code == 400
    assert "It cannot be checked: acme.asked: It took longer than 0.3 seconds, and was ended." in str(answer.json())
    assert "OPENEDX_USER_GROUPS_CRITERION_SECONDS" not in str(answer.json())
