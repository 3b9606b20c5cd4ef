"""Criteria about accounts and profiles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...data import COURSE, INSTANCE, ORGANIZATION
from ...text import EndsWith, IsOneOf
from ..base import OPPOSITES, Operator, Schema, among
from ..kinds import FactCriterion, ListCriterion, Opposable, lists, text_condition
from ..registry import register
from ..schemas import TEXT, config

PROFILE = "student.UserProfile"
EVERYWHERE = (COURSE, ORGANIZATION, INSTANCE)


class ProfileList(ListCriterion):
    """Whether a field of the profile is one of the listed values."""

    scopes = EVERYWHERE
    operators = lists("values")
    reads = (PROFILE,)
    updated_by: ClassVar = {PROFILE: "user_id"}
    refresh_every = timedelta(days=1)

    def rows(self) -> QuerySet[Any]:
        return self.source("lms").profiles()

    def unknown(self) -> Q:
        return ~among(self.rows().filter(~is_empty(self.column)))


def is_empty(column: str) -> Q:
    """The condition that a text column holds nothing."""
    return Q(IsOneOf(column, ""))


@register("country")
class Country(ProfileList):
    """The country in the profile, as a code of two letters."""

    title = gettext_lazy("Country")
    subject = gettext_lazy("country")
    column = "country"


@register("level_of_education")
class LevelOfEducation(ProfileList):
    """The level of education in the profile, as the platform's code."""

    title = gettext_lazy("Level of education")
    subject = gettext_lazy("level of education")
    column = "level_of_education"


@register("gender")
class Gender(ProfileList):
    """The gender in the profile, as the platform's code."""

    title = gettext_lazy("Gender")
    subject = gettext_lazy("gender")
    column = "gender"


ACCOUNT_FIELDS = ("username", "email", "first_name", "last_name")
PROFILE_FIELDS = ("name", "city", "goals")
_FIELD: Schema = {"type": "string", "enum": [*ACCOUNT_FIELDS, *PROFILE_FIELDS]}
_WITH_VALUE = config(field=_FIELD, value=TEXT)
_WITHOUT_VALUE = config(field=_FIELD)


@register("user_field")
class UserField(Opposable):
    """The text of a field of the account or the profile; only the case of ASCII letters is ignored."""

    title = gettext_lazy("Field of the account")
    scopes = EVERYWHERE
    operators: ClassVar[Mapping[Operator, Schema]] = {
        Operator.IS: _WITH_VALUE,
        Operator.IS_NOT: _WITH_VALUE,
        Operator.CONTAINS: _WITH_VALUE,
        Operator.NOT_CONTAINS: _WITH_VALUE,
        Operator.STARTS_WITH: _WITH_VALUE,
        Operator.ENDS_WITH: _WITH_VALUE,
        Operator.IS_EMPTY: _WITHOUT_VALUE,
        Operator.IS_NOT_EMPTY: _WITHOUT_VALUE,
    }
    reads = ("auth.User", PROFILE)
    updated_by = {"auth.User": "id", PROFILE: "user_id"}
    refresh_every = timedelta(days=1)

    def positive(self, operator: Operator) -> Q:
        field = self.config["field"]
        if operator == Operator.IS_NOT_EMPTY:
            return self._where(~is_empty(field))
        return self._where(Q(text_condition(operator, field, self.config["value"])))

    def unknown(self) -> Q:
        return ~self._where(~is_empty(self.config["field"]))

    def _where(self, condition: Q) -> Q:
        """The condition where the field lives: on the account itself or on the profile."""
        if self.config["field"] in ACCOUNT_FIELDS:
            return condition
        return among(self.source("lms").profiles().filter(condition))

    def describe(self) -> str:
        sentences = {
            Operator.IS: _("{field} is “{value}”"),
            Operator.IS_NOT: _("{field} is not “{value}”"),
            Operator.CONTAINS: _("{field} contains “{value}”"),
            Operator.NOT_CONTAINS: _("{field} does not contain “{value}”"),
            Operator.STARTS_WITH: _("{field} starts with “{value}”"),
            Operator.ENDS_WITH: _("{field} ends with “{value}”"),
            Operator.IS_EMPTY: _("{field} is empty"),
            Operator.IS_NOT_EMPTY: _("{field} is filled in"),
        }
        return sentences[self.operator].format(**self.config)


@register("email_domain")
class EmailDomain(Opposable):
    """What follows the @ of the e-mail address; sub-domains are other domains."""

    title = gettext_lazy("E-mail domain")
    subject = gettext_lazy("e-mail domain")
    scopes = EVERYWHERE
    operators = lists("domains", {"type": "string", "pattern": r"^[^@\s]+$", "maxLength": 253})
    reads = ("auth.User",)
    updated_by = {"org.openedx.learning.student.registration.completed.v1": "user.id", "auth.User": "id"}
    refresh_every = timedelta(days=1)

    def positive(self, operator: Operator) -> Q:
        domains: Any = self.config["domains"]
        return reduce(or_, (Q(EndsWith("email", f"@{domain}")) for domain in domains))

    def unknown(self) -> Q:
        return is_empty("email")

    def describe(self) -> str:
        sentence = _("{subject} is {listed}") if self.operator not in OPPOSITES else _("{subject} is not {listed}")
        return sentence.format(subject=self.subject, listed=_(" or ").join(self.config["domains"]))


@register("staff_status")
class StaffStatus(FactCriterion):
    """Whether the user is staff of the whole platform."""

    title = gettext_lazy("Staff of the platform")
    yes = gettext_lazy("is staff of the platform")
    no = gettext_lazy("is not staff of the platform")
    scopes = EVERYWHERE
    reads = ("auth.User",)
    updated_by = {"auth.User": "id"}
    refresh_every = timedelta(days=1)

    def positive(self, operator: Operator) -> Q:
        return Q(is_staff=True)
