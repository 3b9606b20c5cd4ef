"""Reasons: why somebody is in a group or not, as sentences and as the tree of the rule with what they have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import attrs
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..data import ExplanationData, GroupData, NodeExplanation
from ..evaluation import explanation
from ..models import Origin, UserGroup

TRUTHS: dict[str, str | Promise] = {
    explanation.YES: gettext_lazy("yes"),
    explanation.NO: gettext_lazy("no"),
    explanation.UNKNOWN: gettext_lazy("no data"),
    explanation.HIDDEN: gettext_lazy("hidden from you"),
    explanation.FAILED: gettext_lazy("cannot be asked"),
}
IN_WORDS: dict[str, str | Promise] = {
    Origin.RULE: gettext_lazy("The rule put them in."),
    Origin.MANUAL: gettext_lazy("They were put in by hand, which no rule changes."),
    Origin.SELF: gettext_lazy("They have joined by themselves."),
    Origin.RANDOM: gettext_lazy("They were assigned at random."),
}


@attrs.frozen
class Branch:
    """A node of the rule with those below it; ``value`` in words is what the person has there."""

    node: NodeExplanation
    truth: str
    value: str
    children: tuple[Branch, ...]


def tree(nodes: Sequence[NodeExplanation]) -> Branch | None:
    """The nodes of an explanation, which come in reading order, as the tree that they are."""
    return _branch(nodes[0], nodes) if nodes else None


def _branch(node: NodeExplanation, nodes: Sequence[NodeExplanation]) -> Branch:
    below = tuple(_branch(each, nodes) for each in nodes if each.path and _parent(each.path) == node.path)
    return Branch(node, str(TRUTHS[node.truth]), node.value_text or in_words(node.value), below)


def _parent(path: str) -> str:
    # A child is named by the branch's combination and its place: "/all/0".
    return path.rsplit("/", 2)[0]


def in_words(value: Any) -> str:
    """What a criterion knows of somebody, as people read it; it is JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        return str(number_format(value, use_l10n=True, force_grouping=True))
    if isinstance(value, list | tuple):
        return ", ".join(in_words(each) for each in value)
    instant = _instant(str(value))
    return date_format(timezone.localtime(instant), "SHORT_DATETIME_FORMAT") if instant else str(value)


def _instant(text: str) -> datetime | None:
    """The instant that a text is, if it is one with its offset."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def reasons(group: GroupData, told: ExplanationData) -> list[str]:
    """Why they are in it or not, the most important first."""
    return list(_why_in(group, told) if told.is_member else _why_not(group, told))


def _why_in(group: GroupData, told: ExplanationData) -> Iterator[str]:
    yield str(IN_WORDS.get(told.origin, ""))
    if told.origin == Origin.RULE and told.nodes and told.nodes[0].matches is False:
        yield _stays(group)


def _stays(group: GroupData) -> str:
    if group.update_mode == UserGroup.UpdateMode.ADD:
        return _("The rule no longer wants them, but refreshes take nobody out of this group.")
    if group.status != UserGroup.Status.ACTIVE:
        return _("The rule no longer wants them, but the group is not active, so nobody leaves.")
    if group.health == UserGroup.Health.HELD:
        return _("The rule no longer wants them, but a refresh is held and waits for a decision.")
    return _("The rule no longer wants them; they leave with the next refresh.")


def _why_not(group: GroupData, told: ExplanationData) -> Iterator[str]:
    if told.is_excluded:
        yield _("They are kept out of it by hand, whatever the rule says.")
    if not told.belongs:
        yield _("They do not belong to those of whom the group is made: not enrolled, or the account is not in use.")
    if told.held_by is not None:
        yield _("They are in another group of the same collection, and nobody is in two of them.")
    if not group.is_dynamic:
        yield _("Nobody has put them in; the group has no rule.")
    elif told.nodes and told.nodes[0].matches is False:
        yield _("The rule does not want them.")
    elif told.nodes and told.nodes[0].matches is None:
        yield _("It cannot be said whether the rule wants them.")
    elif told.nodes and not told.is_excluded and told.belongs and told.held_by is None:
        yield _waits(group)


def _waits(group: GroupData) -> str:
    if group.update_mode == UserGroup.UpdateMode.REMOVE:
        return _("The rule wants them, but refreshes let nobody into this group.")
    if group.status != UserGroup.Status.ACTIVE:
        return _("The rule wants them, but the group is not active, so nobody joins.")
    if group.health == UserGroup.Health.HELD:
        return _("The rule wants them, but a refresh is held and waits for a decision.")
    return _("The rule wants them; they join with the next refresh.")
