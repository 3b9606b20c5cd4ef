"""The blocks of a course, in the shape in which the platform hands them out."""

from collections.abc import Iterator
from typing import Any

from opaque_keys.edx.keys import CourseKey, UsageKey

from openedx.core.djangoapps.content.block_structure.models import CourseBlock


class BlockStructureBlockData:
    """The blocks of one course, what holds what, and what the platform's transformers collected about each."""

    def __init__(self, blocks: list[CourseBlock]) -> None:
        self._blocks = {block.usage_key: block for block in blocks}
        self._children: dict[UsageKey, list[UsageKey]] = {key: [] for key in self._blocks}
        for block in blocks:
            if block.parent_key is not None:
                self._children[block.parent_key].append(block.usage_key)

    def __contains__(self, usage_key: UsageKey) -> bool:
        return usage_key in self._blocks

    def get_block_keys(self) -> Iterator[UsageKey]:
        """Iterate over the usage keys of all blocks."""
        return iter(self._blocks)

    def get_children(self, usage_key: UsageKey) -> list[UsageKey]:
        """Return the usage keys of what a block holds; nothing for a block that is not there."""
        return self._children.get(usage_key, [])

    def get_parents(self, usage_key: UsageKey) -> list[UsageKey]:
        """Return the usage keys of what holds a block."""
        parent = self._blocks[usage_key].parent_key if usage_key in self else None
        return [parent] if parent is not None else []

    def get_xblock_field(self, usage_key: UsageKey, field_name: str, default: Any = None) -> Any:
        """Return what an author has set of a block; of these fields the platform collects more."""
        if field_name not in ("display_name", "graded") or usage_key not in self:
            return default
        return getattr(self._blocks[usage_key], field_name) or default

    def get_transformer_block_field(
        self, usage_key: UsageKey, transformer: object, key: str, default: Any = None
    ) -> Any:
        """Return what a transformer, given by its class or its name, collected about a block."""
        if (transformer, key) != ("visibility", "merged_visible_to_staff_only") or usage_key not in self:
            return default
        return self._is_hidden(self._blocks[usage_key])

    def _is_hidden(self, block: CourseBlock) -> bool:
        if block.visible_to_staff_only or block.parent_key is None:
            return block.visible_to_staff_only
        return self._is_hidden(self._blocks[block.parent_key])


def get_course_in_cache(course_key: CourseKey) -> BlockStructureBlockData:
    """Return the blocks of the course; their keys have its run, which those of old courses leave out."""
    blocks = list(CourseBlock.objects.filter(course_key=course_key).order_by("pk"))
    for block in blocks:
        block.usage_key = block.usage_key.map_into_course(course_key)
        block.parent_key = block.parent_key and block.parent_key.map_into_course(course_key)
    return BlockStructureBlockData(blocks)
