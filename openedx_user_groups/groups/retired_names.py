"""Retired names: a rule that names a retired person by user name or e-mail names what the platform calls them since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast

from ..models import GroupCriterion, Revision
from ..platform import lms
from ..text import fold

STATUS = "user_api.UserRetirementStatus"
# The criterion that compares with what identifies a person, and of its fields those that do.
CRITERION = "user_field"
FIELDS = ("username", "email")

# What a field is called from now on, by field and folded value.
Names = Mapping[tuple[str, str], str]


def put_in_rules(user_id: int) -> None:
    """Put the retired names of a user in the place of the original ones, in rules and in their revisions.

    Nothing else of a rule changes, and it means the same account as before.
    """
    names = _names(user_id)
    if not names:
        return
    for node in GroupCriterion.objects.filter(criterion=CRITERION).only("config"):
        if (config := _renamed_config(node.config, names)) != node.config:
            GroupCriterion.objects.filter(pk=node.pk).update(config=config)
    stored = Revision.objects.annotate(text=Cast("definition", TextField())).filter(text__contains=f'"{CRITERION}"')
    for row in stored.only("definition").iterator(chunk_size=500):
        if (definition := _renamed(row.definition, names)) != row.definition:
            Revision.objects.filter(pk=row.pk).update(definition=definition)


def _names(user_id: int) -> Names:
    if not lms.is_installed(STATUS):
        return {}
    return {
        (field, fold(getattr(row, f"original_{field}"))): getattr(row, f"retired_{field}")
        for row in lms.rows(STATUS).filter(user_id=user_id)
        for field in FIELDS
    }


def _renamed(part: Any, names: Names) -> Any:
    """A part of a definition with the names replaced."""
    if isinstance(part, list):
        return [_renamed(each, names) for each in part]
    if not isinstance(part, dict):
        return part
    if part.get("criterion") == CRITERION:
        return {**part, "config": _renamed_config(part["config"], names)}
    return {key: _renamed(value, names) for key, value in part.items()}


def _renamed_config(config: dict[str, Any], names: Names) -> dict[str, Any]:
    name = names.get((str(config.get("field")), fold(str(config.get("value")))))
    return config if name is None else {**config, "value": name}
