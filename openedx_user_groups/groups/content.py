"""The content of a group: what its author decides about it, checked before anything is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from django.utils.translation import gettext as _

from ..criteria.base import NOBODY, Asker
from ..data import ScopeData
from ..exceptions import InvalidGroup
from ..naming import check_text, clean_name, name_key
from ..refresh import options
from ..refresh.options import Options
from ..rules.tree import Branch, to_json
from .rule_reader import parse

MAX_NAME = 255
MAX_TAGS = 20
MAX_TAG = 64
MAX_DESCRIPTION = 10_000


@attrs.frozen
class Content:
    """What an author decides about a group, checked: it can be stored."""

    name: str
    description: str
    tags: tuple[str, ...]
    rule: Branch | None
    options: Options = attrs.field(factory=Options)

    def snapshot(self) -> dict[str, Any]:
        """As a revision keeps it."""
        return {
            "name": self.name,
            "description": self.description,
            "tags": list(self.tags),
            "rule": to_json(self.rule) if self.rule else None,
            **self.options.snapshot(),
        }


NEW = Content(name="", description="", tags=(), rule=None)
# What of a group can be edited.
PARTS = ("name", "description", "tags", "rule", *options.NAMES)


def checked(scope: ScopeData, changes: Mapping[str, Any], old: Content = NEW, asker: Asker = NOBODY) -> Content:
    """``old`` with ``changes`` to its parts; what is not changed is not looked at again.

    Raises InvalidGroup, or InvalidRule with all that is wrong with the rule.
    """
    parts: dict[str, Any] = {}
    if "name" in changes or old is NEW:
        parts["name"] = clean_name("name", changes.get("name"), MAX_NAME)
    if "description" in changes:
        parts["description"] = _description(changes["description"])
    if "tags" in changes:
        parts["tags"] = _tags(changes["tags"])
    if "rule" in changes:
        parts["rule"] = None if changes["rule"] is None else parse(changes["rule"], scope, asker)
    return attrs.evolve(old, **parts, options=options.checked(changes, old.options))


def _description(text: object) -> str:
    if not isinstance(text, str) or len(text) > MAX_DESCRIPTION:
        raise InvalidGroup("description", _("It must be a text of {n} characters at most.").format(n=MAX_DESCRIPTION))
    check_text("description", text)
    return text


def _tags(tags: object) -> tuple[str, ...]:
    if isinstance(tags, str) or not isinstance(tags, Sequence) or len(tags) > MAX_TAGS:
        raise InvalidGroup("tags", _("It must be a list of {n} tags at most.").format(n=MAX_TAGS))
    words: dict[str, str] = {}
    for tag in tags:
        word = clean_name("tags", tag, MAX_TAG)
        words.setdefault(name_key(word), word)
    return tuple(words.values())
