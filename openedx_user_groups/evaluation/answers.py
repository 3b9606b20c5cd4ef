"""Answers: what is true of some users. Every distinct leaf is asked once, for all of them and all groups together.

The leaves that groups share are columns of one statement; a rule that is alone is one condition.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from django.contrib.auth.models import AbstractBaseUser
from django.db import DatabaseError
from django.db.models import Q, QuerySet

from ..criteria.base import Asking
from ..criteria.users import columns
from ..data import ScopeData
from ..exceptions import CriterionError, CriterionFailed
from ..ids import IsAnyOf
from ..models import Exclusion
from ..population.reading import plain_rows
from ..population.scopes import not_expired, population
from ..retrying import is_passing
from ..rules.combine import combined, normal, satisfied
from ..rules.tree import Leaf, LeafKey, leaves
from .definition import Definition
from .matching import predicate_of, users_where

# Leaves are columns of one statement; databases limit how many there can be.
COLUMNS = 100

People = tuple[ScopeData, int | None]
KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")


class Answers:
    """What is true of ``users`` (ids) at the instant ``now``."""

    def __init__(self, users: Sequence[int], now: datetime) -> None:
        self.users = list(users)
        self.now = now
        self._populations: dict[People, set[int]] = {}
        self._leaves: dict[People, dict[LeafKey, set[int]]] = defaultdict(dict)
        self._matching: dict[int, set[int]] = {}
        self._excluded: dict[int, set[int]] = {}
        self._asked: set[int] = set()

    def population(self, scope: ScopeData, parent_group_id: int | None = None) -> set[int]:
        """Those of the users who belong to the scope (and to the subdivided group)."""
        people = (scope, parent_group_id)
        if people not in self._populations:
            self._ask(people, {})
        return self._populations[people]

    def matching(self, group: Definition) -> set[int]:
        """Those of the users whom the rule of a group wants in it; raises CriterionError."""
        if group.rule is None:
            return set()
        self.ask([group])
        return self._matching[group.group_id] - self._excluded.get(group.group_id, set())

    def ask(self, groups: Iterable[Definition]) -> None:
        """Find out all that the rules of ``groups`` need to know, in few statements."""
        asking = [group for group in groups if group.rule is not None and group.group_id not in self._asked]
        if not asking:
            return
        together: dict[People, list[Definition]] = defaultdict(list)
        for group in asking:
            together[group.scope, group.parent_group_id].append(group)
        for people, members in together.items():
            if len(members) == 1 and not self._leaves[people]:
                self._ask_alone(people, members[0])
            else:
                self._ask_together(people, members)
        self._excluded |= self.excluded([group.group_id for group in asking])
        self._asked |= {group.group_id for group in asking}

    def _ask_alone(self, people: People, group: Definition) -> None:
        """A rule that shares no leaf with another is asked as a whole: one condition instead of many columns."""
        conditions = self._conditions(people, [group])
        rule = combined(group.rule, lambda leaf: conditions[leaf.key][1], per_user=True)  # type: ignore[arg-type]
        try:
            rows = list(plain_rows(self._belonging(people).filter(rule).values_list("pk")))
        except DatabaseError as error:
            if not is_passing(error):
                self._find_culprit(people, list(conditions.values()))
            raise
        self._matching[group.group_id] = {row[0] for row in rows}

    def _ask_together(self, people: People, groups: Sequence[Definition]) -> None:
        self._ask(people, self._conditions(people, groups))
        known, everyone = self._leaves[people], self._populations[people]
        for group in groups:
            if group.rule is not None:
                self._matching[group.group_id] = satisfied(group.rule, lambda leaf: known[leaf.key], everyone)

    def excluded(self, group_ids: Sequence[int]) -> dict[int, set[int]]:
        """Those of the users who are kept out of each of the groups."""
        if not group_ids:
            return {}
        rows = Exclusion.objects.filter(not_expired(self.now), group_id__in=group_ids)
        # Most groups keep nobody out, and asking for that is much quicker than asking for many users.
        if not rows.exists():
            return {}
        found: dict[int, set[int]] = defaultdict(set)
        for group_id, user_id in rows.filter(IsAnyOf("user_id", self.users)).values_list("group_id", "user_id"):
            found[group_id].add(user_id)
        return found

    def _conditions(self, people: People, groups: Sequence[Definition]) -> dict[LeafKey, tuple[Leaf, Q, int]]:
        """The condition of every leaf that is not known yet, with a group that asks for it."""
        conditions: dict[LeafKey, tuple[Leaf, Q, int]] = {}
        for group in groups:
            for leaf in leaves(group.rule) if group.rule else ():
                if leaf.key in conditions or leaf.key in self._leaves[people]:
                    continue
                try:
                    condition = predicate_of(leaf, Asking(group.scope, self.now, self.users))
                except CriterionError as error:
                    error.of(group.group_id)
                    raise
                conditions[leaf.key] = leaf, normal(condition, per_user=True), group.group_id
        return conditions

    def _ask(self, people: People, conditions: Mapping[LeafKey, tuple[Leaf, Q, int]]) -> None:
        for chunk in in_chunks(conditions):
            try:
                self._read(people, {key: condition for key, (_leaf, condition, _group) in chunk.items()})
            except DatabaseError as error:
                if not is_passing(error):
                    self._find_culprit(people, list(chunk.values()))
                raise

    def _read(self, people: People, conditions: Mapping[LeafKey, Q]) -> None:
        """One statement: who belongs, and a column for each leaf."""
        self._populations[people], answers = columns(self._belonging(people), conditions)
        self._leaves[people] |= answers

    def _belonging(self, people: People) -> QuerySet[AbstractBaseUser]:
        """Those of the users who belong to a population."""
        scope, parent_group_id = people
        belong = normal(population(scope, now=self.now, parent_group_id=parent_group_id), per_user=True)
        return users_where(Q(IsAnyOf("id", self.users)) & belong)

    def _find_culprit(self, people: People, asked: Sequence[tuple[Leaf, Q, int]]) -> None:
        """Ask every leaf on its own; raises CriterionFailed for the first that the database refuses."""
        for leaf, condition, group_id in asked:
            try:
                self._read(people, {leaf.key: condition})
            except DatabaseError as error:
                if is_passing(error):
                    raise
                raise CriterionFailed(f"{leaf.criterion} failed: {error}").at(leaf.path).of(group_id) from error


def in_chunks(conditions: Mapping[KeyT, ValueT]) -> Iterator[dict[KeyT, ValueT]]:
    """As many conditions at a time as one statement may have columns; at least one chunk."""
    keys = list(conditions)
    for start in range(0, len(keys) or 1, COLUMNS):
        yield {key: conditions[key] for key in keys[start : start + COLUMNS]}
