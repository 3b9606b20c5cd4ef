"""Words that several pages use: what refreshes do and why, and how people came into groups."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..models import Origin, RefreshRun
from ..refresh.watching import RUNNING, WAITING

Words = str | Promise

# What a refresh is doing, or how it has ended.
RUN_STATUSES: dict[str, Words] = {
    WAITING: gettext_lazy("Waiting for a worker"),
    RUNNING: gettext_lazy("Running"),
    **{str(each): each.label for each in RefreshRun.Outcome},
}
# Why there was one, or what else changed members.
CAUSES: dict[str, Words] = {
    "request": gettext_lazy("somebody asked for it"),
    "admin": gettext_lazy("somebody asked for it in the admin"),
    "schedule": gettext_lazy("its time had come"),
    "task": gettext_lazy("a program asked for it"),
    "manual": gettext_lazy("people were put in or taken out by hand"),
    "approved": gettext_lazy("a held refresh was approved"),
    "undone": gettext_lazy("a refresh was undone"),
    "chance": gettext_lazy("newcomers were assigned at random"),
    "self": gettext_lazy("learners chose by themselves"),
    "expired": gettext_lazy("memberships had come to their end"),
    "order": gettext_lazy("the order of the collection was changed"),
    "move": gettext_lazy("a group was moved into the collection"),
    "retirement": gettext_lazy("an account was retired"),
    "deleted": gettext_lazy("a group was deleted"),
}


def causes_in_words(causes: Iterable[str]) -> str:
    """Why a refresh was made; what happens on the platform has many names, which say little to people."""
    words = [
        str(CAUSES.get(cause) or (_("something happened on the platform") if "." in cause else cause))
        for cause in causes
    ]
    return "; ".join(dict.fromkeys(words))


def origin_in_words(origin: str) -> str:
    """How somebody came into a group; nothing of who is nowhere stored, such as everybody else."""
    return str(Origin(origin).label) if origin in Origin.values else ""


def duration_in_words(seconds: int) -> str:
    """A span of time in the largest unit of which it is a whole number."""
    if seconds % 86_400 == 0:
        return ngettext("{n} day", "{n} days", seconds // 86_400).format(n=seconds // 86_400)
    if seconds % 3_600 == 0:
        return ngettext("{n} hour", "{n} hours", seconds // 3_600).format(n=seconds // 3_600)
    minutes = seconds // 60
    return ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes)
