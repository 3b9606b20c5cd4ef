"""Options: how a group is refreshed and how many may be in it, as its page asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import attrs
from django.conf import settings
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..data import GroupData
from ..exceptions import InvalidGroup
from ..models import GroupCollection, UserGroup
from ..refresh import guard
from ..refresh.options import RANGES
from .forms import whole, wholes

# What groups with a rule have, and what groups have that learners join by themselves.
OF_RULES = ("update_mode", "refresh_every", "removal_limit")
OF_SELF = ("size_limit",)
LABELS: Mapping[str, str | Promise] = {
    "update_mode": gettext_lazy("What refreshes do"),
    "refresh_every": gettext_lazy("Refreshed every"),
    "removal_limit": gettext_lazy("Held when more leave than (percent)"),
    "size_limit": gettext_lazy("Places"),
}
HELP: Mapping[str, str | Promise] = {
    "update_mode": gettext_lazy("Whether the rule puts people in, takes them out again, or both."),
    "refresh_every": gettext_lazy(
        "For what changes with time alone; what happens on the platform is followed at once."
    ),
    "removal_limit": gettext_lazy("When more of the members would leave within a day, somebody is asked first."),
    "size_limit": gettext_lazy("How many learners can join by themselves."),
}
INTERVALS = (60 * 60, 6 * 60 * 60, 24 * 60 * 60, 7 * 24 * 60 * 60)


@attrs.frozen
class Field:
    """A field of the form; ``choices`` of one that is chosen from, else a number from ``lowest`` to ``highest``."""

    name: str
    label: str
    help: str
    value: str
    choices: tuple[tuple[str, str], ...] = ()
    lowest: int = 0
    highest: int = 0
    # What goes where it is left empty.
    otherwise: str = ""
    fault: str = ""


def names(group: GroupData) -> tuple[str, ...]:
    """The options that a group has."""
    if group.kind == GroupCollection.Kind.SELF:
        return OF_SELF
    return OF_RULES if group.rule is not None or group.draft_rule is not None else ()


def _typed(group: GroupData, form: Mapping[str, str]) -> dict[str, str]:
    stored = {name: getattr(group, name) for name in names(group)}
    return {name: form.get(name, "" if value is None else str(value)).strip() for name, value in stored.items()}


def read(group: GroupData, form: Mapping[str, str]) -> dict[str, Any]:
    """The options of a form that it says something of; raises InvalidGroup."""
    return {name: _read(name, form[name].strip()) for name in names(group) if name in form}


def _read(name: str, text: str) -> str | int | None:
    if name not in RANGES:
        return text
    if not text:
        return None
    lowest, highest = RANGES[name]
    number = whole(text)
    if number is None or not lowest <= number <= highest:
        told = _("Give a whole number from {lowest} to {highest}, or leave it empty.")
        raise InvalidGroup(name, told.format(lowest=_number(lowest), highest=_number(highest)))
    return number


def _number(number: float) -> str:
    return str(number_format(number, use_l10n=True, force_grouping=True))


def fields(group: GroupData, form: Mapping[str, str], faults: Mapping[str, str]) -> list[Field]:
    """The fields of the form with what was typed, or what is stored, and what is wrong with it."""
    found = (_field(name, value) for name, value in _typed(group, form).items())
    return [attrs.evolve(field, fault=faults.get(field.name, "")) for field in found]


def _field(name: str, value: str) -> Field:
    label, told = str(LABELS[name]), str(HELP[name])
    if name == "update_mode":
        choices = tuple((str(mode), str(mode.label)) for mode in UserGroup.UpdateMode)
        return Field(name, label, told, value, choices)
    if name == "refresh_every":
        return Field(name, label, told, value, tuple(_intervals(value)))
    lowest, highest = RANGES[name]
    default = {
        "removal_limit": guard.default_limit(),
        "size_limit": settings.OPENEDX_USER_GROUPS_SIZE_LIMIT,
    }[name]
    otherwise = _("Left empty, it is {number} as everywhere.").format(number=_number(default))
    return Field(name, label, told, value, lowest=lowest, highest=highest, otherwise=otherwise)


def _intervals(value: str) -> Iterator[tuple[str, str]]:
    yield "", _("As often as its rule needs")
    # One that a program has set stays what it is.
    for seconds in sorted({*INTERVALS, *wholes([value])}):
        yield str(seconds), _period(seconds)


def _period(seconds: int) -> str:
    now = timezone.now()
    return timesince(now - timedelta(seconds=seconds), now) if seconds >= 60 else str(timedelta(seconds=seconds))


def warning(group: GroupData) -> str:
    """What is odd about its places, if anything is: it can be meant."""
    if group.kind != GroupCollection.Kind.SELF or group.size_limit is None:
        return ""
    if group.size_limit == 0:
        return _("It has no places: nobody can join it.")
    if group.size_limit < group.member_count:
        told = _("It has {members} members and {places} places: nobody has to leave, and nobody can join.")
        return told.format(members=_number(group.member_count), places=_number(group.size_limit))
    return ""
