"""Rows as the frozen data that outsiders get."""

from __future__ import annotations

from collections.abc import Iterable

from .criteria import registry
from .data import CollectionData, CriterionTypeData, GroupData
from .definition import rules_of
from .models import GroupCollection, UserGroup
from .rules import to_json
from .wording import sentence


def group_data(group: UserGroup) -> GroupData:
    """A group as frozen data."""
    (data,) = groups_data([group])
    return data


def groups_data(groups: Iterable[UserGroup]) -> list[GroupData]:
    """Groups as frozen data, in a number of queries that does not grow with them when relations are prefetched."""
    rows = list(groups)
    rules = rules_of(rows)
    return [_group_data(row, rules.get(row.pk)) for row in rows]


def _group_data(group: UserGroup, rule) -> GroupData:  # type: ignore[no-untyped-def]
    scope = group.scope.data
    return GroupData(
        uuid=group.uuid,
        scope=scope,
        collection_uuid=group.collection.uuid,
        name=group.name,
        description=group.description,
        tags=tuple(tag.tag for tag in group.tags.all()),
        status=group.status,
        rule=to_json(rule) if rule else None,
        rule_text=sentence(rule, scope) if rule else "",
        revision=group.revision,
        member_count=group.member_count,
        health=group.health,
        health_reason=group.health_reason,
        last_refreshed=group.last_refreshed,
        created_by_id=group.created_by_id,
        created_via=group.created_via,
        created=group.created,
        modified_by_id=group.modified_by_id,
        modified=group.modified,
    )


def collection_data(collection: GroupCollection) -> CollectionData:
    """A collection as frozen data, with its groups by priority."""
    kept = collection.groups.exclude(status=UserGroup.Status.DELETED).order_by("priority", "id")
    return CollectionData(
        uuid=collection.uuid,
        scope=collection.scope.data,
        name=collection.name,
        rest_uuid=collection.rest_uuid,
        rest_name=collection.rest_name,
        is_implicit=collection.is_implicit,
        group_uuids=tuple(kept.values_list("uuid", flat=True)),
    )


def criterion_types() -> list[CriterionTypeData]:
    """Every registered criterion type."""
    return [
        CriterionTypeData(
            name=criterion.name,
            title=str(criterion.title),
            description=" ".join((criterion.__doc__ or "").split()),
            scopes=tuple(criterion.scopes),
            operators={str(operator): schema for operator, schema in criterion.operators.items()},
            unavailable=criterion.unavailable(),
        )
        for criterion in registry.all_types()
    ]
