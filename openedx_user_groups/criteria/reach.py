"""Criteria whose config names courses or groups, which may be of other scopes than the rule's own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Self

from ..data import ScopeData
from ..population.scopes import inside
from .base import Criterion


class NamesScopes(Criterion):
    """Looks up all that is named together, and not one by one."""

    def reaches(self, scope: ScopeData) -> bool:
        return scope in self._inside or self.asking.asker.sees(scope)

    @classmethod
    def look_up(cls, asked: Sequence[Self]) -> None:
        super().look_up(asked)
        named = {scope for each in asked for scope in each.names()}
        found = {scope: inside(scope, named) for scope in {each.scope for each in asked}}
        for each in asked:
            each._inside = found[each.scope]

    @cached_property
    def _inside(self) -> set[ScopeData]:
        return inside(self.scope, self.names())
