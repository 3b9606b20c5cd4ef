"""Lists of groups, as the panel and the pages of scopes show them: found, narrowed down, in an order, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ... import api
from ...data import COURSE, INSTANCE, ORGANIZATION
from ...models import UserGroup
from ...platform.titles import titles
from ...web import narrowing, queries
from .base import ROWS_PER_PAGE, PageView

ARCHIVED = UserGroup.Status.ARCHIVED
# The columns by which a list is sorted: the name of the order, its heading, and whether large values come first.
COLUMNS = {
    "name": (_("Group"), False),
    "member_count": (_("Members"), True),
    "last_refreshed": (_("Last refresh"), True),
    "modified": (_("Last change"), True),
}
# The filters: the parameter, its label, and what one may choose; nothing chosen stands first.
STATUSES = (("", _("All but archived")), *queries.KEPT)
MEMBERSHIP = (("", _("By rule or by hand")), ("true", _("By rule")), ("false", _("By hand")))
HEALTH = (
    ("", _("Any")),
    ("held", _("Held")),
    ("broken", _("Broken")),
    ("ok", _("Well, when last refreshed")),
    ("never", _("Never refreshed")),
)
SCOPE_TYPES = (
    ("", _("Everywhere")),
    (COURSE, _("Courses")),
    (ORGANIZATION, _("Organizations")),
    (INSTANCE, _("The platform")),
)
FILTERS = (
    ("status", _("Status"), STATUSES),
    ("is_dynamic", _("Members come in"), MEMBERSHIP),
    ("health", _("Condition"), HEALTH),
)
WHERE = ("scope_type", _("Where"), SCOPE_TYPES)
NARROWING = ("search", "tag", "has_draft", *(name for name, *_others in (WHERE, *FILTERS)))


class GroupsList(PageView):
    """What lists of groups have in common."""

    part = "_groups.html"

    def listed(self, rows: QuerySet[UserGroup], query: Mapping[str, Any], *, over_scopes: bool) -> dict[str, Any]:
        """What the list shows of some groups."""
        found = narrowing.groups(rows, query)
        if "status" not in query:
            found = found.exclude(status=ARCHIVED)
        page = self.paged(found, query.get("page_size", ROWS_PER_PAGE))
        groups = api.groups_data(page.object_list, asker=self.person)
        named = titles({group.scope for group in groups}) if over_scopes else {}
        return {
            "page": page,
            "groups": [
                (group, named.get(group.scope, ""), row.collection)
                for group, row in zip(groups, page.object_list, strict=True)
            ],
            "query": query,
            "with_scope": over_scopes,
            "columns": _columns(query["ordering"]),
            "filters": self._filters([WHERE, *FILTERS] if over_scopes else FILTERS),
            "is_narrowed": any(self.request.GET.get(name) for name in NARROWING),
            "archived": ARCHIVED,
            **_looked_after(rows),
        }

    def _filters(self, filters: Any) -> list[dict[str, Any]]:
        asked = self.request.GET
        return [
            {"name": name, "label": label, "choices": choices, "chosen": asked.get(name, "")}
            for name, label, choices in filters
        ]


def _looked_after(rows: QuerySet[UserGroup]) -> dict[str, Any]:
    """How many groups there are, put away, and in need of somebody; in one query."""
    kept = ~Q(status=ARCHIVED)
    return rows.order_by().aggregate(
        kept=Count("pk", filter=kept),
        put_away=Count("pk", filter=Q(status=ARCHIVED)),
        held=Count("pk", filter=kept & Q(health=UserGroup.Health.HELD)),
        broken=Count("pk", filter=kept & Q(health=UserGroup.Health.BROKEN)),
        with_draft=Count("pk", filter=kept & Q(draft_revision__isnull=False)),
    )


def _columns(ordering: str) -> dict[str, dict[str, Any]]:
    """Of each column its heading, how it is sorted now, and the order that its heading leads to."""
    columns = {}
    for name, (heading, from_the_end) in COLUMNS.items():
        sorted_by, backwards = ordering.removeprefix("-") == name, ordering.startswith("-")
        other_way = not backwards if sorted_by else from_the_end
        columns[name] = {
            "heading": heading,
            "sorted": ("descending" if backwards else "ascending") if sorted_by else "",
            "next": f"-{name}" if other_way else name,
        }
    return columns
