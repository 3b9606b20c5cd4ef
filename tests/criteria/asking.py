"""One criterion, asked in a scope: the shortest way from a test to an answer."""

from typing import Any

from django.contrib.auth.models import User

from openedx_user_groups import evaluation, rule_reader
from openedx_user_groups.data import ScopeData
from openedx_user_groups.preview import preview
from tests.factories import NOW


def found(scope: ScopeData, criterion: str, operator: str, **config: Any) -> set[User]:
    """Whom of the scope's population a criterion is true of."""
    rule = rule_reader.parse({"all": [{"criterion": criterion, "operator": operator, "config": config}]}, scope)
    return set(evaluation.matching_users(rule, scope, NOW))


def unknown(scope: ScopeData, criterion: str, operator: str, **config: Any) -> int:
    """Of how many in the population a criterion has no data."""
    rule = rule_reader.parse({"all": [{"criterion": criterion, "operator": operator, "config": config}]}, scope)
    return preview(rule, scope, NOW).leaves[0].unknown
