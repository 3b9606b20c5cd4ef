"""The history of a group: who joined and left, when and by what, and its size over time."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework import serializers

from ... import api
from ...data import ChangeData
from ...web import queries
from ...web.accounts import usernames
from ...web.fields import Text
from ..charts import chart
from ..wording import causes_in_words, origin_in_words
from .group import GroupPage

PERIODS = (30, 90, 365)
DAYS = 90


class HistoryQuery(queries.PageQuery):
    """Which changes, and how far back the chart goes."""

    search = Text(required=False, allow_blank=True, max_length=150, help_text="With this in the user name.")
    kind = serializers.ChoiceField(("joined", "left"), required=False, help_text="Who joined, or who left.")
    days = serializers.ChoiceField(PERIODS, required=False, default=DAYS, help_text="How many days.")


class History(GroupPage):
    """Who joined and left."""

    template = "history.html"
    part = "_changes.html"
    section = "history"

    def get(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """The changes that the query asks for, a page at a time; the chart is drawn with the whole page only."""
        row = self.group(group_uuid)
        query = self.query(HistoryQuery)
        joined = {"joined": True, "left": False}.get(query.get("kind", ""))
        page = self.paged(api.changes_of(row.uuid, search=query.get("search", ""), joined=joined))
        drawn = None if self._wants_part else chart(api.sizes_of(row.uuid, days=int(query["days"])))
        changes = _in_words(api.changes_data(row.uuid, page.object_list))
        return self.show(page=page, changes=changes, query=query, chart=drawn, periods=PERIODS, **self.about(row))


def _in_words(changes: list[ChangeData]) -> list[dict[str, Any]]:
    names = usernames(pk for change in changes for pk in (change.user_id, change.by_id))
    return [
        {
            "change": change,
            "username": names.get(change.user_id, ""),
            "by": names.get(change.by_id or 0, ""),
            "origin": origin_in_words(change.origin),
            "causes": causes_in_words(change.causes),
        }
        for change in changes
    ]
