"""Routing: which scopes, and which collections in them, a change may concern."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Q, QuerySet

from ..criteria import registry
from ..data import COURSE, INSTANCE, ORGANIZATION
from ..evaluation import nesting
from ..ids import IsAnyOf
from ..models import Change, GroupCollection, GroupCriterion, Membership, PendingMember, Scope, UserGroup
from ..outbox import store
from ..platform import lms
from ..population.scopes import PENDING_UPDATED_BY, POPULATION_UPDATED_BY
from ..text import fold

Status = UserGroup.Status
Method = UserGroup.Method
# How refreshes of a group may begin, where events are one of the ways.
LISTENING = (Method.ANY, Method.EVENTS)

# The source of a change that leaves somebody free for the other groups of a collection: its members, not its rules.
RELEASED = "openedx_user_groups.Exclusion"


def listeners(sources: Iterable[str], scope_type: str) -> QuerySet[UserGroup]:
    """The groups of a type of scope that events of these sources may change: by their rules, or by chance."""
    wanted = set(sources)
    groups = UserGroup.objects.filter(status=Status.ACTIVE, method__in=LISTENING)
    if wanted.intersection(POPULATION_UPDATED_BY[scope_type]):
        by_rule = Q(pk__in=GroupCriterion.objects.filter(position=0).values("group_id"))
        by_chance = Q(collection__kind=GroupCollection.Kind.RANDOM)
        return groups.filter(by_rule | by_chance, scope__type=scope_type)
    names = [each.name for each in registry.all_types() if wanted.intersection(each.updated_by)]
    nodes = GroupCriterion.objects.filter(criterion__in=names)
    return groups.filter(scope__type=scope_type, pk__in=nodes.values("group_id"))


def concerned(scope: Scope, rows: Sequence[Change]) -> list[int]:
    """The collections of a scope with a group that one of the changes may concern."""
    changed = {row.group_id for row in rows if row.group_id is not None}
    groups = listeners({row.source for row in rows if row.group_id is None}, scope.type)
    found = set(groups.filter(scope=scope).values_list("collection_id", flat=True))
    if changed:
        above = UserGroup.objects.filter(pk__in=nesting.built_on(changed), scope=scope)
        # Whoever leaves a group leaves what subdivides it, whatever begins the refreshes of that.
        above = above.filter(Q(method__in=LISTENING) | Q(collection__parent_group__in=changed))
        found |= set(above.values_list("collection_id", flat=True))
    released = {row.group_id for row in rows if row.source == RELEASED and row.group_id is not None}
    if released:
        found |= set(UserGroup.objects.filter(pk__in=released, scope=scope).values_list("collection_id", flat=True))
    return sorted(found)


def spread(rows: Sequence[Change]) -> None:
    """Note each change anew in every scope that it concerns and that its user has to do with."""
    by_group: dict[int, set[int]] = defaultdict(set)
    by_source: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        if row.group_id is not None:
            by_group[row.group_id].add(row.user_id)
        else:
            by_source[row.source].add(row.user_id)
    for group_id, users in by_group.items():
        above = UserGroup.objects.filter(pk__in=nesting.built_on([group_id]))
        scopes = sorted(set(above.values_list("scope_id", flat=True)))
        store.note(users, _source_of(rows, group_id), scopes=scopes, group_id=group_id)
    for source, users in by_source.items():
        for scope_id, concerned_users in _scopes_of(source, users):
            store.note(concerned_users, source, scopes=[scope_id])


def _source_of(rows: Sequence[Change], group_id: int) -> str:
    return next(row.source for row in rows if row.group_id == group_id)


def _scopes_of(source: str, users: set[int]) -> Iterator[tuple[int, set[int]]]:
    """The scopes with groups that listen to a source, and which of the users each concerns."""
    for scope_type in (COURSE, ORGANIZATION, INSTANCE):
        listening = Q(pk__in=listeners([source], scope_type).values("scope_id"))
        if source in PENDING_UPDATED_BY:
            listening |= Q(pk__in=PendingMember.objects.values("group__scope_id"), type=scope_type)
        scopes = list(Scope.objects.filter(listening))
        if scope_type == INSTANCE:
            yield from ((scope.pk, users) for scope in scopes)
        elif scopes:
            yield from _of_students(scopes, users, scope_type)


def _of_students(scopes: Sequence[Scope], users: set[int], scope_type: str) -> Iterator[tuple[int, set[int]]]:
    """Whom each scope concerns: who studies there, and who is in one of its groups."""
    found: dict[int, set[int]] = defaultdict(set)
    column = "course_id" if scope_type == COURSE else "course__org"
    # MySQL finds keys in any case, and elsewhere two scopes may differ in nothing else.
    keys: dict[str, list[int]] = defaultdict(list)
    for scope in scopes:
        keys[fold(scope.key)].append(scope.pk)
    enrolled = lms.rows("student.CourseEnrollment").filter(IsAnyOf("user_id", users), is_active=True)
    for user_id, key in enrolled.values_list("user_id", column):
        for scope_id in keys.get(fold(str(key)), ()):
            found[scope_id].add(user_id)
    members = Membership.objects.filter(IsAnyOf("user_id", users), group__scope__in=scopes)
    for user_id, scope_id in members.values_list("user_id", "group__scope_id"):
        found[scope_id].add(user_id)
    yield from found.items()
