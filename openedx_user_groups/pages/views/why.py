"""Why somebody is in a group, or is not."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from ... import api
from ...data import ExplanationData
from ...models import UserGroup
from ...web import access, narrowing
from ...web.accounts import accounts
from ...web.fields import Text
from ...web.queries import Query
from ..reasons import reasons, tree
from .group import GroupPage

# Of those who are called like that.
OFFERED = 25


class WhyQuery(Query):
    """About whom."""

    person = Text(required=False, allow_blank=True, max_length=254, help_text="A name, user name or e-mail address.")


class Why(GroupPage):
    """The rule as it is for one person, with what they have."""

    template = "why.html"
    part = "_why.html"
    section = "why"

    def get(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """The question, and the answer to it; nothing is stored."""
        row = self.group(group_uuid)
        about = self.about(row)
        named = self.query(WhyQuery).get("person", "").strip()
        if not named:
            return self.show(named="", **about)
        discreet = access.is_discreet(self.person)
        (told,) = api.explain(row.uuid, [named], discreet=discreet, asker=self.person)
        if told.user_id is None:
            found = self._called(row, named, may_manage=about["may_manage"])
            if len(found) != 1:
                more = len(found) > OFFERED
                return self.show(named=named, told=told, found=found[:OFFERED], has_more=more, **about)
            (told,) = api.explain(row.uuid, [found[0].username], discreet=discreet, asker=self.person)
        return self.show(
            named=named,
            told=told,
            reasons=reasons(about["group"], told),
            tree=tree(told.nodes),
            account=next(iter(accounts([told.user_id or 0]).values()), None),
            can_see_more=not discreet or told.belongs,
            exclusion=self._exclusion(row.uuid, told),
            membership=api.memberships_of(row.uuid).filter(user=told.user_id).first(),
            holder=api.get_group(told.held_by, asker=self.person) if told.held_by else None,
            **about,
        )

    def _called(self, row: UserGroup, text: str, *, may_manage: bool) -> list[Any]:
        """Who is called like that: of those who learn there, or of the members for who may only look at these."""
        users = api.population_of(row.uuid) if may_manage else api.members(row.uuid)
        found = narrowing.users(users, {"search": text}).order_by("username")
        ids = list(found.values_list("pk", flat=True)[: OFFERED + 1])
        known = accounts(ids)
        return [known[pk] for pk in ids if pk in known]

    def _exclusion(self, group_uuid: Any, told: ExplanationData) -> Any:
        return api.exclusions_of(group_uuid).filter(user=told.user_id).first() if told.is_excluded else None
