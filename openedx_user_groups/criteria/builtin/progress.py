"""Criteria about progress through a course."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from fractions import Fraction
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext_lazy

from ... import lms
from ...course_structure import completable_blocks
from ...data import COURSE
from ..base import among
from ..kinds import NumberCriterion, numbers
from ..registry import register

AGGREGATOR = "completion_aggregator.Aggregator"

EVERYBODY = Q(pk__isnull=False)


@register("course_progress")
class CourseProgress(NumberCriterion):
    """How much of the course the learner has completed, in percent.

    From the completion aggregator where that is installed, else completed blocks over the number of blocks that
    can be completed. A learner who has completed nothing is at 0 percent; where the size of the course is not
    known, there is no data about anybody.
    """

    title = gettext_lazy("Course progress")
    subject = gettext_lazy("course progress")
    scopes = (COURSE,)
    operators = numbers("percent", 0, 100)
    reads = ("completion.BlockCompletion",)
    refresh_every = timedelta(hours=1)
    stale_after = timedelta(days=1)

    def predicate(self) -> Q:
        if lms.is_installed(AGGREGATOR):
            return self._compared(self._aggregated(), {key: value / 100 for key, value in self.bounds().items()})
        total = self._total()
        return self._compared(self._counted(), self._blocks(total)) if total else ~EVERYBODY

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


_HOLDS_FOR_NOTHING = {
    "lt": lambda bound: bound > 0,
    "lte": lambda bound: bound >= 0,
    "gt": lambda bound: bound < 0,
    "gte": lambda bound: bound <= 0,
}
