"""What people call the operators of criteria and the keys of their configs, and what they are told about these.

The schema of a plugin's criterion may give a ``title`` and a ``description`` to a key; this is for those that do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from ...criteria.base import Operator

OPERATORS: Mapping[str, Promise] = {
    Operator.MORE_THAN_DAYS_AGO: gettext_lazy("more than so many days ago, or never"),
    Operator.WITHIN_DAYS: gettext_lazy("within the last days"),
    Operator.BEFORE: gettext_lazy("before a date"),
    Operator.ON_OR_AFTER: gettext_lazy("on or after a date"),
    Operator.IN: gettext_lazy("is any of"),
    Operator.NOT_IN: gettext_lazy("is none of"),
    Operator.ALL_OF: gettext_lazy("is all of"),
    Operator.LESS: gettext_lazy("is below"),
    Operator.AT_MOST: gettext_lazy("is at most"),
    Operator.MORE: gettext_lazy("is above"),
    Operator.AT_LEAST: gettext_lazy("is at least"),
    Operator.BETWEEN: gettext_lazy("is between"),
    Operator.IS: gettext_lazy("is"),
    Operator.IS_NOT: gettext_lazy("is not"),
    Operator.CONTAINS: gettext_lazy("contains"),
    Operator.NOT_CONTAINS: gettext_lazy("does not contain"),
    Operator.STARTS_WITH: gettext_lazy("starts with"),
    Operator.ENDS_WITH: gettext_lazy("ends with"),
    Operator.IS_EMPTY: gettext_lazy("is empty"),
    Operator.IS_NOT_EMPTY: gettext_lazy("is filled in"),
    Operator.IS_TRUE: gettext_lazy("yes"),
    Operator.IS_FALSE: gettext_lazy("no"),
}

KEYS: Mapping[str, Promise] = {
    "course_keys": gettext_lazy("Courses"),
    "date": gettext_lazy("Date"),
    "days": gettext_lazy("Days"),
    "domains": gettext_lazy("Domains"),
    "field": gettext_lazy("Field"),
    "groups": gettext_lazy("Groups"),
    "modes": gettext_lazy("Tracks"),
    "percent": gettext_lazy("Percent"),
    "providers": gettext_lazy("Providers"),
    "roles": gettext_lazy("Roles"),
    "seed": gettext_lazy("Seed"),
    "usage_key": gettext_lazy("Block"),
    "value": gettext_lazy("Text"),
    "values": gettext_lazy("Values"),
    "years": gettext_lazy("Years"),
}

# Under a field, by the name of its criterion and by its key.
HINTS: Mapping[tuple[str, str], Promise] = {
    ("assignment_grade", "usage_key"): gettext_lazy(
        "Search for a graded subsection by its name and choose it, or write its usage key."
    ),
    ("block_completed", "usage_key"): gettext_lazy(
        "Search for a section, a unit or what is in it by its name and choose it, or write its usage key."
    ),
    ("custom_profile_field", "field"): gettext_lazy(
        "What the platform calls it internally: choose one that is in use, or ask whoever looks after the platform."
    ),
    ("random_share", "seed"): gettext_lazy(
        "Any text. The same text always draws the same people: keep it for shares that belong together, such as "
        "0 to 50 and 50 to 100; another text draws others."
    ),
}

# Of the enumerations of the built-in criteria.
VALUES: Mapping[str, Promise] = {
    "city": gettext_lazy("city"),
    "email": gettext_lazy("e-mail address"),
    "first_name": gettext_lazy("first name"),
    "goals": gettext_lazy("goals"),
    "last_name": gettext_lazy("last name"),
    "name": gettext_lazy("name"),
    "scope": gettext_lazy("course key or organization"),
    "tag": gettext_lazy("tag"),
    "username": gettext_lazy("user name"),
}


def operator_title(operator: str) -> str:
    """What people call an operator."""
    return str(OPERATORS[operator])


def key_title(key: str, schema: Mapping[str, Any]) -> str:
    """What people call a key of a config, whose schema this is."""
    given = schema.get("title") if isinstance(schema.get("title"), str) else ""
    return str(given or KEYS.get(key) or capfirst(key.replace("_", " ")))


def key_hint(criterion: str, key: str, schema: Mapping[str, Any]) -> str:
    """What people are told about a key of the config of a criterion, whose schema this is; "" where that is nothing."""
    given = schema.get("description") if isinstance(schema.get("description"), str) else ""
    return str(given or HINTS.get((criterion, key), ""))
