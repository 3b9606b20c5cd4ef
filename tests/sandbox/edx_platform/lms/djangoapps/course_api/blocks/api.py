"""What the completion plugin imports."""

from typing import Any

from opaque_keys.edx.keys import UsageKey

from openedx.core.djangoapps.content.block_structure.api import get_course_in_cache


def get_blocks(request: object, usage_key: UsageKey, *args: object, **kwargs: object) -> dict[str, Any]:
    """Return the blocks of the course that the usage key belongs to."""
    keys = get_course_in_cache(usage_key.course_key).get_block_keys()
    blocks = {str(key): {"id": str(key), "type": key.block_type} for key in keys}
    return {"root": str(usage_key), "blocks": blocks}
