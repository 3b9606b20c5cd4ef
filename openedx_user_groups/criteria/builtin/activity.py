"""Criteria about what somebody did when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.db.models import Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...data import COURSE, INSTANCE, ORGANIZATION
from ...rules.combine import among
from .. import themes
from ..base import Operator
from ..kinds import FACTS, INSTANTS, InstantCriterion
from ..registry import register
from ..users import of_users


class AccountInstant(InstantCriterion):
    """When something happened, as a column of the account says."""

    scopes = (COURSE, ORGANIZATION, INSTANCE)
    reads = ("auth.User",)
    stale_after = timedelta(days=1)
    column: ClassVar[str]

    def at(self, **comparison: datetime) -> Q:
        return Q(**{f"{self.column}__{lookup}": instant for lookup, instant in comparison.items()})

    def instants(self) -> Iterable[tuple[Any, ...]]:
        return of_users(get_user_model()._default_manager.order_by(), self.users, self.column, user="pk")


@register("last_login")
class LastLogin(AccountInstant):
    """When the user last logged in, or whether they ever did."""

    title = gettext_lazy("Last logged in")
    theme = themes.ACTIVITY
    summary = gettext_lazy("When somebody last logged in, or whether they ever did.")
    keywords = gettext_lazy("inactive absent dropout dormant sign in visit never")
    subject = gettext_lazy("last logged in")
    operators = {**INSTANTS, **FACTS}
    column = "last_login"
    # Not every way to log in sends the event, but each saves the account.
    updated_by = {"org.openedx.learning.auth.session.login.completed.v1": "user.id", "auth.User": "id"}
    columns: ClassVar = {"auth.User": ("last_login",)}
    refresh_every = timedelta(hours=1)
    example: ClassVar = {"operator": "more_than_days_ago", "config": {"days": 10}}

    def positive(self, operator: Operator) -> Q:
        return Q(last_login__isnull=False) if operator == Operator.IS_TRUE else super().positive(operator)

    def unknown(self) -> Q:
        return Q(last_login__isnull=True)

    def describe(self) -> str:
        if self.operator in FACTS:
            return _("has logged in") if self.operator == Operator.IS_TRUE else _("has never logged in")
        return super().describe()


@register("date_joined")
class DateJoined(AccountInstant):
    """When the user registered on the platform."""

    title = gettext_lazy("Registered")
    theme = themes.ACCOUNT
    summary = gettext_lazy("When somebody registered on the platform.")
    keywords = gettext_lazy("new account created sign up joined")
    subject = gettext_lazy("registered")
    column = "date_joined"
    updated_by = {"org.openedx.learning.student.registration.completed.v1": "user.id"}
    refresh_every = timedelta(days=1)
    example: ClassVar = {"operator": "on_or_after", "config": {"date": "2026-01-31"}}


@register("course_activity")
class CourseActivity(InstantCriterion):
    """When the learner last did anything in the course: looked at a block, answered or completed it."""

    title = gettext_lazy("Active in the course")
    theme = themes.ACTIVITY
    summary = gettext_lazy("When somebody last did anything in the course.")
    keywords = gettext_lazy("inactive absent dropout dormant engagement stuck")
    subject = gettext_lazy("was last active in the course")
    scopes = (COURSE,)
    operators = {operator: INSTANTS[operator] for operator in (Operator.MORE_THAN_DAYS_AGO, Operator.WITHIN_DAYS)}
    is_silent = True
    reads = ("courseware.StudentModule", "completion.BlockCompletion")
    refresh_every = timedelta(hours=1)
    stale_after = timedelta(days=1)
    example: ClassVar = {"operator": "within_days", "config": {"days": 7}}

    def at(self, **comparison: datetime) -> Q:
        return self._where(**{f"modified__{lookup}": instant for lookup, instant in comparison.items()})

    def unknown(self) -> Q:
        return ~self._where()

    def _where(self, **lookups: Any) -> Q:
        """Users of whom there are such rows in the course, in either table."""
        lms = self.source("lms")
        worked = among(lms.student_modules().filter(**lookups), "student_id")
        return worked | among(lms.block_completions().filter(**lookups))

    def instants(self) -> Iterable[tuple[int, datetime | None]]:
        lms = self.source("lms")
        last: dict[int, datetime] = {}
        for rows, user in ((lms.student_modules(), "student_id"), (lms.block_completions(), "user_id")):
            newest = rows.values(user).annotate(newest=Max("modified"))
            for pk, instant in of_users(newest, self.users, "newest", user=user):
                last[pk] = max(instant, last.get(pk, instant))
        return last.items()
