"""Choices: what a criterion offers to make groups of, each with its title and the rule of its group."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import deadline
from ..criteria import registry
from ..criteria.base import NOBODY, Asker, Asking, Criterion, Operator
from ..data import ScopeData
from ..exceptions import CriterionError, CriterionFailed, CriterionUnavailable, InvalidGroup, UnknownCriterion, in_words
from ..groups.content import MAX_NAME
from ..naming import is_storable

log = logging.getLogger(__name__)

MAX_CHOICES = 250
# How long a choice can be that is kept with its group.
MAX_CHOICE = MAX_NAME

Kind = type[Criterion]
# The criterion, and the ``ranges`` of a number.
Generator = Mapping[str, Any]


def kind_for(scope: ScopeData, criterion: str, asker: Asker = NOBODY) -> Kind:
    """The criterion type of a new collection; raises InvalidGroup where it cannot be used."""
    try:
        kind = registry.get(criterion)
    except UnknownCriterion as error:
        raise InvalidGroup("criterion", error.message) from None
    if scope.type not in kind.scopes or (kind.permission and not asker.has(kind.permission, scope)):
        raise InvalidGroup("criterion", _("It cannot be used in this scope."))
    if reason := registry.why_unavailable(kind):
        raise InvalidGroup("criterion", reason)
    return kind


def kind_of(generator: Generator) -> Kind:
    """The criterion type of a stored collection; raises CriterionError where it is gone for now."""
    kind = registry.get(generator["criterion"])
    if reason := registry.why_unavailable(kind):
        raise CriterionUnavailable(reason)
    return kind


def checked(ranges: object) -> list[list[float]]:
    """Ranges of numbers, the highest first: who has what two share is in the higher one. Raises InvalidGroup."""
    problem = _("Give a list of pairs of numbers, the lower one first, {n} at most.").format(n=MAX_CHOICES)
    if isinstance(ranges, str) or not isinstance(ranges, Sequence) or not 0 < len(ranges) <= MAX_CHOICES:
        raise InvalidGroup("ranges", problem)
    for each in ranges:
        if isinstance(each, str) or not isinstance(each, Sequence) or len(each) != 2:
            raise InvalidGroup("ranges", problem)
        if any(isinstance(bound, bool) or not isinstance(bound, int | float) for bound in each) or each[0] >= each[1]:
            raise InvalidGroup("ranges", problem)
    found = sorted((list(each) for each in ranges), reverse=True)
    if len({_range_key(each) for each in found}) < len(found):
        raise InvalidGroup("ranges", _("Each range once."))
    return found


def offered(kind: Kind, generator: Generator, scope: ScopeData) -> dict[str, str]:
    """The choices that there are now, with their titles. Raises InvalidGroup and CriterionError."""
    if "ranges" in generator:
        unit = getattr(kind, "unit", "")
        return {_range_key(each): _range_title(each, unit) for each in generator["ranges"]}
    if not has_choices(kind):
        raise InvalidGroup("criterion", _("It has no choices to make groups of; of a number give ranges."))
    found = {choice: title for choice, title in _asked(kind, scope).items() if _can_be_kept(kind, choice)}
    if len(found) > MAX_CHOICES:
        message = _("There are {number} choices, and {allowed} groups at most can be made of them.")
        raise InvalidGroup("criterion", message.format(number=len(found), allowed=MAX_CHOICES))
    return found


def has_choices(kind: Kind) -> bool:
    """Whether groups can be made of what the criterion itself has to choose from."""
    return kind.choices.__func__ is not Criterion.choices.__func__  # type: ignore[attr-defined]


def takes_ranges(kind: Kind) -> bool:
    """Whether groups can be made of ranges of the number that the criterion asks about."""
    return len(kind.operators.get(Operator.BETWEEN, {}).get("properties", ())) == 1


def _asked(kind: Kind, scope: ScopeData) -> dict[str, str]:
    try:
        with deadline.within(settings.OPENEDX_USER_GROUPS_CRITERION_SECONDS):
            return {str(choice): str(title) for choice, title in kind.choices(Asking(scope, timezone.now())).items()}
    except CriterionError:
        raise
    except Exception as error:
        raise CriterionFailed(f"{kind.name} failed: {in_words(error)}") from error


def _can_be_kept(kind: Kind, choice: str) -> bool:
    fits = 0 < len(choice) <= MAX_CHOICE and is_storable(choice)
    if choice and not fits:
        log.warning("User groups: a choice of %s is too long or no text; no group is made for it.", kind.name)
    return fits


def _range_title(bounds: Sequence[float], unit: str) -> str:
    return _("{low} to {high}").format(low=f"{bounds[0]:g}{unit}", high=f"{bounds[1]:g}{unit}")


def _range_key(bounds: Sequence[float]) -> str:
    return f"{bounds[0]:g}..{bounds[1]:g}"


def rule_of(kind: Kind, generator: Generator, choice: str) -> dict[str, Any]:
    """The rule of the group of a choice. Raises InvalidGroup for a criterion that takes more than its choices."""
    operator = Operator.BETWEEN if "ranges" in generator else Operator.IN
    names = list(kind.operators.get(operator, {}).get("properties", ()))
    if len(names) != 1:
        raise InvalidGroup("criterion", _("No groups can be made of its choices."))
    value: Any = [choice]
    if "ranges" in generator:
        (value,) = (each for each in generator["ranges"] if _range_key(each) == choice)
    return {"all": [{"criterion": kind.name, "operator": operator.value, "config": {names[0]: value}}]}
