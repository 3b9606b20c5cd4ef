"""Criteria about what somebody did when."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...data import COURSE, INSTANCE, ORGANIZATION
from ..base import Operator
from ..kinds import FACTS, INSTANTS, InstantCriterion
from ..registry import register


@register("last_login")
class LastLogin(InstantCriterion):
    """When the user last logged in, or whether they ever did."""

    title = gettext_lazy("Last logged in")
    subject = gettext_lazy("last logged in")
    scopes = (COURSE, ORGANIZATION, INSTANCE)
    operators = {**INSTANTS, **FACTS}
    reads = ("auth.User",)
    updated_by = {"org.openedx.learning.auth.session.login.completed.v1": "user.id", "auth.User": "id"}
    refresh_every = timedelta(hours=1)
    stale_after = timedelta(days=1)

    def positive(self, operator: Operator) -> Q:
        return Q(last_login__isnull=False) if operator == Operator.IS_TRUE else super().positive(operator)

    def at(self, **comparison: datetime) -> Q:
        return Q(**{f"last_login__{lookup}": instant for lookup, instant in comparison.items()})

    def unknown(self) -> Q:
        return Q(last_login__isnull=True)

    def describe(self) -> str:
        if self.operator in FACTS:
            return _("has logged in") if self.operator == Operator.IS_TRUE else _("has never logged in")
        return super().describe()


@register("date_joined")
class DateJoined(InstantCriterion):
    """When the user registered on the platform."""

    title = gettext_lazy("Registered")
    subject = gettext_lazy("registered")
    scopes = (COURSE, ORGANIZATION, INSTANCE)
    reads = ("auth.User",)
    updated_by = {"org.openedx.learning.student.registration.completed.v1": "user.id"}
    refresh_every = timedelta(days=1)
    stale_after = timedelta(days=1)

    def at(self, **comparison: datetime) -> Q:
        return Q(**{f"date_joined__{lookup}": instant for lookup, instant in comparison.items()})
