"""Narrowing: the rows of a list that its query asks for, in the order that it asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from operator import or_
from typing import Any, TypeVar

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from ..models import GroupCollection, GroupCriterion, GroupTag, RefreshRun, UserGroup
from ..naming import name_key
from ..platform import lms
from ..refresh import watching
from ..text import Contains
from .accounts import PROFILE

Row = TypeVar("Row", bound=Any)

IS_DYNAMIC = Exists(GroupCriterion.objects.filter(group=OuterRef("pk")))
# What each parameter of a GroupsQuery asks of a group.
CONDITIONS: Mapping[str, Callable[[Any], Any]] = {
    "status": lambda values: Q(status__in=sorted(values)),
    "tag": lambda tag: Exists(GroupTag.objects.filter(group=OuterRef("pk"), tag_key=name_key(tag))),
    "is_dynamic": lambda asked: IS_DYNAMIC if asked else ~IS_DYNAMIC,
    "health": lambda health: Q(health=health),
    "search": lambda text: Q(Contains("name", text)) | Q(Contains("description", text)),
    "collection": lambda uuid: Q(collection__uuid=uuid),
    "update_mode": lambda mode: Q(update_mode=mode),
    "method": lambda method: Q(method=method),
    "has_draft": lambda asked: Q(draft_revision__isnull=not asked),
}
# The same of a CollectionsQuery.
OF_COLLECTIONS: Mapping[str, Callable[[Any], Q]] = {
    "kind": lambda kind: Q(kind=kind),
    "parent_group": lambda uuid: Q(parent_group__uuid=uuid),
    "search": lambda text: Q(Contains("name", text)),
}


def groups(rows: QuerySet[UserGroup], query: Mapping[str, Any]) -> QuerySet[UserGroup]:
    """The groups that a GroupsQuery asks for, in its order."""
    return _asked_for(rows, query, CONDITIONS)


def collections(rows: QuerySet[GroupCollection], query: Mapping[str, Any]) -> QuerySet[GroupCollection]:
    """The collections that a CollectionsQuery asks for, in its order."""
    return _asked_for(rows, query, OF_COLLECTIONS)


def refreshes(rows: QuerySet[RefreshRun], query: Mapping[str, Any]) -> QuerySet[RefreshRun]:
    """The refreshes that a RefreshesQuery asks for."""
    if "status" not in query:
        return rows
    return rows.filter(reduce(or_, [watching.has_status(status, timezone.now()) for status in sorted(query["status"])]))


def _asked_for(
    rows: QuerySet[Row], query: Mapping[str, Any], conditions: Mapping[str, Callable[[Any], Any]]
) -> QuerySet[Row]:
    for name, condition in conditions.items():
        if name in query:
            rows = rows.filter(condition(query[name]))
    return _ordered(rows, query["ordering"])


def _ordered(rows: QuerySet[Row], ordering: str) -> QuerySet[Row]:
    name = ordering.removeprefix("-")
    # In a list for people capital letters do not come first.
    column = Lower(name) if name == "name" else F(name)
    # Those never refreshed come last either way; databases do not agree where NULL stands.
    backwards = ordering.startswith("-")
    return rows.order_by(column.desc(nulls_last=True) if backwards else column.asc(nulls_last=True), "pk")


def people(rows: QuerySet[Row], query: Mapping[str, Any], addresses_of: QuerySet[Any] | None = None) -> QuerySet[Row]:
    """The rows of memberships or exclusions that a PeopleQuery asks for, with a column ``username``.

    They are found by the e-mail addresses of ``addresses_of`` only, where these are not everybody's to see.
    """
    if "origin" in query:
        rows = rows.filter(origin=query["origin"])
    if "search" in query:
        rows = rows.filter(_named(query["search"], "user__", "user", addresses_of))
    return rows.annotate(username=F("user__username"))


def users(rows: QuerySet[Row], query: Mapping[str, Any]) -> QuerySet[Row]:
    """The same of users who have no rows: nobody of them has an origin."""
    if "origin" in query:
        return rows.none()
    return rows.filter(_named(query["search"], "", "pk")) if "search" in query else rows


def _named(text: str, prefix: str, user: str, addresses_of: QuerySet[Any] | None = None) -> Q:
    conditions = [Q(Contains(f"{prefix}{column}", text)) for column in ("username", "first_name", "last_name")]
    told = Q() if addresses_of is None else Q(**{f"{user}__in": addresses_of.values("pk")})
    conditions.append(Q(Contains(f"{prefix}email", text)) & told)
    if lms.is_installed(PROFILE):
        conditions.append(Q(Exists(lms.rows(PROFILE).filter(Contains("name", text), user=OuterRef(user)))))
    return reduce(or_, conditions)
