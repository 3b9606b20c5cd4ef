"""Groups by a rule: made with the builder, and tried out while it is built."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from ... import api
from ...data import ScopeData
from ...exceptions import InvalidGroup, InvalidRule, RuleProblem
from ...groups.templates import free_names
from ...models import UserGroup
from ...permissions import Action
from ...web.fields import Text
from ...web.queries import Query
from .. import forms
from ..errors import status_of
from ..rules.builder import settings_for
from ..rules.faults import faults
from ..rules.previewing import Preview, preview
from .base import PageView

EMPTY: dict[str, list[Any]] = {"all": []}
MAX_PAGE = 10_000


class SuggestionsQuery(Query):
    """For which key of which criterion, and what is in them."""

    criterion = Text(max_length=100)
    key = Text(max_length=255)
    search = Text(required=False, default="", allow_blank=True, max_length=255)


class RuleEditing(PageView):
    """What the pages with the builder have in common."""

    def editor(self, scope: ScopeData, rule: Any, group: UUID | None = None, **more: Any) -> dict[str, Any]:
        """What the builder shows: a rule, as data or as it was typed; of ``group``, or of a new one."""
        text = rule if isinstance(rule, str) else json.dumps(rule, indent=2, ensure_ascii=False)
        if problems := more.get("problems"):
            more["problems"] = faults(problems, text)
        return {"rule_json": text, "settings": settings_for(self.person, scope, group), **more}

    def previewed(self, scope: ScopeData, group: UUID | None = None) -> Preview:
        """The preview of what was typed."""
        return preview(self.person, scope, self.request.POST.get("rule", ""), _page(self.request), group)

    @property
    def wants_preview(self) -> bool:
        """Whether the form asks for it, which it does without scripts."""
        return self.request.POST.get("act") == "preview" or "page" in self.request.POST


class NewRule(RuleEditing):
    """A group with a rule is made; as a draft, so that who will be in it is seen before."""

    template = "new_rule.html"

    def get(self, request: HttpRequest, scope: ScopeData) -> HttpResponse:
        """The form; with a template to begin with, where the address names one."""
        found = self.scope(scope, Action.MANAGE)
        templates = {each.name: each for each in api.rule_templates(scope=found)}
        chosen = templates.get(request.GET.get("template", ""))
        begun = {"name": free_names(found, [chosen.title])[chosen.title]} if chosen else {}
        return self._shown(found, chosen.rule if chosen else EMPTY, typed=begun, chosen=chosen)

    def post(self, request: HttpRequest, scope: ScopeData) -> HttpResponse:
        """Make it, and go on to who will be in it."""
        found = self.scope(scope, Action.MANAGE)
        text = request.POST.get("rule", "")
        if self.wants_preview:
            return self._shown(found, text, preview=self.previewed(found))
        try:
            rule = read(text)
            via = UserGroup.CreatedVia.PAGE
            group = api.create_group(found, **forms.described(request), rule=rule, created_via=via, **self.asking())
        except (InvalidRule, InvalidGroup) as error:
            return self._shown(found, text, status_of(error), **faults_of(error))
        return redirect("openedx_user_groups:pages:draft", group.uuid)

    def _shown(self, scope: ScopeData, rule: Any, status: int = 200, **more: Any) -> HttpResponse:
        more = {"typed": forms.typed(self.request), "templates": api.rule_templates(scope=scope), **more}
        return self.show(status, **self.editor(scope, rule, **more), **self.place(scope))


def read(text: str) -> Any:
    """A rule as it was typed, as data; raises InvalidRule. None would be a group without a rule."""
    rule = api.load_rule(text)
    if rule is None:
        raise InvalidRule([RuleProblem("", _("There is no rule yet: add a criterion."))])
    return rule


def faults_of(error: InvalidRule | InvalidGroup) -> dict[str, Any]:
    """What is wrong at which field, and at which node of the rule."""
    if isinstance(error, InvalidRule):
        return {"problems": error.problems}
    if error.field == "rule":
        return {"problems": (RuleProblem("", error.sentence),)}
    return {"faults": {error.field: error.sentence}}


class RulePreview(RuleEditing):
    """A rule that is being built, tried out."""

    template = part = "_rule_preview.html"

    def post(self, request: HttpRequest, scope: ScopeData) -> HttpResponse:
        """Whom it would hold; nothing is stored."""
        found = self.scope(scope, Action.MANAGE)
        return self.show(preview=self.previewed(found), with_code=False)


class RuleSuggestions(PageView):
    """Values for a field of a criterion's form."""

    def get(self, request: HttpRequest, scope: ScopeData) -> HttpResponse:
        """Some values with their titles, as JSON."""
        found = self.scope(scope, Action.MANAGE)
        query = self.query(SuggestionsQuery)
        values = api.suggestions(found, query["criterion"], key=query["key"], search=query["search"], asker=self.person)
        return JsonResponse({"values": [{"value": value, "title": title} for value, title in values.items()]})


def _page(request: HttpRequest) -> int:
    return min(max(forms.number(request, "page"), 1), MAX_PAGE)
