"""What the class of a criterion says of itself is checked when it is registered; what is wrong is a sentence."""

import socket
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Q
from django.utils.translation import gettext_lazy

from openedx_user_groups.criteria import Criterion, Operator, register, registry
from openedx_user_groups.exceptions import RegistrationError, UnknownCriterion

OBJECT = {"type": "object"}


class Asked(Criterion):
    """A criterion that may be registered; every other one here has one thing that is wrong."""

    title = "Asked"
    scopes = ("course",)
    operators = {Operator.IS_TRUE: OBJECT}

    def predicate(self) -> Q:
        return Q(is_staff=True)

    def describe(self) -> str:
        return "is asked"


@pytest.fixture(autouse=True)
def _as_it_was():
    with registry.temporarily():
        yield


def a_type(**attributes: object) -> type[Criterion]:
    return type("Changed", (Asked,), attributes)


def complaint(criterion: Any, name: Any = "acme.asked") -> str:
    """What is said of a criterion that cannot be registered; it is not."""
    with pytest.raises(RegistrationError) as caught:
        register(name)(criterion)
    with pytest.raises(UnknownCriterion):
        registry.get(name)
    return caught.value.message


def with_schema(schema: Any) -> type[Criterion]:
    return a_type(operators={Operator.IS_TRUE: schema})


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"title": gettext_lazy("Asked")},
        {"summary": "Whether it is asked.", "keywords": gettext_lazy("question")},
        {"scopes": ["course", "organization", "instance"]},
        {"operators": {"in": OBJECT, "not_in": OBJECT}},
        {
            "updated_by": {
                "auth.User": "id",
                "a.b.v1": lambda event: 5,
                "student.CourseEnrollment": ("user_id", "course_id"),
            }
        },
        {"updated_by": {"auth.User": "id"}, "columns": {"auth.User": ("email", "is_staff")}},
        {"refresh_every": timedelta(hours=1), "stale_after": timedelta(days=1), "reads": ["auth.User"]},
        {"predicate": Criterion.predicate, "user_ids": lambda self: [5]},
        {"example": {"operator": "is_true", "config": {}}},
    ],
)
def test_what_is_right(attributes) -> None:
    assert register("acme.asked")(a_type(**attributes)).name == "acme.asked"


@pytest.mark.parametrize(
    "name", ["", "acme.", ".asked", "acme..asked", "acme asked", "acme/asked", "é.b", "a" * 101, None, 5]
)
def test_a_name_that_rules_and_addresses_cannot_hold(name) -> None:
    assert "needs another name: letters, digits, _ and - in parts with dots between, 100 at most." in complaint(
        Asked, name
    )


