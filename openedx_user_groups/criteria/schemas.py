"""JSON Schemas of the configs that criteria share, and problems with a config as sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from .base import Schema

MAX_VALUES = 500
MAX_TEXT = 1000
# A hundred years: further back than any platform's data.
MAX_DAYS = 36500


def config(**properties: Schema) -> Schema:
    """An object with exactly these properties, all required."""
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


NO_CONFIG = config()
DAYS = config(days={"type": "integer", "minimum": 0, "maximum": MAX_DAYS})
DATE = config(date={"type": "string", "minLength": 10, "maxLength": 40})
TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT}


def values(name: str, item: Schema | None = None, limit: int = MAX_VALUES, **others: Schema) -> Schema:
    """A config with ``others``, and a list of different values, at most ``limit``."""
    item = item or {"type": "string", "minLength": 1, "maxLength": 255}
    listed: Schema = {"type": "array", "items": item, "minItems": 1, "maxItems": limit, "uniqueItems": True}
    return config(**others, **{name: listed})


def number(name: str, minimum: float, maximum: float, kind: str = "number", **others: Schema) -> Schema:
    """A config with ``others``, and one number; a whole one if ``kind`` is "integer"."""
    return config(**others, **{name: {"type": kind, "minimum": minimum, "maximum": maximum}})


def interval(name: str, minimum: float, maximum: float, kind: str = "number", **others: Schema) -> Schema:
    """A config with two numbers, the lower one first; and with ``others``."""
    item = {"type": kind, "minimum": minimum, "maximum": maximum}
    return config(**{name: {"type": "array", "items": item, "minItems": 2, "maxItems": 2}}, **others)


def problems(validator: Draft202012Validator, instance: object) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every fault of ``instance``: its path within the config, and a sentence what is allowed there."""
    # Of two names that are missing there are two errors, and neither says which name it is about.
    yield from dict.fromkeys(problem for error in validator.iter_errors(instance) for problem in _problems(error))


def _problems(error: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    place = tuple(error.absolute_path)
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        yield from (((*place, name), _("It is missing.")) for name in missing)
    elif error.validator == "additionalProperties":
        allowed = sorted(error.schema.get("properties", {}))
        for name in sorted(set(error.instance) - set(allowed)):
            yield (*place, name), _("It is not known here. {allowed}").format(allowed=_known(allowed))
    else:
        yield place, _sentence(error)


def _known(names: list[str]) -> str:
    return _("Allowed: {names}.").format(names=", ".join(names)) if names else _("Nothing is allowed here: write {}.")


_TYPES: Mapping[str, str] = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a text",
}


def _sentence(error: ValidationError) -> str:
    limit: Any = error.validator_value
    match error.validator:
        case "type":
            types = [limit] if isinstance(limit, str) else limit
            return _("It must be {type}.").format(type=_(" or ").join(_TYPES[name] for name in types))
        case "minimum":
            return _("It must be {limit} or more.").format(limit=limit)
        case "maximum":
            return _("It must be {limit} or less.").format(limit=limit)
        case "minItems":
            return ngettext("It needs at least {n} value.", "It needs at least {n} values.", limit).format(n=limit)
        case "maxItems":
            return ngettext("It may have {n} value at most.", "It may have {n} values at most.", limit).format(n=limit)
        case "minLength":
            return _("It must have {limit} or more characters.").format(limit=limit)
        case "maxLength":
            return _("It must have {limit} or fewer characters.").format(limit=limit)
        case "uniqueItems":
            return _("It has a value twice.")
        case "pattern":
            return _("{value!r} is not of the form that is allowed here.").format(value=str(error.instance)[:100])
        case "enum":
            return _("Allowed: {names}.").format(names=", ".join(map(str, limit)))
        case _:
            return error.message
