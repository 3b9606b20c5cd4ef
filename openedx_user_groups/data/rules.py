"""Rules: what can be asked, whom they would hold, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import attrs


@attrs.frozen
class CriterionTypeData:
    """A criterion type for forms and documentation: its operators with the JSON Schema of each one's config.

    It is listed under its ``theme``, where its ``summary`` says in one line what it asks, and ``keywords`` are other
    words to find it by; ``description`` is longer, and not translated. It ``suggests`` values for some keys of the
    config. Whoever uses it needs its ``permission``, unless that is "". ``example`` is an operator with a config, or
    empty.
    """

    name: str
    title: str
    description: str
    scopes: tuple[str, ...]
    operators: Mapping[str, Mapping[str, Any]]
    permission: str
    example: Mapping[str, Any]
    unavailable: str
    theme: str = ""
    suggests: tuple[str, ...] = ()
    summary: str = ""
    keywords: str = ""


@attrs.frozen
class RuleTemplateData:
    """A rule for a common case, to begin with; ``name`` identifies it."""

    name: str
    title: str
    description: str
    scopes: tuple[str, ...]
    rule: Mapping[str, Any]


@attrs.frozen
class LeafCount:
    """How one leaf of a rule divides the population: ``matched`` people, and ``unknown`` ones it has no data about."""

    path: str
    text: str
    matched: int
    unknown: int


@attrs.frozen
class PreviewData:
    """Whom a rule would hold now: counts, and the ids where they were asked for.

    ``kept_out`` are those for whom it is true and whom the group that it was tried out for keeps out. ``steps`` are how
    many are left after each part of the root, where all of them must be true.
    """

    population: int
    count: int
    leaves: tuple[LeafCount, ...]
    user_ids: Sequence[int] | None = None
    steps: tuple[int, ...] = ()
    kept_out: int = 0


@attrs.frozen
class NodeExplanation:
    """What one node of a rule is for one user.

    ``matches`` is what the engine makes of it, None where that cannot be said; ``truth`` is yes, no, unknown (there is
    no data about the user), hidden (it is about what the asker may not see) or failed, with the ``problem``.
    ``value`` is what the user has, where the criterion can say it, and ``value_text`` the same in words, or "" where
    it has none of its own.
    """

    path: str
    text: str
    truth: str
    matches: bool | None
    value: Any = None
    problem: str = ""
    value_text: str = ""


@attrs.frozen
class ExplanationData:
    """Why somebody is in a group or not; ``user_id`` is None when nobody was found under the name.

    ``origin`` is how they came in, "" of who is not a member, and ``held_by`` another group of the collection that
    has them. ``nodes`` are those of the rule in reading order, the root first; none of a static group.
    """

    person: str | int
    user_id: int | None
    detail: str = ""
    belongs: bool = False
    is_member: bool = False
    origin: str = ""
    is_excluded: bool = False
    held_by: UUID | None = None
    nodes: tuple[NodeExplanation, ...] = ()
