"""A learner: the groups that they are in, and those that they were in, as far as one may see them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound

from ... import api
from ...models import Membership, UserGroup
from ...platform.people import by_username
from ...platform.titles import titles
from ...visibility import visible_scopes
from ...web import access
from ...web.accounts import accounts
from ..wording import origin_in_words
from .base import PageView


class Learner(PageView):
    """All groups of somebody; of who is in none that one may see nothing is told, not even whether there is one."""

    template = "learner.html"

    def get(self, request: HttpRequest, username: str) -> HttpResponse:
        """The groups now, and the ones of the past a page at a time."""
        self.anywhere()
        user_id = by_username(username).user_id
        if user_id is None and not access.is_discreet(self.person):
            raise NotFound(_("There is no user {username!r}.").format(username=username))
        scopes = visible_scopes(self.person)
        rows = self._groups(user_id, scopes)
        page = self.paged(api.past_memberships_of_user(user_id or 0).filter(group__scope__in=scopes))
        past = list(page.object_list)
        named = titles({row.scope.data for row in [*rows, *(each.group for each in past)]})
        # Whoever has left is known for the groups that they were in, and for nothing else.
        is_told = bool(rows) or not access.is_discreet(self.person)
        return self.show(
            username=username,
            account=accounts([user_id]).get(user_id or 0) if is_told else None,
            rows=self._now(rows, user_id, named),
            past=[_past(each, named) for each in past],
            page=page,
        )

    def _groups(self, user_id: int | None, scopes: Any) -> list[UserGroup]:
        return [] if user_id is None else list(api.groups_of_user(user_id).filter(scope__in=scopes))

    def _now(self, rows: list[UserGroup], user_id: int | None, named: Any) -> list[dict[str, Any]]:
        held = Membership.objects.filter(user=user_id, group__in=rows)
        since = {each.group_id: each for each in held}
        groups = api.groups_data(rows, asker=self.person)
        return [
            {"group": group, "where": named[group.scope], "membership": since.get(row.pk), **_origin(since.get(row.pk))}
            for row, group in zip(rows, groups, strict=True)
        ]


def _origin(membership: Membership | None) -> dict[str, str]:
    return {"origin": origin_in_words(membership.origin) if membership else ""}


def _past(row: Any, named: Any) -> dict[str, Any]:
    is_gone = row.group.status == UserGroup.Status.DELETED
    return {
        "row": row,
        "where": named[row.group.scope.data],
        "is_gone": is_gone,
        "origin": origin_in_words(row.origin),
    }
