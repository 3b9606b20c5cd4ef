"""Text operators: their schemas, and their meaning in the database, in Python and in words, always the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from ..text import Contains, EndsWith, IsOneOf, StartsWith, fold
from .base import Operator, Schema
from .schemas import TEXT, config

_CONDITIONS: Mapping[Operator, Any] = {
    Operator.IS: IsOneOf,
    Operator.CONTAINS: Contains,
    Operator.STARTS_WITH: StartsWith,
    Operator.ENDS_WITH: EndsWith,
}
_TESTS: Mapping[Operator, Callable[[str, str], bool]] = {
    Operator.IS: lambda text, value: text == value,
    Operator.CONTAINS: lambda text, value: value in text,
    Operator.STARTS_WITH: lambda text, value: text.startswith(value),
    Operator.ENDS_WITH: lambda text, value: text.endswith(value),
}


def texts(field: Schema) -> Mapping[Operator, Schema]:
    """The operators of a text whose ``field`` the config names."""
    with_value, without_value = config(field=field, value=TEXT), config(field=field)
    compare = (Operator.IS, Operator.IS_NOT, Operator.CONTAINS, Operator.NOT_CONTAINS)
    return {
        **dict.fromkeys((*compare, Operator.STARTS_WITH, Operator.ENDS_WITH), with_value),
        **dict.fromkeys((Operator.IS_EMPTY, Operator.IS_NOT_EMPTY), without_value),
    }


def text_condition(operator: Operator, column: str, asked: Mapping[str, Any]) -> Q:
    """The condition that ``column`` passes a text operator that is not an opposite, given the config."""
    if operator == Operator.IS_NOT_EMPTY:
        return ~is_empty(column)
    return Q(_CONDITIONS[operator](column, asked["value"]))


def is_empty(column: str) -> Q:
    """The condition that a text column holds nothing."""
    return Q(IsOneOf(column, ""))


def text_test(operator: Operator, asked: Mapping[str, Any]) -> Callable[[str], bool]:
    """The same for text that is read in Python; also of the operator ``in``."""
    if operator == Operator.IS_NOT_EMPTY:
        return bool
    if operator == Operator.IN:
        listed = {fold(value) for value in asked["values"]}
        return lambda text: fold(text) in listed
    test, value = _TESTS[operator], fold(asked["value"])
    return lambda text: test(fold(text), value)


def text_sentence(operator: Operator, subject: str, asked: Mapping[str, Any]) -> str:
    """What a text operator asks of the text called ``subject``."""
    sentences = {
        Operator.IS: _("{subject} is “{value}”"),
        Operator.IS_NOT: _("{subject} is not “{value}”"),
        Operator.CONTAINS: _("{subject} contains “{value}”"),
        Operator.NOT_CONTAINS: _("{subject} does not contain “{value}”"),
        Operator.STARTS_WITH: _("{subject} starts with “{value}”"),
        Operator.ENDS_WITH: _("{subject} ends with “{value}”"),
        Operator.IS_EMPTY: _("{subject} is empty"),
        Operator.IS_NOT_EMPTY: _("{subject} is filled in"),
    }
    return sentences[operator].format(subject=subject, value=asked.get("value", ""))
