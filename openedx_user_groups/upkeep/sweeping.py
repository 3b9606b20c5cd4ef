"""Sweeping: those are looked at, at regular intervals, whom nothing but time can have changed."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q

from ..criteria.base import Asking
from ..evaluation.definition import Definition, load
from ..evaluation.matching import changed_by_time, criterion_of, users_where
from ..events import listening
from ..exceptions import CriterionError
from ..models import UserGroup
from ..population.reading import plain_rows
from ..population.scopes import population
from ..refresh import health, settling
from ..refresh.schedule import AT_LEAST_EVERY, interval
from ..refresh.waiting import SCHEDULE
from ..rules.combine import normal
from ..rules.tree import leaves

Health = UserGroup.Health

# What is written to a table now may be dated from before: transactions take their time.
OVERLAP = timedelta(minutes=10)


def can_be_swept(group: UserGroup, definition: Definition, now: datetime) -> bool:
    """Whether it is enough to look at those whom time alone may have changed.

    Not for a group that is not well, was edited since everybody was looked at, or is due for that once more.
    """
    full, swept = group.last_refreshed, group.swept_until
    if definition.rule is None or full is None or swept is None or group.health != Health.OK:
        return False
    everyone = max(AT_LEAST_EVERY, interval(definition.rule, definition.refresh_every))
    is_sound = _settled(group) < full <= swept <= now and now - full < everyone
    return is_sound and bool(_crossing(definition, swept, now))


def _settled(group: UserGroup) -> datetime:
    """From when on every process has known what the group is now."""
    return group.modified + timedelta(seconds=listening.SECONDS)


def sweep_groups(groups: Sequence[UserGroup], now: datetime) -> None:
    """Bring those into line, in groups of one scope, whom time alone may have changed since they were last swept."""
    since = {group.pk: group.swept_until or now for group in groups}
    definitions = load(UserGroup.objects.filter(pk__in=since))
    # Groups that ask the same are asked about once.
    crossing: dict[Hashable, Q] = {}
    for each in definitions:
        crossing |= _crossing(each, since[each.group_id], now) or {}
    if crossing:
        belongs = population(definitions[0].scope, now=now)
        rows = users_where(normal(belongs & reduce(or_, crossing.values()))).values_list("pk")
        users = [row[0] for row in plain_rows(rows)]
        settling.settle({each.collection_id for each in definitions}, users, [SCHEDULE])
    health.mark_swept(_sound(definitions), now)


def _sound(definitions: Sequence[Definition]) -> list[Definition]:
    """Those that did not turn out to be broken meanwhile."""
    ids = UserGroup.objects.filter(pk__in=[each.group_id for each in definitions], health=Health.OK)
    sound = set(ids.values_list("pk", flat=True))
    return [each for each in definitions if each.group_id in sound]


def _crossing(group: Definition, since: datetime, until: datetime) -> dict[Hashable, Q] | None:
    """Users for whom a criterion of the group may have changed by time alone, by what is asked.

    None where nobody can tell.
    """
    asking = Asking(group.scope, until)
    found: dict[Hashable, Q] = {}
    for leaf in leaves(group.rule) if group.rule else ():
        try:
            criterion = criterion_of(leaf, asking)
            if criterion.refresh_every is None:
                continue
            condition = changed_by_time(leaf, asking, since - OVERLAP)
        except CriterionError:
            return None
        if condition is None:
            return None
        found[leaf.key, since] = condition
    return found
