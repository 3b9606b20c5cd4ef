"""Results: what a refresh has done, in a sentence."""

from __future__ import annotations

import attrs
from django.contrib import messages
from django.contrib.messages.constants import DEFAULT_TAGS
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ..data import RunData
from ..models import RefreshRun

Outcome = RefreshRun.Outcome


@attrs.frozen
class Result:
    """A message and its level."""

    level: int
    sentence: str

    @property
    def tone(self) -> str:
        """The level as style sheets call it."""
        return DEFAULT_TAGS[self.level]


def result_of(run: RunData | None) -> Result | None:
    """What is said of a refresh that is over; nothing of none, and of one that is not."""
    if run is None or not run.outcome:
        return None
    if run.outcome == Outcome.HELD:
        return Result(messages.WARNING, _("Nobody has joined or left: the refresh waits for a decision."))
    if run.outcome == Outcome.NOTHING:
        return Result(messages.SUCCESS, _("The refresh is over: nobody had to join or leave."))
    if run.outcome != Outcome.DONE:
        return Result(messages.ERROR, _("The refresh could not be finished."))
    return Result(messages.SUCCESS, _("The refresh is over: {changes}.").format(changes=joined_and_left(run)))


def joined_and_left(run: RunData) -> str:
    """How many have joined and left by a refresh."""
    joined, left = (number_format(number, use_l10n=True, force_grouping=True) for number in (run.joined, run.left))
    return _("{joined} joined, {left} left").format(joined=joined, left=left)
