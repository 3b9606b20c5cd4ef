"""Whatever the JSON Schema of an operator allows is refused with a reason, or answered; nothing else happens."""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012
from schemathesis.generation.jsonschema.builder import build

from openedx_user_groups.criteria import Criterion, registry
from openedx_user_groups.criteria.base import Asking
from openedx_user_groups.data import ScopeData
from openedx_user_groups.evaluation import matching
from openedx_user_groups.evaluation.preview import preview
from openedx_user_groups.exceptions import InvalidRule
from openedx_user_groups.groups import rule_reader
from openedx_user_groups.rules.tree import leaves
from tests.examples import examples
from tests.factories import NOW
from tests.plain import SCOPES, Person, Study
from tests.world import save, save_courses

pytestmark = pytest.mark.django_db

STUDENT = Person(
    is_active=True, fields={"email": "a@example.com"}, profile={"meta": "{"}, studies={SCOPES[0].key: Study()}
)


def drawn(criterion: type[Criterion]) -> st.SearchStrategy[tuple[str, Any]]:
    """An operator, and any config that its schema allows."""
    schemas = ((str(operator), dict(schema)) for operator, schema in criterion.operators.items())
    return st.one_of(*(st.tuples(st.just(operator), configs(schema)) for operator, schema in schemas))


def configs(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    # The package hypothesis-jsonschema does not work with this release of hypothesis; what draws for the API does.
    return build(schema, draft=Draft202012, formats={})


@pytest.mark.parametrize("name", [criterion.name for criterion in registry.all_types()])
def test_a_config_that_a_schema_allows_is_refused_with_reasons_or_answered(name) -> None:
    save_courses()
    (student,) = save([STUDENT])
    # One scope of each type.
    scopes = [scope for scope in (SCOPES[0], *SCOPES[2:]) if scope.type in registry.get(name).scopes]

    @settings(max_examples=examples(20), suppress_health_check=[HealthCheck.too_slow])
    @given(drawn=drawn(registry.get(name)))
    def check(drawn: tuple[str, Any]) -> None:
        operator, config = drawn
        for scope in scopes:
            leaf = {"criterion": name, "operator": operator, "config": config}
            if not refused(leaf, scope):
                answer(leaf, scope, student)

    check()


def refused(leaf: dict[str, Any], scope: ScopeData) -> bool:
    try:
        rule_reader.parse({"all": [leaf]}, scope)
    except InvalidRule as error:
        problems = error.problems
    else:
        return False
    for problem in problems:
        assert problem.path.startswith("/all/0/config"), problem
        assert problem.message
        # So it would be told if problems() had raised.
        assert "cannot be checked" not in problem.message
    return True


def answer(leaf: dict[str, Any], scope: ScopeData, student: int) -> None:
    rule = rule_reader.parse({"all": [leaf]}, scope)
    (read,) = leaves(rule)
    everyone, one = Asking(scope, NOW), Asking(scope, NOW, users=[student])
    with transaction.atomic():
        found = preview(rule, everyone, user_ids=True)
        matched = matching.users_where(matching.predicate_of(read, one)).filter(pk=student)

        assert found.leaves[0].text
        assert found.leaves[0].matched == found.count
        assert found.user_ids == ([student] if matched.exists() else [])
        assert set(matching.criterion_of(read, one).values()) <= {student}
