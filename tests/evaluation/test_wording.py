"""Rules in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openedx_user_groups.criteria import registry
from openedx_user_groups.criteria.base import Asking
from openedx_user_groups.data import ScopeData
from openedx_user_groups.evaluation.wording import leaf_sentence, sentence
from openedx_user_groups.groups import rule_reader
from tests.factories import NOW
from tests.plain import SCOPES
from tests.strategies import rules
from tests.world import rolled_back, save_courses

COURSE = ScopeData("course", "course-v1:Acme+A1+2026")
STAFF = {"criterion": "staff_status", "operator": "is_true", "config": {}}
NEVER = {"criterion": "last_login", "operator": "is_false", "config": {}}


def words(rule: object) -> str:
    return sentence(rule_reader.parse(rule, COURSE), Asking(COURSE, NOW))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ({"all": [STAFF]}, "Is staff of the platform"),
        ({"all": [STAFF, NEVER]}, "Is staff of the platform and has never logged in"),
        ({"any": [STAFF, NEVER]}, "Is staff of the platform or has never logged in"),
        ({"none": [STAFF, NEVER]}, "None of (is staff of the platform; has never logged in)"),
        ({"none": [STAFF]}, "None of (is staff of the platform)"),
        (
            {"all": [STAFF, {"any": [NEVER, STAFF]}]},
            "Is staff of the platform and (has never logged in or is staff of the platform)",
        ),
        ({"all": [STAFF, {"any": [NEVER]}]}, "Is staff of the platform and has never logged in"),
        ({"any": [{"none": [NEVER]}, STAFF]}, "None of (has never logged in) or is staff of the platform"),
    ],
)
def test_a_rule_reads_as_a_sentence(rule, text) -> None:
    assert words(rule) == text


def asked(criterion: str, operator: str, **config: object) -> dict[str, object]:
    return {"all": [{"criterion": criterion, "operator": operator, "config": config}]}


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (asked("enrollment_mode", "in", modes=["audit", "honor"]), "Enrollment track is audit or honor"),
        (asked("country", "not_in", values=["DE"]), "Country is not Germany"),
        (asked("last_login", "more_than_days_ago", days=10), "Last logged in more than 10 days ago (or never)"),
        (asked("last_login", "more_than_days_ago", days=1), "Last logged in more than 1 day ago (or never)"),
        (asked("date_joined", "within_days", days=7), "Registered within the last 7 days"),
        (asked("date_joined", "within_days", days=1), "Registered within the last 1 day"),
        (asked("enrollment_date", "before", date="2026-01-31"), "Enrolled before 2026-01-31"),
        (asked("enrollment_date", "on_or_after", date="2026-01-31"), "Enrolled on or after 2026-01-31"),
        (asked("course_progress", "<", percent=30), "Course progress is below 30%"),
        (asked("course_progress", "<=", percent=30.5), "Course progress is at most 30.5%"),
        (asked("course_grade", ">", percent=99), "Course grade is above 99%"),
        (asked("course_grade", ">=", percent=100), "Course grade is at least 100%"),
        (asked("course_grade", "between", percent=[20, 40]), "Course grade is between 20% and 40%"),
        (asked("course_passed", "is_false"), "Has not passed the course"),
        (asked("certificate", "is_true"), "Has a certificate"),
        (asked("certificate", "is_false", modes=["verified"]), "Has no certificate of track verified"),
        (asked("user_field", "contains", field="city", value="100% {x}"), "City contains “100% {x}”"),
        (asked("user_field", "is_empty", field="goals"), "Goals is empty"),
        (asked("user_field", "is", field="first_name", value="Ana"), "First name is “Ana”"),
        (asked("country", "in", values=["ke", "GB"]), "Country is Kenya or United Kingdom"),
        (asked("country", "in", values=["Atlantis"]), "Country is Atlantis"),
        (asked("gender", "in", values=["f"]), "Gender is Female"),
        (asked("level_of_education", "in", values=["hs"]), "Level of education is Secondary/high school"),
        (asked("language", "in", values=["DE", "es-xx"]), "Language is German or es-xx"),
        (asked("email_domain", "in", domains=["a.com", "b.com"]), "E-mail domain is a.com or b.com"),
        (asked("staff_status", "is_false"), "Is not staff of the platform"),
    ],
)
def test_a_criterion_reads_as_a_sentence_about_a_user(rule, text) -> None:
    assert words(rule) == text


@pytest.mark.django_db
@given(st.sampled_from(SCOPES).flatmap(lambda scope: st.tuples(st.just(scope), rules(scope))))
def test_every_rule_can_be_told(question) -> None:
    scope, rule = question
    with rolled_back():
        save_courses()
        assert sentence(rule_reader.parse(rule, scope), Asking(scope, NOW)).strip()


def test_a_criterion_that_is_gone_is_told_by_its_name() -> None:
    [leaf] = rule_reader.parse({"all": [STAFF]}, COURSE).children

    with registry.temporarily(staff_status=None):
        assert leaf_sentence(leaf, Asking(COURSE, NOW)) == "staff_status is_true"