@pytest.mark.parametrize("criterion", [None, 5, object, object(), lambda: None])
def test_what_is_no_criterion(criterion) -> None:
    assert "'acme.asked' must be a subclass of Criterion, not " in complaint(criterion)


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"predicate": Criterion.predicate}, "needs a method predicate() or user_ids()."),
        ({"describe": Criterion.describe}, "needs a method describe()."),
        ({"title": ""}, "has title = '': it must be a text for people."),
        ({"title": 5}, "has title = 5: "),
        ({"scopes": ()}, "has scopes = (): it must be a list of course, organization, instance."),
        ({"scopes": "course"}, "has scopes = 'course': "),
        ({"scopes": ("course", "galaxy")}, "has scopes = ('course', 'galaxy'): "),
        ({"scopes": None}, "has scopes = None: "),
        (
            {"operators": {}},
            "has operators = {}: it must be a mapping of operators to the JSON Schemas of their configs.",
        ),
        ({"operators": [Operator.IN]}, "has operators = ["),
        ({"operators": {"resembles": OBJECT}}, "has no operator 'resembles' to choose from: more_than_days_ago, "),
        ({"operators": {5: OBJECT}}, "has no operator 5 to choose from: "),
        ({"reads": "auth.User"}, "has reads = 'auth.User': it must be a list of tables such as"),
        ({"reads": ["auth"]}, "has reads = ['auth']: "),
        ({"updated_by": ["a.b.v1"]}, "has updated_by = ['a.b.v1']: it must be a mapping of events and tables"),
        ({"columns": ["email"]}, "has columns = ['email']: it must be a mapping of tables to lists of their columns"),
        ({"columns": {"auth.User": "email"}}, "has columns = {'auth.User': 'email'}: "),
        ({"columns": {"auth.User": []}}, "has columns = {'auth.User': []}: "),
        ({"columns": {"auth.User": ["user__email!"]}}, "has columns = {'auth.User': ['user__email!']}: "),
        ({"columns": {"auth.User": ["email"]}}, "has columns of 'auth.User', which is not among updated_by."),
        ({"updated_by": {"a.b.v1": ""}}, "has updated_by = {'a.b.v1': ''}: "),
        ({"updated_by": {"a.b.v1": ("user", "course", "time")}}, "has updated_by = {'a.b.v1': ('user', "),
        ({"refresh_every": 3600}, "has refresh_every = 3600: it must be None or a timedelta above 0."),
        ({"refresh_every": timedelta(0)}, "has refresh_every = datetime.timedelta(0): "),
        ({"stale_after": None}, "has stale_after = None: it must be a timedelta above 0."),
        ({"permission": None}, "has permission = None: it must be the name of a permission."),
        ({"example": {"operator": "in", "config": {}}}, "has example = {'operator': 'in', 'config': {}}: it must be"),
        ({"example": {"operator": "is_true", "config": []}}, "has example = "),
        ({"example": {"operator": "is_true"}}, "has example = "),
    ],
)
def test_what_is_wrong_with_the_class(attributes, said) -> None:
    assert f"The criterion 'acme.asked' {said}" in complaint(a_type(**attributes))


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ("object", 'must be a JSON Schema with "type": "object", for a config is an object.'),
        (True, "must be a JSON Schema with"),
        (None, "must be a JSON Schema with"),
        ({}, "must be a JSON Schema with"),
        ({"type": "array"}, "must be a JSON Schema with"),
        ({"type": ["object", "null"]}, "must be a JSON Schema with"),
        (OBJECT | {"properties": []}, "is not valid: [] is not of type 'object'"),
        (
            OBJECT | {"properties": {"days": {"type": "lots"}}},
            "is not valid: 'lots' is not valid under any of the given",
        ),
        (OBJECT | {"properties": {"days": {"minimum": "0"}}}, "is not valid: '0' is not of type 'number'"),
        (OBJECT | {"properties": {"name": {"pattern": "("}}}, "is not valid: '(' is not a 'regex'"),
        (OBJECT | {"patternProperties": {"[": {}}}, "is not valid: '[' is not a 'regex'"),
        (OBJECT | {"default": {5, 6}}, "is not valid: Object of type set is not JSON serializable"),
        (OBJECT | {"default": float("nan")}, "is not valid: Out of range float values are not JSON compliant"),
        (OBJECT | {"$ref": "#"}, "refers to itself without end."),
        (
            OBJECT | {"properties": {"days": {"$ref": "#/$defs/days"}}},
            "refers to '#/$defs/days', which is not within it;",
        ),
        (OBJECT | {"anyOf": [{"items": {"$dynamicRef": "#days"}}]}, "refers to '#days', which is not within it;"),
    ],
)
def test_what_is_wrong_with_a_schema(schema, said) -> None:
    assert f"The criterion 'acme.asked' has a schema of 'is_true' that {said}" in complaint(with_schema(schema))


def test_what_a_schema_refers_to_is_never_fetched() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/schema.json"

        said = complaint(with_schema(OBJECT | {"properties": {"days": {"$ref": address}}}))

        assert said.endswith(f"refers to {address!r}, which is not within it; nothing is fetched.")
        unchecked = with_schema(OBJECT | {"properties": {"days": {"$ref": address}}})
        with pytest.raises(Exception, match=r"schema\.json"):
            unchecked.validator(Operator.IS_TRUE).is_valid({"days": 5})
        with pytest.raises(TimeoutError):
            server.accept()


def test_what_is_within_a_schema_may_be_referred_to() -> None:
    days = {"type": "integer", "minimum": 0}
    schema = OBJECT | {"properties": {"days": {"$ref": "#/$defs/days"}}, "$defs": {"days": days}}

    criterion = register("acme.asked")(with_schema(schema))

    assert criterion.validator(Operator.IS_TRUE).is_valid({"days": 5})
    assert not criterion.validator(Operator.IS_TRUE).is_valid({"days": -5})
