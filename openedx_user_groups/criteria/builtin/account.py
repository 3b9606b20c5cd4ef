"""Criteria about accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...data import COURSE, INSTANCE, ORGANIZATION
from ...rules.combine import among
from ...text import EndsWith, fold
from .. import themes
from ..base import OPPOSITES, Asking, Operator, Schema
from ..kinds import FactCriterion, ListCriterion, Opposable, lists
from ..registry import register
from ..texts import is_empty, text_condition, text_sentence, texts
from ..users import of_users

PROFILE = "student.UserProfile"
SOCIAL_AUTH = "social_django.UserSocialAuth"
EVERYWHERE = (COURSE, ORGANIZATION, INSTANCE)
ACCOUNT_FIELDS = ("username", "email", "first_name", "last_name")
PROFILE_FIELDS = ("name", "city", "goals")
FIELD_TITLES: Mapping[str, Promise] = {
    "username": gettext_lazy("user name"),
    "email": gettext_lazy("e-mail address"),
    "first_name": gettext_lazy("first name"),
    "last_name": gettext_lazy("last name"),
    "name": gettext_lazy("name"),
    "city": gettext_lazy("city"),
    "goals": gettext_lazy("goals"),
}
_FIELD: Schema = {"type": "string", "enum": [*ACCOUNT_FIELDS, *PROFILE_FIELDS]}


@register("user_field")
class UserField(Opposable):
    """The text of a field of the account or the profile; only the case of ASCII letters is ignored."""

    title = gettext_lazy("Field of the account")
    theme = themes.ACCOUNT
    summary = gettext_lazy("The name, the e-mail address, the city and other texts of the account.")
    keywords = gettext_lazy("username first last location town goals")
    scopes = EVERYWHERE
    operators = texts(_FIELD)
    reads = ("auth.User", PROFILE)
    updated_by = {"auth.User": "id", PROFILE: "user_id"}
    columns: ClassVar = {"auth.User": ACCOUNT_FIELDS, PROFILE: PROFILE_FIELDS}
    refresh_every = timedelta(days=1)
    example: ClassVar = {"operator": "contains", "config": {"field": "city", "value": "Lagos"}}

    def positive(self, operator: Operator) -> Q:
        return self._where(text_condition(operator, self.config["field"], self.config))

    def unknown(self) -> Q:
        return ~self._where(~is_empty(self.config["field"]))

    def _where(self, condition: Q) -> Q:
        """The condition where the field lives: on the account itself or on the profile."""
        if self.config["field"] in ACCOUNT_FIELDS:
            return condition
        return among(self.source("lms").profiles().filter(condition))

    def describe(self) -> str:
        return text_sentence(self.operator, str(FIELD_TITLES[self.config["field"]]), self.config)

    def values(self) -> Mapping[int, Any]:
        field = self.config["field"]
        rows = (
            of_users(_accounts(), self.users, field, user="pk")
            if field in ACCOUNT_FIELDS
            else of_users(self.source("lms").profiles(), self.users, field)
        )
        return {pk: text for pk, text in rows if text}


@register("email_domain")
class EmailDomain(Opposable):
    """What follows the @ of the e-mail address; sub-domains are other domains."""

    title = gettext_lazy("E-mail domain")
    theme = themes.ACCOUNT
    summary = gettext_lazy("What follows the @ of the e-mail address, such as example.com.")
    keywords = gettext_lazy("company organization school employer")
    subject = gettext_lazy("e-mail domain")
    scopes = EVERYWHERE
    operators = lists("domains", {"type": "string", "pattern": r"^[^@\s]+$", "maxLength": 253})
    reads = ("auth.User",)
    updated_by = {"org.openedx.learning.student.registration.completed.v1": "user.id", "auth.User": "id"}
    columns: ClassVar = {"auth.User": ("email",)}
    refresh_every = timedelta(days=1)
    example: ClassVar = {"operator": "not_in", "config": {"domains": ["example.com", "students.example.com"]}}

    def positive(self, operator: Operator) -> Q:
        domains: Any = self.config["domains"]
        return reduce(or_, (Q(EndsWith("email", f"@{domain}")) for domain in domains))

    def unknown(self) -> Q:
        return is_empty("email")

    def describe(self) -> str:
        sentence = _("{subject} is {listed}") if self.operator not in OPPOSITES else _("{subject} is not {listed}")
        return sentence.format(subject=self.subject, listed=_(" or ").join(self.config["domains"]))

    def values(self) -> Mapping[int, Any]:
        emails = of_users(_accounts(), self.users, "email", user="pk")
        return {pk: email.rpartition("@")[2] for pk, email in emails if email}


@register("staff_status")
class StaffStatus(FactCriterion):
    """Whether the user is staff of the whole platform."""

    title = gettext_lazy("Staff of the platform")
    theme = themes.ACCOUNT
    summary = gettext_lazy("Whether somebody is staff of the whole platform.")
    keywords = gettext_lazy("admin administrator employee")
    yes = gettext_lazy("is staff of the platform")
    no = gettext_lazy("is not staff of the platform")
    scopes = EVERYWHERE
    reads = ("auth.User",)
    updated_by = {"auth.User": "id"}
    columns: ClassVar = {"auth.User": ("is_staff",)}
    refresh_every = timedelta(days=1)
    example: ClassVar = {"operator": "is_false", "config": {}}

    def positive(self, operator: Operator) -> Q:
        return Q(is_staff=True)


@register("authentication_method")
class AuthenticationMethod(ListCriterion):
    """How the user logs in: with one of the listed providers of linked accounts, or with "password", having none."""

    title = gettext_lazy("Authentication method")
    theme = themes.ACCOUNT
    summary = gettext_lazy("How somebody logs in: with a password, or with an account elsewhere.")
    keywords = gettext_lazy("login single sign-on sso saml oauth google")
    subject = gettext_lazy("authentication method")
    scopes = EVERYWHERE
    config_key = "providers"
    operators = lists(config_key)
    suggests = (config_key,)
    column = "provider"
    several = True
    reads = (SOCIAL_AUTH,)
    updated_by = {SOCIAL_AUTH: "user_id"}
    # Each log-in saves what the provider tells about the user.
    columns: ClassVar = {SOCIAL_AUTH: ("provider",)}
    refresh_every = timedelta(days=1)
    example: ClassVar = {"operator": "in", "config": {"providers": ["tpa-saml", "google-oauth2"]}}

    def rows(self) -> QuerySet[Any]:
        return self.source("lms").linked_accounts()

    def positive(self, operator: Operator) -> Q:
        linked = super().positive(operator)
        without = "password" in map(fold, self.config["providers"])
        return linked | ~among(self.rows()) if without else linked

    @classmethod
    def suggestions(cls, asking: Asking, key: str, search: str) -> Mapping[str, str]:
        return {"password": _("password (no linked account)")} | cls.in_use(asking)

    def values(self) -> Mapping[int, Any]:
        return {pk: ["password"] for pk in self.users or ()} | dict(super().values())


def _accounts() -> QuerySet[Any]:
    return get_user_model()._default_manager.order_by()
