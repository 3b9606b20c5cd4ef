"""Rows as the frozen data that outsiders get."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import attrs
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..collections import rests
from ..criteria.base import NOBODY, Asker, Asking
from ..data import INSTANCE, CollectionData, GroupData, RestData, RevisionData, RunData, ScopeData
from ..evaluation.definition import Definition, rules_of
from ..evaluation.matching import is_told, look_up
from ..evaluation.wording import sentence
from ..exceptions import CriterionError, CriterionUnavailable
from ..groups.revising import draft_rules
from ..models import GroupCollection, Revision, UserGroup
from ..refresh import saying, staleness
from ..refresh.options import options_of
from ..rules.tree import Branch, Leaf, Node, from_json, leaves, to_json

log = logging.getLogger(__name__)

NOT_TOLD = gettext_lazy("A criterion of the rule cannot be asked; whoever looks after the platform can see why.")


def group_data(group: UserGroup, asker: Asker = NOBODY) -> GroupData:
    """A group as frozen data."""
    (data,) = groups_data([group], asker)
    return data


def groups_data(groups: Iterable[UserGroup], asker: Asker = NOBODY) -> list[GroupData]:
    """Groups as frozen data; what their rules say is said to ``asker``.

    The number of queries does not grow with the groups when relations are prefetched.
    """
    rows = list(groups)
    rules, drafts = rules_of(rows), draft_rules(rows)
    now = timezone.now()
    askings = {scope: Asking(scope, now, asker=asker) for scope in {row.scope.data for row in rows}}
    written = ((row, rule) for row in rows for rule in (rules.get(row.pk), drafts.get(row.pk)))
    look_up((leaf, askings[row.scope.data]) for row, rule in written for leaf in _leaves(rule))
    return [_group_data(row, rules.get(row.pk), drafts.get(row.pk), askings[row.scope.data]) for row in rows]


def _leaves(rule: Node | None) -> Iterable[Leaf]:
    return leaves(rule) if rule else ()


def _group_data(group: UserGroup, rule: Branch | None, draft: Branch | None, asking: Asking) -> GroupData:
    scope = asking.scope
    return GroupData(
        uuid=group.uuid,
        scope=scope,
        collection_uuid=group.collection.uuid,
        name=group.name,
        description=group.description,
        # In the order in which they were given, which the database is not bound to.
        tags=tuple(tag.tag for tag in sorted(group.tags.all(), key=lambda tag: tag.pk)),
        status=group.status,
        status_reason=group.status_reason,
        rule=_rule(rule, asking) if rule else None,
        rule_text=sentence(rule, asking) if rule else "",
        revision=group.revision,
        draft_revision=group.draft_revision,
        draft_rule=_rule(draft, asking) if draft else None,
        draft_rule_text=sentence(draft, asking) if draft else "",
        would_hold=group.would_hold,
        **options_of(group).snapshot(),
        member_count=group.member_count,
        health=group.health,
        health_reason=_health_reason(group, rule, asking),
        last_refreshed=staleness.last_success(group),
        next_due=group.next_due,
        is_stale=staleness.is_stale(group, rule, asking.now),
        created_by_id=group.created_by_id,
        created_via=group.created_via,
        created=group.created,
        modified_by_id=group.modified_by_id,
        modified=group.modified,
        kind=group.collection.kind,
    )


def _health_reason(group: UserGroup, rule: Branch | None, asking: Asking) -> str:
    told = saying.told(group.health_reason)
    return told if not told or _is_told_whole(rule, asking) else str(NOT_TOLD)


def _rule(rule: Node, asking: Asking) -> dict[str, Any]:
    """The rule, without what the asker may not see."""
    return to_json(rule, lambda leaf: _is_shown(leaf, asking))


def _is_shown(leaf: Leaf, asking: Asking) -> bool:
    try:
        return is_told(leaf, asking)
    except CriterionError:
        # Nobody knows what it names: that is for those who see everything, and for the Python API.
        return asking.asker is NOBODY or asking.asker.sees(ScopeData(INSTANCE))


def _is_told_whole(rule: Node | None, asking: Asking) -> bool:
    """Whether nothing of the rule is hidden; what went wrong with it may be about what is."""
    return all(_is_shown(leaf, asking) for leaf in _leaves(rule))


@contextmanager
def telling(
    row: UserGroup | GroupCollection, asker: Asker, asked: Callable[[], Iterable[Definition]]
) -> Iterator[None]:
    """Let errors of criteria through to who may see all of the rules ``asked``; others get one that says less."""
    try:
        yield
    except CriterionError as error:
        asking = Asking(row.scope.data, timezone.now(), asker=asker)
        if all(_is_told_whole(each.rule, asking) for each in asked()):
            raise
        raise CriterionUnavailable(str(NOT_TOLD)) from error


def told_runs(runs: Iterable[RunData], group: UserGroup, asker: Asker) -> list[RunData]:
    """The runs of a group; errors are kept from who may not see all of the rule that the run went by."""
    rows = list(runs)
    told = _revisions_told({run.revision for run in rows if run.error}, group, asker)
    return [attrs.evolve(run, error=str(NOT_TOLD)) if run.error and run.revision not in told else run for run in rows]


def _revisions_told(numbers: set[int], group: UserGroup, asker: Asker) -> set[int]:
    """Those of some revisions of a group of which nothing is hidden; one that is gone is none of them."""
    if not numbers:
        return set()
    asking = Asking(group.scope.data, timezone.now(), asker=asker)
    found = Revision.objects.filter(group=group, number__in=numbers).values_list("number", "definition")
    rules = {number: definition["rule"] for number, definition in found}
    return {number for number, rule in rules.items() if _is_told_whole(from_json(rule) if rule else None, asking)}


def revisions_data(revisions: Iterable[Revision], scope: ScopeData, asker: Asker = NOBODY) -> list[RevisionData]:
    """Revisions of a group of ``scope``, which come with their authors, as frozen data."""
    asking = Asking(scope, timezone.now(), asker=asker)
    rows = list(revisions)
    rules = [from_json(row.definition["rule"]) if row.definition["rule"] else None for row in rows]
    look_up((leaf, asking) for rule in rules for leaf in _leaves(rule))
    return [_revision_data(row, rule, asking) for row, rule in zip(rows, rules, strict=True)]


def _revision_data(revision: Revision, rule: Node | None, asking: Asking) -> RevisionData:
    return RevisionData(
        number=revision.number,
        state=revision.state,
        definition={**revision.definition, "rule": _rule(rule, asking) if rule else None},
        author=revision.author.get_username() if revision.author else None,
        created=revision.created,
    )


def collection_data(collection: GroupCollection) -> CollectionData:
    """A collection as frozen data, with its groups by priority."""
    (data,) = collections_data([collection])
    return data


def collections_data(collections: Iterable[GroupCollection]) -> list[CollectionData]:
    """Collections as frozen data, in a number of queries that does not grow with them."""
    rows = list(collections)
    parents: dict[int | None, UUID] = dict(UserGroup.objects.filter(subdivisions__in=rows).values_list("pk", "uuid"))
    kept = UserGroup.objects.exclude(status=UserGroup.Status.DELETED).filter(collection__in=rows)
    groups: dict[int, list[UUID]] = defaultdict(list)
    for collection_id, uuid in kept.order_by("priority", "id").values_list("collection_id", "uuid"):
        groups[collection_id].append(uuid)
    return [_collection_data(row, groups[row.pk], parents.get(row.parent_group_id)) for row in rows]


def _collection_data(collection: GroupCollection, groups: Iterable[UUID], parent: UUID | None) -> CollectionData:
    generator = {key: value for key, value in (collection.generator or {}).items() if key in ("criterion", "ranges")}
    return CollectionData(
        uuid=collection.uuid,
        scope=collection.scope.data,
        kind=collection.kind,
        generator=generator or None,
        parent_group_uuid=parent,
        name=collection.name,
        rest_uuid=collection.rest_uuid,
        rest_name=collection.rest_name,
        is_implicit=collection.is_implicit,
        group_uuids=tuple(groups),
    )


def rest_data(collection: GroupCollection) -> RestData:
    """Everybody else of a collection as frozen data, counted now."""
    return RestData(
        uuid=collection.rest_uuid,
        scope=collection.scope.data,
        collection_uuid=collection.uuid,
        name=collection.rest_name or _rest_name(collection),
        member_count=rests.users_of(collection, timezone.now()).count(),
    )


def _rest_name(collection: GroupCollection) -> str:
    if not collection.is_implicit:
        return _("Everybody else of “{name}”").format(name=collection.name)
    kept = collection.groups.exclude(status=UserGroup.Status.DELETED)
    return _("Everybody else than “{name}”").format(name=", ".join(kept.values_list("name", flat=True)))
