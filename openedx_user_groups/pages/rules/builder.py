"""What the builder of rules works with: the criteria that somebody may use in a scope, with their forms and words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from ... import api
from ...criteria.themes import IN_ORDER
from ...data import CriterionTypeData, ScopeData
from ...groups.rule_reader import MAX_DEPTH, MAX_LEAVES
from ...groups.templates import free_names
from ...permissions import Person
from .labels import VALUES, key_hint, key_title, operator_title

PREVIEW = "openedx_user_groups:pages:rule_preview"
GROUP_PREVIEW = "openedx_user_groups:pages:group_rule_preview"
SUGGESTIONS = "openedx_user_groups:pages:rule_suggestions"


def settings_for(person: Person, scope: ScopeData, group: UUID | None = None) -> dict[str, Any]:
    """The builder's settings, for JSON; for a new rule, or for that of ``group``."""
    return {
        "types": [_type(each) for each in _usable(person, scope)],
        "templates": {} if group else _templates(scope),
        "values": {value: str(title) for value, title in VALUES.items()},
        "max_depth": MAX_DEPTH,
        "max_leaves": MAX_LEAVES,
        "preview": reverse(GROUP_PREVIEW, args=[group]) if group else reverse(PREVIEW, args=[scope]),
        "suggestions": reverse(SUGGESTIONS, args=[scope]),
        "user": person.user.get_username(),
    }


def _templates(scope: ScopeData) -> dict[str, Any]:
    """Those of the scope, each with a name that no group has yet."""
    found = api.rule_templates(scope=scope)
    names = free_names(scope, [each.title for each in found])
    return {each.name: {"name": names[each.title], "rule": each.rule} for each in found}


def _usable(person: Person, scope: ScopeData) -> list[CriterionTypeData]:
    """Those of the scope that they may use, by theme: ours in their order, those of plugins, and those without one."""
    places = {str(theme): place for place, theme in enumerate(IN_ORDER)}
    types = [each for each in api.criterion_types() if scope.type in each.scopes]
    allowed = [each for each in types if not each.permission or person.has(each.permission, scope)]
    return sorted(
        allowed, key=lambda each: (not each.theme, places.get(each.theme, len(places)), each.theme, each.title)
    )


def _type(criterion: CriterionTypeData) -> dict[str, Any]:
    return {
        "name": criterion.name,
        "title": criterion.title,
        "summary": criterion.summary,
        "keywords": criterion.keywords,
        "theme": criterion.theme or _("More"),
        "unavailable": criterion.unavailable,
        "suggests": criterion.suggests,
        "example": criterion.example,
        # For people who write rules by hand: without the outer brackets.
        "example_json": json.dumps(criterion.example, ensure_ascii=False)[1:-1],
        "operators": [_operator(criterion.name, name, schema) for name, schema in criterion.operators.items()],
    }


def _operator(criterion: str, name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    properties = schema.get("properties", {})
    parts = {key: part if isinstance(part, Mapping) else {} for key, part in properties.items()}
    labels = {key: key_title(key, part) for key, part in parts.items()}
    hints = {key: told for key, part in parts.items() if (told := key_hint(criterion, key, part))}
    return {"name": name, "title": operator_title(name), "schema": schema, "labels": labels, "hints": hints}


def hides_something(rule: Mapping[str, Any] | None) -> bool:
    """Whether a rule has parts that are not told to whoever it was read for."""
    if rule is None or "criterion" in rule:
        return bool(rule and rule.get("hidden"))
    return any(hides_something(child) for children in rule.values() for child in children)
