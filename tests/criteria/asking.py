"""One criterion, asked in a scope: the shortest way from a test to an answer."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User

from openedx_user_groups.criteria.base import NOBODY, Asker, Asking
from openedx_user_groups.data import ScopeData
from openedx_user_groups.evaluation import matching
from openedx_user_groups.evaluation.preview import preview
from openedx_user_groups.exceptions import InvalidRule
from openedx_user_groups.groups import rule_reader
from openedx_user_groups.population.staging import staging
from openedx_user_groups.rules.tree import Leaf, leaves
from tests.factories import NOW


def found(scope: ScopeData, criterion: str, operator: str, **config: Any) -> set[User]:
    """Whom of the scope's population a criterion is true of."""
    rule = rule_reader.parse({"all": [{"criterion": criterion, "operator": operator, "config": config}]}, scope)
    with staging() as stage:
        return set(matching.matching_users(rule, Asking(scope, NOW, stage=stage)))


def unknown(scope: ScopeData, criterion: str, operator: str, **config: Any) -> int:
    """Of how many in the population a criterion has no data."""
    rule = rule_reader.parse({"all": [{"criterion": criterion, "operator": operator, "config": config}]}, scope)
    return preview(rule, Asking(scope, NOW)).leaves[0].unknown


def refusals(
    scope: ScopeData, criterion: str, operator: str, *, asker: Asker = NOBODY, **config: Any
) -> list[tuple[str, str]]:
    """What is wrong with a criterion's config, as a rule's author is told: keys of it and sentences."""
    rule = {"all": [{"criterion": criterion, "operator": operator, "config": config}]}
    try:
        rule_reader.parse(rule, scope, asker)
    except InvalidRule as error:
        return [(problem.path.removeprefix("/all/0/config/"), problem.message) for problem in error.problems]
    return []


def values(
    scope: ScopeData, users: Iterable[User], criterion: str, operator: str, *, asker: Asker = NOBODY, **config: Any
) -> dict[User, Any]:
    """What each of the users has, as an explanation shows it."""
    rule = {"all": [{"criterion": criterion, "operator": operator, "config": config}]}
    (leaf,) = leaves(rule_reader.parse(rule, scope, asker))
    people = {user.pk: user for user in users}
    asked = matching.criterion_of(leaf, Asking(scope, NOW, users=list(people), asker=asker))
    return {people[pk]: value for pk, value in asked.values().items()}


def sentence(scope: ScopeData, criterion: str, operator: str, *, asker: Asker = NOBODY, **config: Any) -> str:
    """The criterion in words."""
    leaf = Leaf("/all/0", criterion, operator, config)
    return matching.criterion_of(leaf, Asking(scope, NOW, asker=asker)).describe()


class Sees:
    """Somebody who may know of these scopes."""

    def __init__(self, *scopes: ScopeData) -> None:
        self.scopes = scopes

    def sees(self, scope: ScopeData) -> bool:
        return scope in self.scopes

    def has(self, permission: str, scope: ScopeData) -> bool:
        return False
