"""The answers of the product once more, in plain Python over plain data: what tests compare the database with."""

from collections.abc import Mapping
from typing import Any

from openedx_user_groups.data import ScopeData
from tests.plain_answers import OPPOSITES, answer, text_is
from tests.plain_people import COURSES, ORGANIZATIONS, SCOPES, Person, Study, belongs, fold

__all__ = [
    "COURSES",
    "OPPOSITES",
    "ORGANIZATIONS",
    "SCOPES",
    "Person",
    "Study",
    "belongs",
    "fold",
    "is_true",
    "text_is",
]


def is_true(rule: Mapping[str, Any], person: Person, scope: ScopeData) -> bool:
    """Whether a rule is true of a person, whether or not they belong to the scope."""
    if "criterion" in rule:
        return answer(rule["criterion"], rule["operator"], rule["config"], person, scope)
    [(combine, children)] = rule.items()
    answers = [is_true(child, person, scope) for child in children]
    return {"all": all(answers), "any": any(answers), "none": not any(answers)}[combine]
