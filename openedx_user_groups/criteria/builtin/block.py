"""Criteria about single blocks of a course: units, problems, assignments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db.models import Count, F, FloatField, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...exceptions import CriterionFailed, CriterionUnavailable
from ...population.course_structure import Block, blocks_to_complete, is_aggregator, is_completable
from ...rules.combine import among
from .. import themes
from ..base import Operator, Schema
from ..blocks import USAGE_KEY, BlockCriterion
from ..kinds import FactCriterion, NumberCriterion, numbers
from ..registry import register
from ..schemas import config
from ..users import of_users

_BLOCK = config(usage_key=USAGE_KEY)
A_BLOCK = "block-v1:OpenedX+DemoX+DemoCourse+type@{type}+block@{id}"


@register("block_completed")
class BlockCompleted(BlockCriterion, FactCriterion):
    """Whether the learner has completed a block of the course.

    A unit, a subsection or a section is completed when everything is that learners can complete in it. What is shown
    to staff only does not count, nor does what only some learners are shown: the contents of randomized blocks and of
    content experiments.
    """

    title = gettext_lazy("Block completed")
    theme = themes.PROGRESS
    summary = gettext_lazy("Whether somebody has completed a section, a unit, a video or an exercise.")
    keywords = gettext_lazy("problem lesson subsection finished seen")
    operators: ClassVar[Mapping[Operator, Schema]] = {Operator.IS_TRUE: _BLOCK, Operator.IS_FALSE: _BLOCK}
    reads = ("completion.BlockCompletion",)
    updated_by: ClassVar = {"completion.BlockCompletion": ("user_id", "context_key")}
    columns: ClassVar = {"completion.BlockCompletion": ("completion",)}
    refresh_every = timedelta(hours=1)
    stale_after = timedelta(days=1)
    example: ClassVar = {"operator": "is_true", "config": {"usage_key": A_BLOCK.format(type="vertical", id="unit1")}}

    def positive(self, operator: Operator) -> Q:
        blocks = blocks_to_complete(self.scope.course_key, self.block)
        if not blocks:
            raise CriterionFailed(_("{key} holds nothing to complete.").format(key=self.block))
        rows = self.source("lms").completions().filter(block_key__in=blocks)
        if len(blocks) == 1:
            return among(rows)
        return among(rows.values("user_id").annotate(done=Count("pk")).filter(done=len(blocks)))

    def changed_by_time(self, since: datetime, until: datetime) -> Q:
        # Completions written in bulk send no signal.
        return among(self.source("lms").block_completions().filter(modified__gte=since))

    def problems(self) -> Iterable[tuple[str, str]]:
        found = list(super().problems())
        yield from found
        if not found and not self._can_be_completed():
            yield "usage_key", _("There is nothing in it that every learner can complete.")

    def _can_be_completed(self) -> bool:
        try:
            return bool(blocks_to_complete(self.scope.course_key, self.block))
        except CriterionUnavailable:
            # What a service without the structure cannot check is not refused.
            return True

    def describe(self) -> str:
        sentence = _("has completed {block}") if self.operator == Operator.IS_TRUE else _("has not completed {block}")
        return sentence.format(block=self.block_title)

    @classmethod
    def offers(cls, block: Block) -> bool:
        return is_aggregator(block.key.block_type) or is_completable(block.key.block_type)


# Grades closer than this are the same: floating-point numbers miss 29 percent by less.
_NEARLY = 1e-9


@register("assignment_grade")
class AssignmentGrade(BlockCriterion, NumberCriterion):
    """The learner's grade in a graded subsection of the course, in percent; as course staff corrected it.

    There is no data about learners who have not attempted it, nor where no points can be had.
    """

    title = gettext_lazy("Grade of an assignment")
    theme = themes.PROGRESS
    summary = gettext_lazy("The grade in one assignment of the course, in percent.")
    keywords = gettext_lazy("homework quiz exam test score mark subsection")
    operators = numbers("percent", 0, 100, usage_key=USAGE_KEY)
    reads = ("grades.PersistentSubsectionGrade", "grades.PersistentSubsectionGradeOverride")
    refresh_every = timedelta(hours=1)
    stale_after = timedelta(days=1)
    example: ClassVar = {
        "operator": "<",
        "config": {"usage_key": A_BLOCK.format(type="sequential", id="homework1"), "percent": 50},
    }

    @property
    def subject(self) -> str:  # type: ignore[override]
        return _("the grade of {block}").format(block=self.block_title)

    @classmethod
    def offers(cls, block: Block) -> bool:
        return block.is_graded and block.key.block_type == "sequential"

    def predicate(self) -> Q:
        # Neither side is divided, and who is at the limit is at it for all that floats make of it.
        within = Q()
        for lookup, percent in self.bounds().items():
            limit = percent + (_NEARLY if lookup in ("gt", "lte") else -_NEARLY)
            within &= Q(**{f"points__{lookup}": F("possible") * Value(limit, output_field=FloatField())})
        return among(self._grades().filter(within))

    def unknown(self) -> Q:
        return ~among(self._grades())

    def changed_by_time(self, since: datetime, until: datetime) -> Q:
        rows = self.source("lms").subsection_grades().filter(usage_key=self.block)
        return among(rows.filter(Q(modified__gte=since) | Q(override__modified__gte=since)))

    def _grades(self) -> QuerySet[Any]:
        """The grades that count: a hundred times the ``points``, of the ``possible`` ones."""
        rows = self.source("lms").subsection_grades().filter(usage_key=self.block)
        given = Q(first_attempted__isnull=False) | Q(override__earned_graded_override__isnull=False)
        return (
            rows.filter(given)
            .annotate(
                points=Coalesce(F("override__earned_graded_override"), F("earned_graded")) * Value(100.0),
                possible=Coalesce(F("override__possible_graded_override"), F("possible_graded")),
            )
            .filter(possible__gt=0)
        )

    def amounts(self) -> Iterable[tuple[int, float]]:
        return [
            (pk, points / possible)
            for pk, points, possible in of_users(self._grades(), self.users, "points", "possible")
        ]
