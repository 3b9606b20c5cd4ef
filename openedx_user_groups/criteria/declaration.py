"""What the class of a criterion says of itself, checked before anything relies on it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from django.utils.functional import Promise
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from referencing import Registry, Resource
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from ..data import COURSE, INSTANCE, ORGANIZATION
from ..exceptions import RegistrationError
from .base import Criterion, Operator

SCOPES = (COURSE, ORGANIZATION, INSTANCE)
# As rules store it and as addresses of the API show it.
NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", re.IGNORECASE)
MAX_NAME = 100
TABLE = re.compile(r"\w+\.\w+")


def check_declaration(name: str, criterion: type[Criterion]) -> None:
    """Raises RegistrationError for the first thing about ``criterion`` that nobody could work with."""
    problem = next(_problems(name, criterion), None)
    if problem:
        raise RegistrationError(f"The criterion {str(name)[:MAX_NAME]!r} {problem}")


def _problems(name: object, criterion: Any) -> Iterator[str]:
    if not isinstance(name, str) or len(name) > MAX_NAME or not NAME.fullmatch(name):
        yield f"needs another name: letters, digits, _ and - in parts with dots between, {MAX_NAME} at most."
    if not isinstance(criterion, type) or not issubclass(criterion, Criterion):
        yield f"must be a subclass of Criterion, not {criterion!r:.100}."
    if criterion.predicate is Criterion.predicate and criterion.user_ids is Criterion.user_ids:
        yield "needs a method predicate() or user_ids()."
    if criterion.describe is Criterion.describe:
        yield "needs a method describe()."
    for attribute, (is_right, expected) in ATTRIBUTES.items():
        if not is_right(getattr(criterion, attribute)):
            yield f"has {attribute} = {getattr(criterion, attribute)!r:.100}: it must be {expected}."
    for table in criterion.columns.keys() - criterion.updated_by.keys():
        yield f"has columns of {table!r}, which is not among updated_by."
    for operator, schema in criterion.operators.items():
        if operator not in set(Operator):
            yield f"has no operator {operator!r:.100} to choose from: {', '.join(Operator)}."
        for problem in _schema_problems(schema):
            yield f"has a schema of {str(operator)!r} that {problem}"
    if not _is_example(criterion.example, criterion.operators):
        yield f"has example = {criterion.example!r:.200}: it must be an operator with a config that its schema accepts."


def _is_list_of(is_right: Callable[[Any], bool], *, empty: bool) -> Callable[[Any], bool]:
    def check(value: Any) -> bool:
        return isinstance(value, list | tuple) and (empty or bool(value)) and all(map(is_right, value))

    return check


def _is_path(value: Any) -> bool:
    return callable(value) or (isinstance(value, str) and bool(value))


def _is_affected(value: Any) -> bool:
    return _is_path(value) or (isinstance(value, tuple) and len(value) == 2 and all(map(_is_path, value)))


def _is_updates(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(k, str) and _is_affected(v) for k, v in value.items())


def _is_columns(value: Any) -> bool:
    are_names = _is_list_of(lambda name: isinstance(name, str) and name.isidentifier(), empty=False)
    return isinstance(value, Mapping) and all(isinstance(k, str) and are_names(v) for k, v in value.items())


def _is_duration(value: Any) -> bool:
    return isinstance(value, timedelta) and value > timedelta(0)


def _is_example(example: Any, operators: Mapping[Any, Any]) -> bool:
    if not isinstance(example, Mapping) or (example and set(example) != {"operator", "config"}):
        return False
    if not example:
        return True
    schema = operators.get(str(example["operator"]))
    return schema is not None and bool(Draft202012Validator(schema, registry=Registry()).is_valid(example["config"]))


# What each class attribute must be, and how that is said.
ATTRIBUTES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    # One that is translated later cannot be looked at now.
    "title": (
        lambda value: isinstance(value, Promise) or (isinstance(value, str) and value != ""),
        "a text for people",
    ),
    "summary": (lambda value: isinstance(value, Promise | str), "a text for people"),
    "keywords": (lambda value: isinstance(value, Promise | str), "words with blanks between them"),
    "theme": (lambda value: isinstance(value, Promise | str), "a text for people"),
    "suggests": (
        _is_list_of(lambda key: isinstance(key, str) and key != "", empty=True),
        "a list of keys of the configs",
    ),
    "scopes": (_is_list_of(SCOPES.__contains__, empty=False), f"a list of {', '.join(SCOPES)}"),
    "operators": (
        lambda value: isinstance(value, Mapping) and bool(value),
        "a mapping of operators to the JSON Schemas of their configs",
    ),
    "reads": (
        _is_list_of(lambda label: isinstance(label, str) and bool(TABLE.fullmatch(label)), empty=True),
        'a list of tables such as "student.UserProfile"',
    ),
    "updated_by": (_is_updates, "a mapping of events and tables to where they name the user"),
    "columns": (_is_columns, 'a mapping of tables to lists of their columns, as {"auth.User": ["email"]}'),
    "refresh_every": (lambda value: value is None or _is_duration(value), "None or a timedelta above 0"),
    "stale_after": (_is_duration, "a timedelta above 0"),
    "permission": (lambda value: isinstance(value, str), "the name of a permission"),
}


def _schema_problems(schema: Any) -> Iterator[str]:
    """What keeps a schema from being used for configs, forms, the API and the documentation."""
    if not isinstance(schema, Mapping) or schema.get("type") != "object":
        yield 'must be a JSON Schema with "type": "object", for a config is an object.'
        return
    try:
        json.dumps(schema, allow_nan=False)
        Draft202012Validator.check_schema(schema)
        yield from (f"refers to {name!r}, which is not within it; nothing is fetched." for name in _dangling(schema))
        Draft202012Validator(schema, registry=Registry()).is_valid({})
    except SchemaError as error:
        yield f"is not valid: {error.message}"
    except RecursionError:
        yield "refers to itself without end."
    except (TypeError, ValueError) as error:
        yield f"is not valid: {error}"


def _dangling(schema: Any) -> Iterator[str]:
    """References to what is not within the schema."""
    root = DRAFT202012.create_resource(schema)
    yield from _dangling_in(root, Registry().resolver_with_root(root))


def _dangling_in(part: Resource[Any], resolver: Any) -> Iterator[str]:
    contents: Mapping[str, Any] = part.contents if isinstance(part.contents, Mapping) else {}
    for keyword in contents.keys() & {"$ref", "$dynamicRef"}:
        try:
            resolver.lookup(contents[keyword])
        except Unresolvable:
            yield contents[keyword]
    for inner in part.subresources():
        yield from _dangling_in(inner, resolver.in_subresource(inner))
