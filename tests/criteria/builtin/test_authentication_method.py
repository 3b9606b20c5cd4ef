"""The criterion about how people log in."""

import pytest
from social_django.models import UserSocialAuth

from openedx_user_groups.data import ScopeData
from tests.criteria.asking import found, sentence, unknown, values
from tests.factories import a_course, a_learner, retire

pytestmark = pytest.mark.django_db

SCOPES = [ScopeData("course", "course-v1:Acme+A1+2026"), ScopeData("organization", "Acme"), ScopeData("instance")]
METHOD = "authentication_method"


def linked(course, *providers: str):
    learner = a_learner(course)
    for provider in providers:
        UserSocialAuth.objects.create(user=learner, provider=provider, uid=f"{provider}-{learner.pk}")
    return learner


@pytest.mark.parametrize("scope", SCOPES)
def test_providers_of_linked_accounts_and_the_password_of_whoever_has_none(scope) -> None:
    course = a_course()
    google, both, saml, none = (
        linked(course, *providers) for providers in (["google-oauth2"], ["google-oauth2", "tpa-saml"], ["tpa-saml"], [])
    )
    retire(linked(course, "google-oauth2"))

    def by(operator: str, *providers: str) -> set:
        return found(scope, METHOD, operator, providers=list(providers))

    assert by("in", "Google-OAuth2") == {google, both}
    assert by("in", "google-oauth2", "tpa-saml") == {google, both, saml}
    assert by("in", "password") == {none}
    assert by("in", "PASSWORD", "tpa-saml") == {none, both, saml}
    assert by("in", "facebook", "%", "google") == set()
    assert by("not_in", "google-oauth2") == {saml, none}
    assert by("not_in", "password") == {google, both, saml}
    assert by("not_in", "password", "google-oauth2") == {saml}
    assert unknown(scope, METHOD, "in", providers=["password"]) == 0


def test_the_value_lists_all_of_them() -> None:
    course = a_course()
    both, none = linked(course, "tpa-saml", "google-oauth2"), linked(course)

    assert values(SCOPES[0], [both, none], METHOD, "in", providers=["password"]) == {
        both: ["google-oauth2", "tpa-saml"],
        none: ["password"],
    }


def test_it_reads_as_a_sentence() -> None:
    words = sentence(SCOPES[0], METHOD, "not_in", providers=["password", "tpa-saml"])

    assert words == "authentication method is not password or tpa-saml"
