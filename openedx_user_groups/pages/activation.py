"""Activation: what somebody has seen of a draft before it is put in force, and what is said to them afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from django.contrib import messages
from django.utils.translation import gettext as _

from ..data import RunData
from ..models import RefreshRun
from ..refresh.watching import RUNNING, WAITING
from .forms import whole
from .results import joined_and_left

Outcome = RefreshRun.Outcome


def seen(numbers: Iterable[str]) -> dict[UUID, int]:
    """How many members the page has shown to leave, of each group; from what its form says: UUID:NUMBER."""
    found: dict[UUID, int] = {}
    for text in numbers:
        group, _colon, shown = text.partition(":")
        with suppress(ValueError):
            if (number := whole(shown)) is not None:
                found[UUID(group)] = number
    return found


def in_force(run: RunData | None) -> tuple[int, str]:
    """What became of a rule that was put in force, as a message and its level, by the refresh that followed."""
    if run is None or run.status in (WAITING, RUNNING):
        return messages.SUCCESS, _("The rule is in force. The members are being brought up to date.")
    if run.outcome == Outcome.HELD:
        return messages.WARNING, _("The rule is in force, but more people would leave by it than you were shown.")
    if run.outcome not in (Outcome.DONE, Outcome.NOTHING):
        return messages.WARNING, _("The rule is in force, but the members could not be brought up to date.")
    return messages.SUCCESS, _("The rule is in force: {changes}.").format(changes=joined_and_left(run))
