"""Outlook: who would join and who would leave groups if they were refreshed now, as they are or as somebody proposes.

Reads only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import attrs

from ..batches import batches
from ..evaluation.answers import Answers
from ..evaluation.definition import Definition
from ..evaluation.difference import Difference, difference
from ..evaluation.matching import groups_with_exclusions
from .placement import place
from .write import Users


@attrs.frozen
class Outlook:
    """User ids by group id."""

    joining: Users
    leaving: Users


def found_in(groups: Sequence[Definition], now: datetime) -> Difference:
    """How many would join and leave each group of a collection. Raises CriterionError."""
    return difference(groups, now, groups_with_exclusions(groups, now))


def of(groups: Sequence[Definition], now: datetime) -> Outlook:
    """Who they are. Raises CriterionError."""
    joining: Users = defaultdict(list)
    leaving: Users = defaultdict(list)
    for users in batches(found_in(groups, now).users):
        moves = place(groups, Answers(users, now))
        for seat, joiners in moves.joins.items():
            joining[seat.group_id] += joiners
        for row in moves.leaves:
            leaving[row.group_id].append(row.user_id)
    return Outlook(joining, leaving)
