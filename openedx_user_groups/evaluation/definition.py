"""Definitions: what a group is, read from its rows; any number of groups in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import attrs
from django.db.models import QuerySet

from ..data import ScopeData
from ..models import GroupCollection, GroupCriterion, UserGroup
from ..rules.tree import Branch, Combine, Leaf, Node

LONG_AGO = datetime.min.replace(tzinfo=UTC)


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
    update_mode: str = UserGroup.UpdateMode.BOTH
    method: str = UserGroup.Method.ANY
    removal_limit: int | None = None
    # How many somebody has agreed to let leave by the next refresh, and who.
    agreed_leaving: int | None = None
    agreed_by_id: int | None = None
    health: str = UserGroup.Health.NEVER
    member_count: int = 0
    # On its way to another collection: neither refreshes nor people change its members.
    is_moving: bool = False
    # Its own, instead of what the criteria of its rule ask for.
    refresh_every: timedelta | None = None
    # When the schedule wanted it refreshed, as it was read.
    next_due: datetime | None = None
    modified: datetime = LONG_AGO
    # Who decides which group of its collection somebody is in.
    kind: str = GroupCollection.Kind.RULES

    @property
    def adds(self) -> bool:
        """Whether refreshes put people in."""
        return self.update_mode != UserGroup.UpdateMode.REMOVE

    @property
    def removes(self) -> bool:
        """Whether refreshes take people out."""
        return self.update_mode != UserGroup.UpdateMode.ADD

    @property
    def is_refreshed(self) -> bool:
        """Whether refreshes decide who is in it: an active group with a rule, and not one that is being moved."""
        return self.status == UserGroup.Status.ACTIVE and self.rule is not None and not self.is_moving


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
            update_mode=row.update_mode,
            method=row.method,
            removal_limit=row.removal_limit,
            agreed_leaving=row.agreed_leaving,
            agreed_by_id=row.agreed_by_id,
            health=row.health,
            member_count=row.member_count,
            rule=rules.get(row.pk),
            is_moving=row.moving_to_id is not None,
            refresh_every=row.refresh_every,
            next_due=row.next_due,
            modified=row.modified,
            kind=row.collection.kind,
        )
        for row in rows
    ]


def groups_of(collection_ids: Iterable[int]) -> list[Definition]:
    """All groups of collections but the deleted ones."""
    return load(UserGroup.objects.exclude(status=UserGroup.Status.DELETED).filter(collection__in=list(collection_ids)))


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
