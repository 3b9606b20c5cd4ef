"""The page of criterion types: what it shows of each type, with an example that works."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from uuid import UUID

import pytest

from openedx_user_groups.criteria import Criterion, Operator, registry
from openedx_user_groups.criteria.base import Asking
from openedx_user_groups.data import ScopeData
from openedx_user_groups.evaluation.preview import preview
from openedx_user_groups.groups import rule_reader
from openedx_user_groups.models import UserGroup
from tests.by_api import a_group
from tests.factories import NOW, a_block, a_course, a_learner, put_into, scope_of_course

DOCS = Path(__file__).resolve().parents[1] / "docs"
SCOPES = [
    ScopeData("course", "course-v1:OpenedX+DemoX+DemoCourse"),
    ScopeData("organization", "OpenedX"),
    ScopeData("instance"),
]
TYPES = [criterion for criterion in registry.all_types() if criterion.example]
BUILT_IN = [criterion for criterion in registry.all_types() if "." not in criterion.name]


@pytest.fixture(scope="module")
def words() -> ModuleType:
    """The module of the documentation that describes a type."""
    spec = importlib.util.spec_from_file_location("criterion_words", DOCS / "_ext" / "criterion_words.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def invented() -> None:
    """What the examples name."""
    course = a_course(SCOPES[0].key)
    assert course.org == SCOPES[1].key
    homework = a_block(course, "sequential", "homework1")
    put_into(a_block(course, "vertical", "unit1", homework), a_block(course, "problem", "question1"))
    a_learner(course)
    group = a_group(scope_of_course(course))
    (uuid,) = registry.get("group_member").example["config"]["groups"]
    UserGroup.objects.filter(uuid=group.uuid).update(uuid=UUID(uuid))


@pytest.mark.django_db
@pytest.mark.usefixtures("invented")
@pytest.mark.parametrize("criterion", TYPES, ids=lambda criterion: criterion.name)
def test_the_example_of_a_type_is_a_rule_that_works_wherever_the_type_does(criterion, words) -> None:
    rule = shown(words, criterion)

    for scope in SCOPES:
        if scope.type in criterion.scopes:
            counted = preview(rule_reader.parse(rule, scope), Asking(scope, NOW))
            assert counted.population == 1
            assert counted.leaves[0].text


def shown(words: ModuleType, criterion: type[Criterion]) -> object:
    """The example as the page shows it."""
    _before, example = "\n".join(words.describe(criterion)).split("An example:\n\n.. code-block:: json\n\n")
    return json.loads(example)


@pytest.mark.parametrize("criterion", BUILT_IN, ids=lambda criterion: criterion.name)
def test_the_page_shows_every_operator_scope_and_key_of_a_type_of_ours_in_words(criterion, words) -> None:
    text = "\n".join(words.describe(criterion))

    assert text.startswith(f"{criterion.name}\n{'*' * len(criterion.name)}\n\n")
    assert f":Scopes: {', '.join(criterion.scopes)}" in text
    for operator, schema in criterion.operators.items():
        assert f"``{operator}``" in text
        for key in schema["properties"]:
            assert f"``{key}`` (" in text
    assert "the schema below" not in text
    assert "An example:" in text


def a_type(schema: object, **attributes: object) -> type[Criterion]:
    return type("Asked", (Criterion,), {"scopes": ("course",), "operators": {Operator.IN: schema}, **attributes})


def closed(**properties: object) -> dict[str, object]:
    """A schema that allows these keys only."""
    return {"type": "object", "properties": properties, "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (closed(), "``in`` with no configuration: ``{}``"),
        (closed(a={"type": "boolean"}), "``a`` (true or false, may be left out)"),
        ({**closed(a={"enum": ["x", 1]}), "required": ["a"]}, '``a`` (one of ``"x"``, ``1``)'),
        (
            closed(a={"type": "array", "items": {"type": "integer"}}),
            "``a`` (list, each: whole number, may be left out)",
        ),
    ],
)
def test_simple_schemas_are_said_in_words(schema, said, words) -> None:
    assert said in "\n".join(words.describe(a_type(schema)))


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {"type": "object", "properties": {"a": {"type": "string"}}},
        closed(a=True),
        closed(a={}),
        closed(a={"anyOf": [{}, {}]}),
        closed(a={"type": ["string", "null"]}),
        closed(a={"type": "array"}),
        closed(a={"type": "array", "items": {"$ref": "#"}}),
        closed(a={"type": "array", "items": {"type": "string"}, "contains": {}}),
        closed(a={"type": "object"}),
        {"type": "object", "$defs": {"a": {}}, "additionalProperties": {"$ref": "#/$defs/a"}},
        {**closed(), "minProperties": 1},
    ],
)
def test_a_schema_that_takes_more_than_words_is_shown_as_it_is(schema, words) -> None:
    text = "\n".join(words.describe(a_type(schema, title="Asked for")))

    assert ":Operator: ``in`` with the schema below" in text
    (block,) = re.findall(r"The schema of ``in``:\n\n\.\. code-block:: json\n\n((?:   .*\n)+)", text)
    assert json.loads(block) == schema
    assert "Asked for." in text
    assert "An example" not in text
