"""The members of a group: found, sorted and exported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from ... import api
from ...models import Membership, Origin, UserGroup
from ...web import export, narrowing, queries
from ...web.accounts import accounts
from ...web.fields import Text
from ..wording import origin_in_words
from .group import GroupPage

MEMBERS = "openedx_user_groups:pages:members"
# The columns by which the list is sorted: the name of the order, and its heading.
COLUMNS = {
    "username": gettext_lazy("User name"),
    "origin": gettext_lazy("How they came in"),
    "joined_at": gettext_lazy("Since"),
}
ORDERS = [sign + name for name in COLUMNS for sign in ("", "-")]


class ListQuery(queries.PageQuery):
    """Which people."""

    search = Text(
        required=False,
        allow_blank=True,
        max_length=255,
        help_text="With this in the user name, e-mail address or name.",
    )


class MembersQuery(ListQuery):
    """Which members, in which order."""

    origin = serializers.ChoiceField(Origin.choices, required=False, help_text="Who came in like this.")
    ordering = serializers.ChoiceField(ORDERS, required=False, default="username", help_text="By what.")


class Members(GroupPage):
    """Who is in the group now."""

    template = "members.html"
    part = "_members.html"
    section = "members"

    def get(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """The members that the query asks for, a page at a time."""
        row = self.group(group_uuid)
        query = self.query(MembersQuery)
        rows = narrowing.people(api.memberships_of(row.uuid), query).order_by(_column(query["ordering"]), "pk")
        page = self.paged(rows)
        return self.show(
            page=page,
            rows=shown(list(page.object_list)),
            query=query,
            columns=_columns(query["ordering"]),
            origins=Origin.choices,
            can_remove=can_change(row) and self.may_manage(row.scope.data),
            **self.about(row),
        )


def can_change(group: UserGroup) -> bool:
    """Whether people can be put into the group and taken out."""
    return group.status != UserGroup.Status.ARCHIVED


def _column(ordering: str) -> str:
    return ordering.replace("username", "user__username")


def _columns(ordering: str) -> dict[str, dict[str, Any]]:
    """The headings, each with how it is sorted and the order that it leads to."""
    by, is_backwards = ordering.removeprefix("-"), ordering.startswith("-")
    found = {}
    for name, heading in COLUMNS.items():
        is_here = name == by
        direction = ("descending" if is_backwards else "ascending") if is_here else ""
        following = f"-{name}" if is_here and not is_backwards else name
        found[name] = {"heading": heading, "sorted": direction, "next": following}
    return found


def shown(rows: Sequence[Membership]) -> list[dict[str, Any]]:
    """Members as they are shown."""
    people = accounts(row.user_id for row in rows)
    return [
        {"membership": row, "account": people[row.user_id], "origin": origin_in_words(row.origin)}
        for row in rows
        if row.user_id in people
    ]


class Export(GroupPage):
    """All members that the query asks for, as CSV."""

    section = "members"

    def get(self, request: HttpRequest, group_uuid: Any) -> HttpResponseBase:
        """The file, written while it is sent."""
        row = self.group(group_uuid)
        rows = narrowing.people(api.memberships_of(row.uuid), self.query(MembersQuery))
        return export.response(rows, f"group-{row.uuid}")
