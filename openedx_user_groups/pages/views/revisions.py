"""The revisions of a group: listed, compared, and one of them put back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import NotFound

from ... import api
from ...data import GroupData
from ...exceptions import InvalidInput, InvalidRule
from ...groups.content import PARTS
from ...models import Revision, UserGroup
from ...permissions import Action
from ...web.errors import as_http
from ...web.fields import MAX_NUMBER
from ...web.queries import Query
from .. import differences, forms
from ..rules.builder import hides_something
from .group import GroupPage

GROUP = "openedx_user_groups:pages:group"


class ComparisonQuery(Query):
    """Which revisions; the first one with none at all before it."""

    of = serializers.IntegerField(min_value=1, max_value=MAX_NUMBER, help_text="The later one.")
    to = serializers.IntegerField(min_value=1, max_value=MAX_NUMBER, help_text="The one it is compared with.")


class Revisions(GroupPage):
    """What the group was defined as, and when."""

    template = "revisions.html"
    section = "revisions"

    def get(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """The revisions, newest first, a page at a time."""
        row = self.group(group_uuid)
        about = self.about(row)
        group: GroupData = about["group"]
        # One more than is shown, to compare the last of them with.
        page = self.paged(api.revisions_of(row.uuid))
        rows = list(page.object_list)
        return self.show(page=page, rows=rows, newest=_newest(group), **about)


class Comparison(GroupPage):
    """Two revisions side by side, and the way back to the earlier one."""

    template = "comparison.html"
    section = "revisions"

    def get(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """What is different."""
        row = self.group(group_uuid)
        query = self.query(ComparisonQuery)
        return self._shown(row, _numbered(row, query["to"]), _numbered(row, query["of"]))

    def _shown(self, row: UserGroup, before: Revision, after: Revision, status: int = 200, **more: Any) -> HttpResponse:
        about = self.about(row)
        old, new = before.definition, after.definition
        return self.show(
            status,
            before=before,
            after=after,
            changes=differences.changes(old, new),
            lines=differences.rule_lines(old["rule"], new["rule"], row.scope.data, self.person),
            is_same_rule=old["rule"] == new["rule"],
            numbers=api.revisions_of(row.uuid).values_list("number", flat=True)[:200],
            newest=_newest(about["group"]),
            can_restore=about["may_manage"] and row.status != UserGroup.Status.ARCHIVED,
            **about,
            **more,
        )

    def _hides(self, row: UserGroup, revision: Revision) -> bool:
        """Whether its rule has parts that whoever asks may not see."""
        (told,) = api.revisions_data(row.uuid, [revision], asker=self.person)
        return hides_something(told.definition["rule"])

    def post(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """Make a revision of long ago the newest one; its rule is a draft, where it is another one."""
        row = self.group(group_uuid, Action.MANAGE)
        wanted = _numbered(row, forms.number(request, "restore"))
        edited = forms.number(request, "revision")
        newest = _numbered(row, _newest(api.get_group(row.uuid, asker=self.person)))
        content = {name: wanted.definition[name] for name in PARTS if name in wanted.definition}
        if content["rule"] == newest.definition["rule"]:
            # What is not changed is not looked at: it may name what they may not see.
            del content["rule"]
        elif self._hides(row, wanted):
            # What is wrong with it would tell what that is.
            return self._shown(row, wanted, newest, 400, problems=[_("Its rule has parts that you may not see.")])
        try:
            group = api.update_group(row.uuid, revision=edited, **content, **self.asking())
        except (InvalidInput, InvalidRule) as error:
            known = as_http(error)
            return self._shown(row, wanted, newest, known.status_code if known else 400, problems=_problems(error))
        said = _("Revision {number} is back, as a new one.").format(number=wanted.number)
        waits = _("Its rule waits to be activated.") if group.draft_revision is not None else ""
        messages.success(request, f"{said} {waits}".strip())
        return redirect(GROUP, row.uuid)


def _newest(group: GroupData) -> int:
    """The revision that an edit starts from."""
    return group.draft_revision or group.revision


def _numbered(row: UserGroup, number: int) -> Revision:
    found = api.revisions_of(row.uuid).filter(number=number).first()
    if found is None:
        raise NotFound(_("There is no revision {number!r} of this group.").format(number=number))
    return found


def _problems(error: InvalidInput | InvalidRule) -> list[str]:
    if isinstance(error, InvalidRule):
        return [problem.message for problem in error.problems]
    return [error.sentence]
