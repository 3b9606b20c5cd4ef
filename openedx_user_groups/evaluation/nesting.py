"""Nesting: groups that are built on groups, by a rule that asks about their members or as a subdivision of one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

import attrs
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ..criteria import registry
from ..criteria.base import NOBODY, Asker, Asking, Criterion
from ..data import INSTANCE
from ..exceptions import CriterionError, InvalidGroup, WrongStatus
from ..models import GroupCriterion, Scope, UserGroup
from ..rules.tree import Branch, Leaf, leaves
from .definition import rules_of
from .matching import groups_asked, look_up

Status = UserGroup.Status
GONE = (Status.DELETED, Status.ARCHIVED)


@attrs.frozen
class Edge:
    """A group is built on another one: by its rule, or because its collection subdivides it."""

    group_id: int
    on_id: int


def criteria_about_members() -> list[str]:
    """The criteria that ask about the members of groups."""
    return [each.name for each in registry.all_types() if each.groups is not Criterion.groups]


def used(group_ids: Sequence[int]) -> list[int]:
    """Those of some groups on which another one is built."""
    wanted = set(group_ids)
    found = {edge.on_id for edge in _edges_to(wanted)}
    return [group_id for group_id in group_ids if group_id in found]


def built_on(group_ids: Iterable[int]) -> set[int]:
    """The groups that are built on any of some."""
    return {edge.group_id for edge in _edges_to(set(group_ids))}


def _edges_to(group_ids: set[int]) -> Iterator[Edge]:
    if not group_ids:
        return
    below = UserGroup.objects.filter(collection__parent_group__in=group_ids).exclude(status__in=GONE)
    for group_id, parent_id in below.values_list("pk", "collection__parent_group_id"):
        yield Edge(group_id, parent_id)
    nodes = GroupCriterion.objects.filter(criterion__in=criteria_about_members()).exclude(group__status__in=GONE)
    groups = UserGroup.objects.filter(pk__in=nodes.values("group_id")).select_related("scope", "collection")
    yield from (edge for edge in _edges_of(groups) if edge.on_id in group_ids)


def _edges_of(groups: Iterable[UserGroup]) -> Iterator[Edge]:
    """What some groups are built on, which come with their scope and collection."""
    rows = list(groups)
    rules, now = rules_of(rows), timezone.now()
    askings = {scope: Asking(scope.data, now) for scope in {row.scope for row in rows}}
    look_up((leaf, askings[row.scope]) for row in rows for leaf in _nested(rules.get(row.pk)))
    for row in rows:
        yield from (Edge(row.pk, on_id) for on_id in _built_on(row, rules.get(row.pk), askings[row.scope]))


def _nested(rule: Branch | None) -> list[Leaf]:
    names = set(criteria_about_members())
    return [leaf for leaf in leaves(rule) if leaf.criterion in names] if rule else []


def _built_on(group: UserGroup, rule: Branch | None, asking: Asking) -> set[int]:
    found = {group.collection.parent_group_id} - {None}
    for leaf in _nested(rule):
        # One that cannot be asked stops the refresh of its own group, and nothing else.
        with suppress(CriterionError):
            found |= groups_asked(leaf, asking)
    return found  # type: ignore[return-value]


def lock() -> None:
    """Until the transaction ends nobody else changes what is built on what; taken before the edges are looked at."""
    scope, _made = Scope.objects.get_or_create(type=INSTANCE, key="")
    # An update, and not a SELECT for one: SQLite has a lock of this kind only.
    Scope.objects.filter(pk=scope.pk).update(key="")


def is_nested(group: UserGroup, rule: Branch | None) -> bool:
    """Whether a group may be part of a chain: it, or one beside it, is built on others, or is found by its name."""
    if _nested(rule) or group.collection.parent_group_id is not None or _found_by_field():
        return True
    beside = UserGroup.objects.filter(collection=group.collection_id).exclude(status__in=GONE)
    return GroupCriterion.objects.filter(criterion__in=criteria_about_members(), group__in=beside).exists()


def _found_by_field() -> bool:
    names = [name for name in criteria_about_members() if name != "group_member"]
    return GroupCriterion.objects.filter(criterion__in=names).exclude(group__status=Status.DELETED).exists()


def found_by_field(group: UserGroup) -> set[int]:
    """The groups that are built on a stored one, where there are any that find groups by how these are called."""
    return built_on([group.pk]) if _found_by_field() else set()


def refuse_cycle(group: UserGroup, rule: Branch | None, asker: Asker = NOBODY) -> None:
    """Raises InvalidGroup, with the chain, where a group with this rule would be built on itself.

    Or on one that it excludes: who is in a group of a collection depends on who is in the others, and a group that
    takes its members from those would lose them again. The group is stored as it is going to be; the caller's
    transaction is rolled back. Takes the lock of all edges.
    """
    if not is_nested(group, rule):
        return
    lock()
    here = set(_beside([group.collection_id]).values_list("pk", flat=True)) - {group.pk}
    came_from, beside = dict.fromkeys(here, group.pk), set(here)
    asking = Asking(group.scope.data, timezone.now())
    edges = [Edge(group.pk, on_id) for on_id in _built_on(group, rule, asking)]
    edges += _edges_of(_beside([group.collection_id]).exclude(pk=group.pk))
    while edges:
        if closing := [edge for edge in edges if edge.on_id in {group.pk, *here}]:
            raise InvalidGroup("rule", _chain(group.pk, closing[0], came_from, beside, asker))
        found = {edge.on_id: edge.group_id for edge in edges if edge.on_id not in came_from}
        came_from |= found
        by_collection = dict(UserGroup.objects.filter(pk__in=found).values_list("collection_id", "pk"))
        rows = [row for row in _beside(by_collection) if row.pk in found or row.pk not in came_from]
        others = {row.pk: by_collection[row.collection_id] for row in rows if row.pk not in found}
        came_from |= others
        beside |= others.keys()
        edges = list(_edges_of(rows))


def check_parent(group: UserGroup) -> None:
    """Raises WrongStatus where the group that it subdivides is put away, so that it would hold nobody."""
    parent = group.collection.parent_group
    if parent is not None and parent.status in GONE:
        message = _("It subdivides “{name}”, which is {status}.")
        raise WrongStatus(message.format(name=parent.name, status=parent.status))


def _beside(collection_ids: Iterable[int]) -> QuerySet[UserGroup]:
    """The groups of collections that may be built on others, with their scope and collection."""
    groups = UserGroup.objects.filter(collection__in=list(collection_ids)).exclude(status__in=GONE)
    return groups.select_related("scope", "collection")


def _chain(group_id: int, closing: Edge, came_from: dict[int, int], beside: set[int], asker: Asker) -> str:
    chain = [closing.on_id, closing.group_id]
    while chain[-1] != group_id:
        chain.append(came_from[chain[-1]])
    rows = {row.pk: row for row in UserGroup.objects.filter(pk__in=chain).select_related("scope")}
    names = " → ".join(told(rows[pk], asker) for pk in reversed(chain))
    if beside.intersection(chain):
        return _("Groups that exclude each other cannot be built on each other: {chain}.").format(chain=names)
    return _("The group would be built on itself: {chain}.").format(chain=names)


def told(group: UserGroup, asker: Asker) -> str:
    """What a group is called, as far as whoever asks may see it."""
    if asker is not NOBODY and not asker.sees(group.scope.data):
        return _("a group that you may not see")
    return _("“{name}” of {scope}").format(name=group.name, scope=group.scope.data)


def parents_first(groups: Sequence[UserGroup]) -> list[UserGroup]:
    """The same groups, each after those of them that it is built on; otherwise in their order."""
    places = {group.collection_id: place for place, group in reversed(list(enumerate(groups)))}
    on: dict[int, set[int]] = defaultdict(set)
    collections = {group.pk: group.collection_id for group in groups}
    for edge in _edges_of(groups):
        if edge.on_id in collections and collections[edge.on_id] != collections[edge.group_id]:
            on[collections[edge.group_id]].add(collections[edge.on_id])
    ranks: dict[int, int] = {}

    def rank(collection: int, above: frozenset[int]) -> int:
        if collection not in ranks:
            parents = on[collection] - above
            ranks[collection] = 1 + max((rank(each, above | {collection}) for each in parents), default=-1)
        return ranks[collection]

    return sorted(groups, key=lambda group: (rank(group.collection_id, frozenset()), places[group.collection_id]))
