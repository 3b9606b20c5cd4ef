"""Criteria about accounts and profiles."""

import pytest

from openedx_user_groups.data import ScopeData
from tests.criteria.asking import found, unknown
from tests.factories import a_course, a_learner, a_user, disable, profile, retire, scope_of_instance

pytestmark = pytest.mark.django_db

SCOPES = [ScopeData("course", "course-v1:Acme+A1+2026"), ScopeData("organization", "Acme"), ScopeData("instance")]
INSTANCE = scope_of_instance()


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize(
    ("name", "value", "other"),
    [("country", "DE", "FR"), ("level_of_education", "hs", "p"), ("gender", "f", "m")],
)
def test_an_empty_field_a_missing_value_and_no_profile_are_all_no_data(scope, name, value, other) -> None:
    course = a_course()
    listed, unlisted, empty, missing, no_profile = (a_learner(course) for _ in range(5))
    for learner, content in ((listed, value), (unlisted, other), (empty, ""), (missing, None)):
        profile(learner, **{name: content})

    for spelled in (value, value.upper(), value.lower()):
        assert found(scope, name, "in", values=[spelled, "zz"]) == {listed}
        assert found(scope, name, "not_in", values=[spelled, "zz"]) == {unlisted, empty, missing, no_profile}
    assert unknown(scope, name, "in", values=[value]) == 3


@pytest.mark.parametrize("scope", SCOPES)
def test_staff(scope) -> None:
    course = a_course()
    staff, learner = a_learner(course, is_staff=True), a_learner(course)
    disable(a_learner(course, is_staff=True))
    retire(a_learner(course, is_staff=True))

    assert found(scope, "staff_status", "is_true") == {staff}
    assert found(scope, "staff_status", "is_false") == {learner}


@pytest.mark.parametrize("field", ["email", "first_name", "last_name", "name", "city", "goals"])
@pytest.mark.parametrize(
    ("operator", "value", "texts"),
    [
        ("is", "lagos", {"Lagos"}),
        ("is", "Lagos ", {"Lagos "}),
        ("is_not", "LAGOS", {"Lagos ", "100% Beach", "Élodie", ""}),
        ("contains", "AGO", {"Lagos", "Lagos "}),
        ("contains", "%", {"100% Beach"}),
        ("contains", "_", set()),
        ("not_contains", "ago", {"100% Beach", "Élodie", ""}),
        ("starts_with", "l", {"Lagos", "Lagos "}),
        ("starts_with", "é", set()),
        ("starts_with", "É", {"Élodie"}),
        ("starts_with", "e", set()),
        ("ends_with", "S", {"Lagos"}),
        ("ends_with", " ", {"Lagos "}),
        ("ends_with", "% beach", {"100% Beach"}),
        ("is_empty", None, {""}),
        ("is_not_empty", None, {"Lagos", "Lagos ", "100% Beach", "Élodie"}),
    ],
)
def test_the_text_of_a_field(field, operator, value, texts) -> None:
    people = {text: with_text(field, text) for text in ("Lagos", "Lagos ", "100% Beach", "Élodie", "")}
    config = {"field": field} if value is None else {"field": field, "value": value}

    assert found(INSTANCE, "user_field", operator, **config) == {people[text] for text in texts}
    assert unknown(INSTANCE, "user_field", operator, **config) == 1


def with_text(field: str, text: str):
    """Somebody with this text in a field of the account or of the profile."""
    if field in ("email", "first_name", "last_name"):
        return a_user(**{field: text})
    user = a_user()
    profile(user, **{field: text})
    return user


@pytest.mark.parametrize("field", ["name", "city", "goals"])
def test_without_a_profile_every_field_of_it_is_empty(field) -> None:
    stranger = a_user()

    for operator in ("is_not", "not_contains"):
        assert found(INSTANCE, "user_field", operator, field=field, value="x") == {stranger}
    for operator in ("is", "contains", "starts_with", "ends_with"):
        assert found(INSTANCE, "user_field", operator, field=field, value="x") == set()
    assert found(INSTANCE, "user_field", "is_empty", field=field) == {stranger}
    assert found(INSTANCE, "user_field", "is_not_empty", field=field) == set()
    assert unknown(INSTANCE, "user_field", "is_empty", field=field) == 1


def test_a_user_name_is_never_empty() -> None:
    ana = a_user(username="Ana_1")
    a_user(username="Anax1")

    assert found(INSTANCE, "user_field", "is", field="username", value="ana_1") == {ana}
    assert found(INSTANCE, "user_field", "contains", field="username", value="a_1") == {ana}
    assert found(INSTANCE, "user_field", "is_empty", field="username") == set()


@pytest.mark.parametrize("scope", SCOPES)
def test_the_domain_is_what_follows_the_at_sign_whole_and_in_any_ascii_case(scope) -> None:
    course = a_course()
    people = {
        email: a_learner(course, email=email)
        for email in (
            "a@example.com",
            "b@Example.COM",
            "c@students.example.com",
            "d@badexample.com",
            "e@exämple.com",
            "",
        )
    }

    def with_domain(operator: str, *domains: str) -> set[str]:
        matched = found(scope, "email_domain", operator, domains=list(domains))
        return {email for email, user in people.items() if user in matched}

    assert with_domain("in", "example.com") == {"a@example.com", "b@Example.COM"}
    assert with_domain("in", "EXÄMPLE.com") == set()
    assert with_domain("in", "exämple.COM", "students.example.com") == {"e@exämple.com", "c@students.example.com"}
    assert with_domain("in", "com", "%", "e_ample.com") == set()
    assert with_domain("not_in", "example.com", "badexample.com") == {"c@students.example.com", "e@exämple.com", ""}
    assert unknown(scope, "email_domain", "in", domains=["example.com"]) == 1
