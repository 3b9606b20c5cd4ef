"""What is said of a rule that is refused: the shortest way from a test to a problem."""

import json
from typing import Any

import pytest

from openedx_user_groups.data import ScopeData
from openedx_user_groups.exceptions import InvalidRule
from openedx_user_groups.groups import rule_reader

COURSE = ScopeData("course", "course-v1:Acme+A1+2026")
STAFF = {"criterion": "staff_status", "operator": "is_true", "config": {}}


def problems(rule: object, scope: ScopeData = COURSE) -> dict[str, str]:
    """What is wrong with a rule, by path; one problem per path."""
    with pytest.raises(InvalidRule) as caught:
        rule_reader.parse(rule, scope)
    found = {problem.path: problem.message for problem in caught.value.problems}
    assert found, "a rule is refused for a reason"
    assert len(found) == len(caught.value.problems)
    assert all(f"{path or '/'}: {message}" in str(caught.value) for path, message in found.items())
    str(caught.value).encode(), json.dumps(found)  # can be printed and sent
    return found


def problem_of(leaf: object, scope: ScopeData = COURSE) -> tuple[str, str]:
    """The one problem of a leaf, with its path within it."""
    [(path, message)] = problems(
        {"all": [STAFF, {"any": [leaf]}]} if scope != COURSE else {"all": [leaf]}, scope
    ).items()
    prefix = "/all/1/any/0" if scope != COURSE else "/all/0"
    assert path.startswith(prefix)
    return path.removeprefix(prefix), message


def asked(criterion: str = "last_login", operator: str = "within_days", **config: Any) -> dict[str, Any]:
    return {"criterion": criterion, "operator": operator, "config": config}
