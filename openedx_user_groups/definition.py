"""Definitions: what a group is, read from its rows; any number of groups in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

import attrs
from django.db.models import QuerySet

from .data import ScopeData
from .models import GroupCriterion, UserGroup
from .rules import Branch, Combine, Leaf, Node


@attrs.frozen
class Definition:
    """A group as the engine sees it; ``rule`` is None when it is static."""

    group_id: int
    uuid: UUID
    name: str
    scope: ScopeData
    collection_id: int
    parent_group_id: int | None
    priority: int
    revision: int
    status: str
    rule: Branch | None = attrs.field(hash=False)

    @property
    def is_refreshed(self) -> bool:
        """Whether refreshes decide who is in it: an active group with a rule."""
        return self.status == UserGroup.Status.ACTIVE and self.rule is not None


def load(groups: QuerySet[UserGroup]) -> list[Definition]:
    """The definitions of ``groups``, by collection and priority; two queries."""
    rows = list(groups.select_related("scope", "collection").order_by("collection_id", "priority", "id"))
    rules = rules_of(rows)
    return [
        Definition(
            group_id=row.pk,
            uuid=row.uuid,
            name=row.name,
            scope=row.scope.data,
            collection_id=row.collection_id,
            parent_group_id=row.collection.parent_group_id,
            priority=row.priority,
            revision=row.revision,
            status=row.status,
            rule=rules.get(row.pk),
        )
        for row in rows
    ]


def rules_of(groups: Iterable[UserGroup]) -> dict[int, Branch]:
    """The rule of each group that has one, by group id; one query."""
    nodes: dict[int, list[GroupCriterion]] = defaultdict(list)
    for node in GroupCriterion.objects.filter(group__in=list(groups)).order_by("group_id", "position"):
        nodes[node.group_id].append(node)
    return {group_id: _tree(rows) for group_id, rows in nodes.items()}


def _tree(nodes: Sequence[GroupCriterion]) -> Branch:
    children: dict[int | None, list[GroupCriterion]] = defaultdict(list)
    for node in nodes:
        children[node.parent_position].append(node)

    def build(node: GroupCriterion, path: str) -> Node:
        if not node.combine:
            return Leaf(path, node.criterion, node.operator, node.config)
        below = (build(child, f"{path}/{node.combine}/{i}") for i, child in enumerate(children[node.position]))
        return Branch(path, Combine(node.combine), tuple(below))

    root = build(children[None][0], "")
    assert isinstance(root, Branch)
    return root


def rows_of(rule: Branch, group: UserGroup) -> list[GroupCriterion]:
    """The rows that hold a rule, numbered in reading order; not saved yet."""
    rows: list[GroupCriterion] = []

    def add(node: Node, parent: int | None) -> None:
        row = GroupCriterion(group=group, position=len(rows), parent_position=parent)
        rows.append(row)
        if isinstance(node, Leaf):
            row.criterion, row.operator, row.config = node.criterion, node.operator, dict(node.config)
            return
        row.combine = node.combine.value
        for child in node.children:
            add(child, row.position)

    add(rule, None)
    return rows
