"""Findings: what is wrong with the criteria that are installed, and with those that groups use. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from uuid import UUID

import attrs
from openedx_events.tooling import OpenEdxPublicSignal

from ..criteria import registry
from ..criteria.base import Criterion
from ..events import saves
from ..models import GroupCriterion, UserGroup
from ..platform import lms


@attrs.frozen
class Findings:
    """What ``check_user_groups`` reports beside the members.

    Plugins that cannot be loaded with the reason; criteria that no installed package offers with the groups that
    use them; events and models in ``updated_by`` of criteria that do not exist here, and so never come, and columns
    that a model does not have.
    """

    broken_plugins: Mapping[str, str]
    unknown_criteria: Mapping[str, tuple[UUID, ...]]
    unknown_events: Mapping[str, tuple[str, ...]]


def findings() -> Findings:
    """Everything that is wrong, each finding by the name of the plugin or criterion."""
    return Findings(registry.broken_plugins(), _unknown_criteria(), dict(_unknown_events()))


def _unknown_criteria() -> dict[str, tuple[UUID, ...]]:
    known = {criterion.name for criterion in registry.all_types()}
    kept = GroupCriterion.objects.filter(combine="").exclude(group__status=UserGroup.Status.DELETED)
    used: dict[str, set[UUID]] = defaultdict(set)
    for name, group in kept.values_list("criterion", "group__uuid").distinct():
        if name not in known:
            used[name].add(group)
    return {name: tuple(sorted(groups)) for name, groups in sorted(used.items())}


def _unknown_events() -> Iterator[tuple[str, tuple[str, ...]]]:
    known = {event.event_type for event in OpenEdxPublicSignal.all_events()}
    for criterion in registry.all_types():
        missing = [name for name in criterion.updated_by if name not in known and not _is_model(name)]
        missing += [column for label in criterion.columns if _is_model(label) for column in _gone(criterion, label)]
        if missing:
            yield criterion.name, tuple(missing)


def _gone(criterion: type[Criterion], label: str) -> list[str]:
    """The columns that a criterion reads and the model does not have."""
    names = criterion.columns[label]
    return [f"{label}.{name}" for name in names if not saves.columns_of(lms.model(label), [name])]


def _is_model(name: str) -> bool:
    return name.count(".") == 1 and lms.is_installed(name)
