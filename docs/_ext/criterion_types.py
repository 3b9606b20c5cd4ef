"""The directive ``criterion-types``: every registered criterion type, as its class describes itself."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from openedx_user_groups.criteria import registry
from openedx_user_groups.criteria.base import Criterion


def describe(criterion: type[Criterion]) -> Iterator[str]:
    """Return one type as reStructuredText."""
    yield from (criterion.name, "*" * len(criterion.name), "")
    yield from (*inspect.getdoc(criterion).splitlines(), "")
    yield f":Scopes: {', '.join(criterion.scopes)}"
    by_schema: dict[str, list[str]] = {}
    for operator, schema in criterion.operators.items():
        by_schema.setdefault(json.dumps(schema, sort_keys=True), []).append(operator.value)
    for schema, operators in by_schema.items():
        listed = ", ".join(f"``{operator}``" for operator in operators)
        yield f":{'Operators' if len(operators) > 1 else 'Operator'}: {listed} with {configuration(json.loads(schema))}"
    yield f":Reads: {', '.join(f'``{table}``' for table in criterion.reads) or 'nothing of the platform'}"
    yield ""


def configuration(schema: dict) -> str:
    """Return the keys of a configuration in words."""
    parts = []
    for name, rules in schema["properties"].items():
        kind = rules["type"]
        if "enum" in rules:
            kind = "one of " + ", ".join(rules["enum"])
        elif kind == "array":
            count = rules["minItems"] if rules["minItems"] == rules.get("maxItems") else "list of"
            kind = f"{count} {rules['items']['type']}s{limits(rules['items'])}"
        else:
            kind += limits(rules)
        optional = "" if name in schema.get("required", ()) else ", may be left out"
        parts.append(f"``{name}`` ({kind}{optional})")
    return " and ".join(parts) or "no configuration: ``{}``"


def limits(rules: dict) -> str:
    """Return the limits of a number in words."""
    return f" from {rules['minimum']} to {rules['maximum']}" if {"minimum", "maximum"} <= set(rules) else ""


class CriterionTypes(SphinxDirective):
    """Lists them by name, each as a section."""

    def run(self) -> list[nodes.Node]:
        """Parse the descriptions in place of the directive."""
        lines = [line for criterion in registry.all_types() for line in describe(criterion)]
        container = nodes.section()
        container.document = self.state.document
        self.state.nested_parse(StringList(lines, source="criterion types"), 0, container, match_titles=True)
        return container.children


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive."""
    app.add_directive("criterion-types", CriterionTypes)
    return {"parallel_read_safe": True}
