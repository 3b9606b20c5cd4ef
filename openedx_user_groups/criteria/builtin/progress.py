"""Criteria about progress through a course."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, ClassVar

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext_lazy

from ...data import COURSE
from ...platform import lms
from ...population.course_structure import completable_blocks
from ...rules.combine import among
from .. import themes
from ..kinds import NumberCriterion, numbers
from ..registry import register
from ..users import of_users

AGGREGATOR = "completion_aggregator.Aggregator"

EVERYBODY = Q(pk__isnull=False)


@register("course_progress")
class CourseProgress(NumberCriterion):
    """How much of the course the learner has completed, in percent.

    From the completion aggregator where that is installed, else completed blocks over the number of blocks that
    learners can complete. A learner who has completed nothing is at 0 percent; where the size of the course is not
    known, there is no data about anybody.
    """

    title = gettext_lazy("Course progress")
    theme = themes.PROGRESS
    summary = gettext_lazy("How much of the course somebody has completed, in percent.")
    keywords = gettext_lazy("completion finished dropout behind")
    subject = gettext_lazy("course progress")
    scopes = (COURSE,)
    operators = numbers("percent", 0, 100)
    reads = ("completion.BlockCompletion",)
    refresh_every = timedelta(hours=1)
    stale_after = timedelta(days=1)
    example: ClassVar = {"operator": "<", "config": {"percent": 30}}

    def predicate(self) -> Q:
        if lms.is_installed(AGGREGATOR):
            return self._compared(self._aggregated(), {key: value / 100 for key, value in self.bounds().items()})
        total = self._total()
        return self._compared(self._counted(), self._blocks(total)) if total else ~EVERYBODY

    def changed_by_time(self, since: datetime, until: datetime) -> Q | None:
        # The aggregator writes later what was completed before. The size of the course, on which everybody depends,
        # is looked at when everybody is refreshed.
        if lms.is_installed(AGGREGATOR):
            return None
        return among(self.source("lms").block_completions().filter(modified__gte=since))

    def unknown(self) -> Q | None:
        return None if lms.is_installed(AGGREGATOR) or self._total() else EVERYBODY

    def _total(self) -> int:
        return completable_blocks(self.scope.course_key, self.now)

    def _blocks(self, total: int) -> Mapping[str, int]:
        """The bounds as whole numbers of blocks, exactly: percentages as floats would round."""
        exact = {key: Fraction(str(value)) * total / 100 for key, value in self.bounds().items()}
        return {key: math.ceil(n) if key in ("lt", "gte") else math.floor(n) for key, n in exact.items()}

    def _compared(self, rows: QuerySet[Any], bounds: Mapping[str, float]) -> Q:
        """Users whose ``done`` is within the bounds; those without a row have done nothing."""
        within = Q(**{f"done__{lookup}": bound for lookup, bound in bounds.items()})
        if all(_HOLDS_FOR_NOTHING[lookup](bound) for lookup, bound in bounds.items()):
            return ~among(rows.filter(~within))
        return among(rows.filter(within))

    def _counted(self) -> QuerySet[Any]:
        return self.source("lms").completions().values("user_id").annotate(done=Count("pk"))

    def _aggregated(self) -> QuerySet[Any]:
        rows = self.source("lms").rows(AGGREGATOR).filter(aggregation_name="course")
        return rows.filter(course_key=self.scope.course_key).annotate(done=F("percent"))

    def amounts(self) -> Iterable[tuple[int, float]]:
        by_aggregator = lms.is_installed(AGGREGATOR)
        total = 1 if by_aggregator else self._total()
        rows = self._aggregated() if by_aggregator else self._counted()
        done = dict(of_users(rows, self.users, "done")) if total else {}
        return [(pk, done.get(pk, 0) * 100 / total) for pk in self.users or () if total]


_HOLDS_FOR_NOTHING = {
    "lt": lambda bound: bound > 0,
    "lte": lambda bound: bound >= 0,
    "gt": lambda bound: bound < 0,
    "gte": lambda bound: bound <= 0,
}
