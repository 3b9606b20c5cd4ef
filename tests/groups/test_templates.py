"""Templates are rules that can be used as they are, in each of their scopes."""

import pytest

from openedx_user_groups import api
from openedx_user_groups.data import COURSE, INSTANCE, ORGANIZATION, ScopeData
from openedx_user_groups.groups.templates import free_names
from tests.by_api import a_group
from tests.factories import a_course, scope_of_course

KEYS = {COURSE: "course-v1:Acme+A1+2026", ORGANIZATION: "Acme", INSTANCE: ""}
CASES = [(each.name, scope) for each in api.rule_templates() for scope in each.scopes]


@pytest.mark.parametrize(("name", "scope_type"), CASES)
@pytest.mark.django_db
def test_a_template_is_valid_and_can_be_asked(name, scope_type):
    a_course(KEYS[COURSE])
    scope = ScopeData(scope_type, KEYS[scope_type])
    (template,) = [each for each in api.rule_templates(scope=scope) if each.name == name]

    assert api.rule_text(scope, template.rule)
    assert api.preview(scope, template.rule).count == 0
    assert (template.title, template.description) > ("", "")


def test_the_common_cases_are_there():
    assert {name for name, scope in CASES if scope == COURSE} == {
        "inactive_learners",
        "at_risk",
        "passed_without_certificate",
        "new_this_week",
        "almost_passing",
    }


@pytest.mark.django_db
def test_a_name_to_begin_with_is_one_that_no_group_of_the_scope_has():
    here, elsewhere = (scope_of_course(a_course(f"course-v1:Acme+{number}+2026")) for number in ("A1", "A2"))
    for name in ("At risk", "AT RISK 2", "At risk 4"):
        a_group(here, name=name)

    assert free_names(here, ["At risk", "Away"]) == {"At risk": "At risk 3", "Away": "Away"}
    assert free_names(elsewhere, ["At risk"]) == {"At risk": "At risk"}
