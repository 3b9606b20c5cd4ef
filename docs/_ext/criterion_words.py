"""Criterion types as reStructuredText, as their classes describe themselves; plugins' schemas may be of any kind."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from typing import Any

from openedx_user_groups.criteria.base import Criterion

# What the sentences below can say; a schema with more than that is shown as it is.
PLAIN = {"type", "enum", "minimum", "maximum", "minLength", "maxLength", "pattern", "format", "title", "description"}
PLAIN_LIST = {"type", "items", "minItems", "maxItems", "uniqueItems", "title", "description"}
PLAIN_OBJECT = {"type", "properties", "required", "additionalProperties", "title", "description", "$schema"}
KINDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}


def describe(criterion: type[Criterion]) -> Iterator[str]:
    """Return one type as reStructuredText."""
    yield from (criterion.name, "*" * len(criterion.name), "")
    # Its own words, not those of a class that it is made from.
    yield from inspect.cleandoc(criterion.__doc__ or f"{criterion.title}.").splitlines()
    yield from ("", f":Scopes: {', '.join(criterion.scopes)}")
    unusual = []
    for schema, operators in by_schema(criterion):
        listed = ", ".join(f"``{operator}``" for operator in operators)
        words = configuration(schema)
        if words is None:
            unusual.append((listed, schema))
        yield f":{'Operators' if len(operators) > 1 else 'Operator'}: {listed} with {words or 'the schema below'}"
    yield f":Reads: {', '.join(f'``{table}``' for table in criterion.reads) or 'nothing of the platform'}"
    yield ""
    for listed, schema in unusual:
        yield from (f"The schema of {listed}:", "", *code(schema))
    if criterion.example:
        yield from ("An example:", "", ".. code-block:: json", "", *rule(criterion.name, **criterion.example), "")


def rule(name: str, operator: str, config: Mapping[str, Any]) -> Iterator[str]:
    """Return the lines of a rule of one leaf, as people write it."""
    begin = f'{{"criterion": {json.dumps(name)}, "operator": {json.dumps(operator)},'
    ends = f'"config": {json.dumps(config, ensure_ascii=False)}}}'
    leaf = [f"{begin} {ends}"] if len(begin + ends) < 100 else [begin, f" {ends}"]
    yield from (f"   {line}" for line in ("{", '  "all": [', *(f"    {line}" for line in leaf), "  ]", "}"))


def by_schema(criterion: type[Criterion]) -> list[tuple[Mapping[str, Any], list[str]]]:
    """Return the different schemas of a type, each with its operators."""
    found: dict[str, list[str]] = {}
    for operator, schema in criterion.operators.items():
        found.setdefault(json.dumps(schema, sort_keys=True), []).append(str(operator))
    return [(json.loads(schema), operators) for schema, operators in found.items()]


def code(data: object) -> Iterator[str]:
    """Return JSON as a block of code."""
    lines = json.dumps(data, indent=2, ensure_ascii=False).splitlines()
    yield from (".. code-block:: json", "", *(f"   {line}" for line in lines), "")


def configuration(schema: Mapping[str, Any]) -> str | None:
    """Return the keys of a configuration in words; None where it takes the schema itself to say it."""
    properties = schema.get("properties", {})
    if schema.get("type") != "object" or not set(schema) <= PLAIN_OBJECT:
        return None
    if schema.get("additionalProperties") is not False:
        return None
    parts = []
    for name, rules in properties.items():
        words = value(rules)
        if words is None:
            return None
        optional = "" if name in schema.get("required", ()) else ", may be left out"
        parts.append(f"``{name}`` ({words}{optional})")
    return " and ".join(parts) or "no configuration: ``{}``"


def value(rules: Any) -> str | None:
    """Return what is allowed for one key in words; None where that cannot be said."""
    if not isinstance(rules, Mapping):
        return None
    if rules.get("type") == "array":
        return listed(rules)
    return single(rules) if set(rules) <= PLAIN else None


def listed(rules: Mapping[str, Any]) -> str | None:
    """Return a list in words: of how many of what."""
    item = rules.get("items")
    words = single(item) if isinstance(item, Mapping) and set(item) <= PLAIN else None
    if words is None or not set(rules) <= PLAIN_LIST:
        return None
    least, most = rules.get("minItems", 0), rules.get("maxItems")
    if least == most:
        return f"list of {least}, each: {words}"
    return f"list of at most {most}, each: {words}" if most is not None else f"list, each: {words}"


def single(rules: Mapping[str, Any]) -> str | None:
    """Return a text or a number in words."""
    if "enum" in rules:
        return "one of " + ", ".join(f"``{json.dumps(one, ensure_ascii=False)}``" for one in rules["enum"])
    kind = KINDS.get(str(rules.get("type")))
    if kind is None:
        return None
    limits = [f"{word} {rules[key]}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in rules]
    formed = [f"of the form ``{rules['pattern']}``"] if "pattern" in rules else []
    return " ".join([kind, *limits, *formed])
