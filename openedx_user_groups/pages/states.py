"""How a group fares, in plain words, and what to do about it."""

from __future__ import annotations

import attrs
from django.utils.translation import gettext as _

from ..data import GroupData
from ..models import GroupCollection, UserGroup

Status = UserGroup.Status
Health = UserGroup.Health


@attrs.frozen
class State:
    """How it is, why where that is known, and what one can do; ``tone`` is good, warn, bad or neither: ""."""

    sentence: str
    reason: str = ""
    advice: str = ""
    tone: str = ""


def state_of(group: GroupData) -> State:
    """The state of a group."""
    if group.status == Status.DRAFT:
        return State(
            _("It is a draft: its rule is not in force, and nobody is in it by the rule."),
            advice=_("Look at whom the rule would hold, then activate it."),
        )
    if group.status == Status.ARCHIVED:
        return State(
            _("It is archived: its members stay as they are, and nobody can change them."),
            advice=_("Activate it in its settings to use it again."),
        )
    if group.status == Status.PAUSED:
        return State(
            _("It is paused: its members stay as they are."),
            group.status_reason,
            _("Activate it in its settings when its members may change again.") if group.is_dynamic else "",
            "warn" if group.status_reason else "",
        )
    return _active(group) if group.is_dynamic else State(_of_no_rule(group.kind), tone="good")


def _of_no_rule(kind: str) -> str:
    if kind == GroupCollection.Kind.SELF:
        return _("Learners join and leave it by themselves; no rule changes it.")
    if kind == GroupCollection.Kind.RANDOM:
        return _("Chance decides who is in it; no rule changes it.")
    return _("It is put together by hand; no rule changes it.")


def _active(group: GroupData) -> State:
    if group.health == Health.BROKEN:
        return State(
            _("Its rule cannot be evaluated, so its members stay as they were."),
            group.health_reason,
            _(
                "It is tried again by itself. If the reason is in the rule, change it; "
                "or else tell whoever looks after the platform."
            ),
            "bad",
        )
    if group.health == Health.HELD:
        return State(
            _("A refresh waits for your decision; until then nobody joins or leaves by it."),
            group.health_reason,
            _("Look at who would join and leave, then approve the refresh or discard it."),
            "warn",
        )
    if group.last_refreshed is None:
        return State(_("It has not been refreshed yet."), advice=_("Refresh it now, or wait a little."), tone="warn")
    if group.is_stale:
        return State(
            _("Its last refresh is longer ago than its rule allows, so its members may be out of date."),
            advice=_("Refresh it now. If this comes again, tell whoever looks after the platform."),
            tone="warn",
        )
    return State(_("It is up to date: its members are those whom the rule wants."), tone="good")
