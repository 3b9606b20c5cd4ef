"""Criteria about profiles and preferences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ...data import COURSE, INSTANCE, ORGANIZATION
from ...rules.combine import among
from .. import themes
from ..base import Asking
from ..kinds import ListCriterion, NumberCriterion, lists, numbers
from ..registry import register
from ..texts import is_empty
from ..users import of_users

PROFILE = "student.UserProfile"
PREFERENCE = "user_api.UserPreference"
EVERYWHERE = (COURSE, ORGANIZATION, INSTANCE)


class ColumnList(ListCriterion):
    """Whether a text of the user is one of the listed values; an empty one is no data."""

    scopes = EVERYWHERE
    operators = lists("values")
    suggests = ("values",)
    refresh_every = timedelta(days=1)

    def unknown(self) -> Q:
        return ~among(self.rows().filter(~is_empty(self.column)))

    @classmethod
    def choices(cls, asking: Asking) -> Mapping[str, str]:
        return cls.in_use(asking)


class ProfileList(ColumnList):
    """Whether a field of the profile is one of the listed values."""

    reads = (PROFILE,)
    updated_by: ClassVar = {PROFILE: "user_id"}

    def rows(self) -> QuerySet[Any]:
        return self.source("lms").profiles()


@register("country")
class Country(ProfileList):
    """The country in the profile, as a code of two letters."""

    title = gettext_lazy("Country")
    theme = themes.PROFILE
    summary = gettext_lazy("The country in the profile.")
    keywords = gettext_lazy("location where nation region")
    subject = gettext_lazy("country")
    column = "country"
    columns: ClassVar = {PROFILE: (column,)}
    example: ClassVar = {"operator": "in", "config": {"values": ["DE", "AT", "CH"]}}


@register("level_of_education")
class LevelOfEducation(ProfileList):
    """The level of education in the profile, as the platform's code."""

    title = gettext_lazy("Level of education")
    theme = themes.PROFILE
    summary = gettext_lazy("The level of education in the profile, such as a bachelor's degree.")
    keywords = gettext_lazy("school university qualification")
    subject = gettext_lazy("level of education")
    column = "level_of_education"
    columns: ClassVar = {PROFILE: (column,)}
    example: ClassVar = {"operator": "in", "config": {"values": ["b", "m", "p"]}}


@register("gender")
class Gender(ProfileList):
    """The gender in the profile, as the platform's code."""

    title = gettext_lazy("Gender")
    theme = themes.PROFILE
    summary = gettext_lazy("The gender in the profile.")
    keywords = gettext_lazy("sex female male women men")
    subject = gettext_lazy("gender")
    column = "gender"
    columns: ClassVar = {PROFILE: (column,)}
    example: ClassVar = {"operator": "in", "config": {"values": ["f"]}}


@register("language")
class Language(ColumnList):
    """The language that the user chose to see the platform in, as a code such as es-419."""

    title = gettext_lazy("Language")
    theme = themes.PROFILE
    summary = gettext_lazy("The language in which somebody sees the platform.")
    keywords = gettext_lazy("locale speaks translation")
    subject = gettext_lazy("language")
    column = "value"
    reads = (PREFERENCE,)
    updated_by: ClassVar = {PREFERENCE: "user_id"}
    columns: ClassVar = {PREFERENCE: ("key", column)}
    example: ClassVar = {"operator": "in", "config": {"values": ["es-419", "es-es"]}}

    def rows(self) -> QuerySet[Any]:
        return self.source("lms").preferences("pref-lang")

    def titles(self) -> Mapping[str, str]:
        return {code: _(str(name)) for code, name in settings.LANGUAGES}


@register("age")
class Age(NumberCriterion):
    """The age in whole years. Of the birthday only the year is known: as on the platform, the lower age counts."""

    title = gettext_lazy("Age")
    theme = themes.PROFILE
    summary = gettext_lazy("The age in years, by the year of birth in the profile.")
    keywords = gettext_lazy("birthday old young minor adult")
    subject = gettext_lazy("age")
    scopes = EVERYWHERE
    config_key = "years"
    unit = ""
    operators = numbers(config_key, 0, 150, "integer")
    reads = (PROFILE,)
    updated_by: ClassVar = {PROFILE: "user_id"}
    columns: ClassVar = {PROFILE: ("year_of_birth",)}
    refresh_every = timedelta(days=1)
    example: ClassVar = {"operator": "<", "config": {"years": 18}}

    def predicate(self) -> Q:
        # The older, the earlier the year.
        turned = {"lt": "gt", "lte": "gte", "gt": "lt", "gte": "lte"}
        years = {f"year_of_birth__{turned[how]}": self._born(int(age)) for how, age in self.bounds().items()}
        return among(self._profiles().filter(**years))

    def _born(self, age: int) -> int:
        """The year of birth of who has this age, or the other way round."""
        return self.now.astimezone(UTC).year - 1 - age

    def _profiles(self) -> QuerySet[Any]:
        return self.source("lms").profiles().filter(year_of_birth__isnull=False)

    def unknown(self) -> Q:
        return ~among(self._profiles())

    def amounts(self) -> Iterable[tuple[int, float]]:
        return [(pk, self._born(year)) for pk, year in of_users(self._profiles(), self.users, "year_of_birth")]

    def value_text(self, value: Any) -> str:
        return ngettext("{years} year", "{years} years", value).format(years=value)
