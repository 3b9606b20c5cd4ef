"""The platform's contract for the structure of a course: which blocks it has, and which a learner can complete."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import attrs
from opaque_keys.edx.keys import CourseKey, UsageKey

from ..exceptions import CriterionUnavailable
from ..models import CourseBlockTotal

# What XBlock classes say of themselves; the service may lack the class of an aggregator, for example in a worker.
AGGREGATORS = frozenset({"course", "chapter", "sequential", "vertical"})
# Each learner is shown some of what these hold, so that nobody can be expected to complete all of it.
CHOOSERS = frozenset({"conditional", "itembank", "library_content", "randomize", "split_test"})
STALE_AFTER = timedelta(days=1)


def completable_blocks(course_key: CourseKey, now: datetime) -> int:
    """How many blocks of the course can be completed; 0 where its structure is unknown. Recounted once a day."""
    stored = CourseBlockTotal.objects.filter(course_key=str(course_key)).first()
    if stored is not None and stored.counted > now - STALE_AFTER:
        return stored.total
    structure = _structure(course_key)
    total = sum(_counts(structure, block) for block in structure.get_block_keys())
    CourseBlockTotal.objects.update_or_create(course_key=str(course_key), defaults={"total": total, "counted": now})
    return total


def blocks_to_complete(course_key: CourseKey, block: UsageKey) -> list[UsageKey]:
    """What a learner has to complete so that ``block`` is completed: itself, or all within it that everybody is shown.

    Nothing where there is nothing in it to complete, or where the course has it no longer. Raises
    CriterionUnavailable where a structure is needed and not to be had.
    """
    if not is_aggregator(block.block_type):
        return [block] if is_completable(block.block_type) else []
    structure = _structure(course_key)
    return [each for each in _within(structure, block) if _counts(structure, each)]


def has_block(course_key: CourseKey, block: UsageKey) -> bool:
    """Whether the course has this block now; raises CriterionUnavailable."""
    return block in _structure(course_key)


@attrs.frozen
class Block:
    """A block that learners are shown; its ``title`` says within what, such as "Week 1 / Quiz"."""

    key: UsageKey
    title: str
    is_graded: bool


def outline(course_key: CourseKey) -> list[Block]:
    """The blocks that learners are shown, in the order of the course, without itself; raises CriterionUnavailable."""
    structure, found = _structure(course_key), {}
    ahead = [(block, "") for block in structure.get_block_keys() if not structure.get_parents(block)][::-1]
    while ahead:
        key, within = ahead.pop()
        if key in found or _is_hidden(structure, key):
            continue
        name = structure.get_xblock_field(key, "display_name", None) or key.block_id
        title = "" if key.block_type == "course" else f"{within} / {name}" if within else name
        found[key] = Block(key, title, bool(structure.get_xblock_field(key, "graded", False)))
        ahead += [(child, title) for child in structure.get_children(key)][::-1]
    return [block for block in found.values() if block.title]


def _structure(course_key: CourseKey) -> Any:
    try:
        from openedx.core.djangoapps.content.block_structure.api import get_course_in_cache
    except ImportError:
        raise CriterionUnavailable("The structure of courses is not available in this service.") from None
    return get_course_in_cache(course_key)


def _within(structure: Any, block: UsageKey) -> Iterator[UsageKey]:
    """Every block below this one, once; a block may have several parents."""
    seen, ahead = {block}, [block]
    while ahead:
        here = ahead.pop()
        yield here
        children = [] if here.block_type in CHOOSERS else structure.get_children(here)
        ahead += [child for child in children if child not in seen]
        seen.update(children)


def _counts(structure: Any, block: UsageKey) -> bool:
    """Whether learners can complete a block: what is hidden from them does not count."""
    return not _is_hidden(structure, block) and is_completable(block.block_type)


def _is_hidden(structure: Any, block: UsageKey) -> bool:
    return bool(structure.get_transformer_block_field(block, "visibility", "merged_visible_to_staff_only", False))


def is_aggregator(block_type: str) -> bool:
    """Whether blocks of this type are completed with what is in them."""
    return _mode(block_type) == "aggregator"


def is_completable(block_type: str) -> bool:
    """Whether learners complete blocks of this type themselves, and not what is in them."""
    return _mode(block_type) == "completable"


def _mode(block_type: str) -> str:
    """How blocks of this type take part in completion, as XBlock calls it: completable, aggregator or excluded."""
    if block_type in AGGREGATORS or block_type in CHOOSERS:
        return "aggregator"
    from xblock.completable import XBlockCompletionMode
    from xblock.core import XBlock
    from xblock.plugin import PluginMissingError

    try:
        return str(XBlockCompletionMode.get_mode(XBlock.load_class(block_type)))
    except PluginMissingError:
        return "completable"
