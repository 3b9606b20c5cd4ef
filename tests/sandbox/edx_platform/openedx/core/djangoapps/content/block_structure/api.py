"""The blocks of a course, in the shape in which the platform hands them out."""

from collections.abc import Iterator

from opaque_keys.edx.keys import CourseKey, UsageKey

from openedx.core.djangoapps.content.block_structure.models import CourseBlock


class BlockStructure:
    """The blocks of one course."""

    def __init__(self, usage_keys: list[UsageKey]) -> None:
        self._usage_keys = usage_keys

    def get_block_keys(self) -> Iterator[UsageKey]:
        """Iterate over the usage keys of all blocks."""
        return iter(self._usage_keys)


def get_course_in_cache(course_key: CourseKey) -> BlockStructure:
    """Return the blocks of the course."""
    blocks = CourseBlock.objects.filter(course_key=course_key).order_by("pk")
    return BlockStructure(list(blocks.values_list("usage_key", flat=True)))
