"""Settling: some users are brought into line in groups of one scope, each distinct leaf evaluated once for all of them.

One transaction for each batch of users, under the locks of all the collections.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial

from django.utils import timezone

from ..batches import batches
from ..evaluation.answers import Answers
from ..evaluation.definition import Definition, groups_of
from ..exceptions import CriterionError
from ..models import GroupCollection, UserGroup
from ..retrying import in_transaction
from . import consequences, drawing, guard, health, lease, waiting, write
from .placement import Moves, apply, place, users_of
from .recording import recorded

log = logging.getLogger(__name__)

Also = Callable[[], None]


def settle(
    collection_ids: Iterable[int], users: Iterable[int], causes: Sequence[str] = (), also: Also = lambda: None
) -> None:
    """Bring users into line in all groups of collections, which are of one scope.

    A group that cannot be evaluated is broken and one that too many would leave is going to be held; their collections
    stay as they are, and the others go on. ``also`` is done in the transaction that writes the last batch.
    """
    lots = list(batches(sorted(set(users)))) or [[]]
    for lot in lots:
        _settle_or_leave_out(sorted(set(collection_ids)), lot, causes, also if lot is lots[-1] else lambda: None)


def _settle_or_leave_out(collections: list[int], users: list[int], causes: Sequence[str], also: Also) -> None:
    while True:
        # What the groups were when they were evaluated.
        read: dict[int, Definition] = {}
        try:
            return in_transaction(partial(_settle, collections, users, causes, timezone.now(), also, read))
        except CriterionError as error:
            log.error("User groups: %s", error)
            if error.group_id is None:
                raise
            group = read[error.group_id]
            # Of one that was edited meanwhile it says nothing: it is evaluated once more.
            if in_transaction(partial(_break, group, str(error))):
                collections.remove(group.collection_id)


def _break(group: Definition, reason: str) -> bool:
    """Mark a group as broken, if it still is what was evaluated, and where it was."""
    lease.lock([group.collection_id])
    same = UserGroup.objects.filter(pk=group.group_id, revision=group.revision, collection=group.collection_id)
    if not same.exists():
        return False
    health.mark_broken([group.group_id], reason)
    return True


def _settle(
    collections: list[int],
    users: list[int],
    causes: Sequence[str],
    now: datetime,
    also: Also,
    read: dict[int, Definition],
) -> None:
    locked = lease.lock(collections)
    groups, answers = _sound(groups_of(row.pk for row in locked)), Answers(users, now)
    read.update((group.group_id, group) for group in groups)
    moves = place(groups, answers)
    leaving = {group_id: len(leavers) for group_id, leavers in users_of(moves.leaves).items()}
    if too_many := guard.exceeding([group for group in groups if group.is_refreshed], leaving, now):
        _ask_for_decision(groups, moves, too_many, causes)
    runs = recorded(groups, moves, causes, now)
    joined, left = apply(moves, now, runs)
    # Groups of chance have no rules, so that they are not among the others.
    consequences.follow({**joined, **drawing.seat(locked, answers)}, left, causes, runs)
    _look_for_choices(locked, groups, answers)
    also()


def _look_for_choices(locked: Sequence[GroupCollection], groups: Sequence[Definition], answers: Answers) -> None:
    """Who belongs to a generated collection and gets none of its groups may have made a choice that is new."""
    asked = [row.pk for row in locked if row.kind == GroupCollection.Kind.GENERATED and row.last_kept is not None]
    if not asked:
        return
    placed = {(row.collection_id, row.user_id) for row in write.rows_of(asked, answers.users)}
    people = {group.collection_id: (group.scope, group.parent_group_id) for group in groups}
    found = [
        pk for pk in asked if pk in people and any((pk, user) not in placed for user in answers.population(*people[pk]))
    ]
    if found:
        GroupCollection.objects.filter(pk__in=found).update(last_kept=None)


def _sound(groups: list[Definition]) -> list[Definition]:
    """Those of collections that wait for no decision and are not broken; what heals them looks at everyone."""
    ill = (UserGroup.Health.HELD, UserGroup.Health.BROKEN)
    left_out = {group.collection_id for group in groups if group.health in ill and group.is_refreshed}
    return [group for group in groups if group.collection_id not in left_out]


def _ask_for_decision(
    groups: Sequence[Definition], moves: Moves, too_many: Iterable[int], causes: Sequence[str]
) -> None:
    """Write nothing to the collections of groups that too many would leave: a refresh of everyone looks at them."""
    suspects = [group for group in groups if group.group_id in set(too_many)]
    moves.leave_alone({group.collection_id for group in suspects})
    for group in suspects:
        waiting.wait(group.group_id, causes)
