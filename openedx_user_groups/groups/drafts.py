"""Drafts: what would change if the rule that waits came into force. Nobody joins or leaves by looking at it."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs
from django.core.cache import cache
from django.db import DatabaseError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from ..data import DraftData, DraftEffect
from ..evaluation.counting import count_members
from ..evaluation.definition import Definition, groups_of
from ..evaluation.difference import difference
from ..exceptions import CriterionError, WrongStatus
from ..models import UserGroup
from ..platform import toggles
from ..refresh import guard, saying
from .revising import draft_rules, newest

Status = UserGroup.Status

# What lists say of drafts is not older.
EVERY = timedelta(hours=1)


def has_draft(group: UserGroup) -> bool:
    """Whether something of a group waits to be activated: a changed rule, or all of it."""
    return group.status == Status.DRAFT or group.draft_revision is not None


def effect(group: UserGroup, *, named: bool = False) -> DraftData:
    """How many would join and leave by activating the draft, ``named`` also who. Raises WrongStatus, CriterionError."""
    now, groups = timezone.now(), as_activated(group)
    found = difference(groups, now)
    joining, leaving = found.joining, found.leaving
    members = count_members(groups, now)
    unlikely = guard.exceeding([each for each in groups if each.is_refreshed], leaving, now)
    effects = {
        each.group_id: DraftEffect(
            group_uuid=each.uuid,
            joining=joining[each.group_id],
            leaving=leaving[each.group_id],
            would_hold=members[each.group_id] + joining[each.group_id] - leaving[each.group_id],
            unlikely=saying.told(unlikely.get(each.group_id, "")),
        )
        for each in groups
    }
    own = effects.pop(group.pk)
    others = tuple(each for each in effects.values() if each.joining or each.leaving)
    numbers = own.joining, own.leaving, own.would_hold
    who = (sorted(found.joiners[group.pk]), sorted(found.leavers[group.pk])) if named else ((), ())
    return DraftData(group.uuid, newest(group), *numbers, others, own.unlikely, who)


def people(group: UserGroup, *, joins: bool) -> list[int]:
    """Who would join, or else leave, the group: sorted user ids. Raises WrongStatus and CriterionError."""
    found = difference(as_activated(group), timezone.now())
    return sorted((found.joiners if joins else found.leavers)[group.pk])


def as_activated(group: UserGroup) -> list[Definition]:
    """The groups of the collection as they would be."""
    if not has_draft(group):
        raise WrongStatus(_("The group has no draft."))
    rules = draft_rules([group])
    return [
        attrs.evolve(each, status=str(Status.ACTIVE), rule=rules.get(group.pk, each.rule))
        if each.group_id == group.pk
        else each
        for each in groups_of([group.collection_id])
    ]


def count(group: UserGroup) -> None:
    """Keep how many members the group would have, for lists; nothing where that cannot be found out."""
    if not has_draft(group):
        return
    try:
        group.would_hold = effect(group).would_hold
    except (CriterionError, DatabaseError):
        group.would_hold = None
    # Of the draft that was looked at: it may have been edited meanwhile.
    same = UserGroup.objects.filter(pk=group.pk, draft_revision=group.draft_revision, revision=group.revision)
    same.update(would_hold=group.would_hold)


def keep_fresh(now: datetime) -> None:
    """Count once an hour again what drafts would hold: people come and go while they wait."""
    if not cache.add("openedx_user_groups.drafts_counted", now.isoformat(), EVERY.total_seconds()):
        return
    waiting = UserGroup.objects.filter(Q(status=Status.DRAFT) | Q(draft_revision__isnull=False))
    for group in waiting.exclude(status__in=(Status.ARCHIVED, Status.DELETED)).select_related("scope", "collection"):
        if toggles.is_enabled(group.scope.data):
            count(group)
