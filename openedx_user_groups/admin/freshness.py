"""Freshness: which groups have not been refreshed for longer than one of their criteria allows."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils import timezone

from ..evaluation.definition import rules_of
from ..models import UserGroup
from ..refresh.staleness import is_stale


class GroupList(ChangeList):
    """A list of groups that reads the rules of all of them at once."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        """The groups of one page."""
        super().get_results(request)
        self.result_list = list(self.result_list)
        rules = rules_of(self.result_list)
        for group in self.result_list:
            group.rule = rules.get(group.pk)


def is_fresh(group: UserGroup) -> bool | None:
    """Whether its last refresh is not too long ago; None of a group that is not refreshed."""
    rule = group.rule if hasattr(group, "rule") else rules_of([group]).get(group.pk)
    stale = is_stale(group, rule, timezone.now())
    return None if stale is None else not stale
