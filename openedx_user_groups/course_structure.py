"""The platform's contract for the structure of a course: how many blocks a learner can complete."""

from __future__ import annotations

from datetime import datetime, timedelta

from opaque_keys.edx.keys import CourseKey

from .exceptions import CriterionUnavailable
from .models import CourseBlockTotal

# What XBlock classes say of themselves; the service may lack the class of an aggregator, for example in a worker.
AGGREGATORS = frozenset({"course", "chapter", "sequential", "vertical"})
STALE_AFTER = timedelta(days=1)


def completable_blocks(course_key: CourseKey, now: datetime) -> int:
    """How many blocks of the course can be completed; 0 where its structure is unknown. Recounted once a day."""
    stored = CourseBlockTotal.objects.filter(course_key=str(course_key)).first()
    if stored is not None and stored.counted > now - STALE_AFTER:
        return stored.total
    total = _count(course_key)
    CourseBlockTotal.objects.update_or_create(course_key=str(course_key), defaults={"total": total, "counted": now})
    return total


def _count(course_key: CourseKey) -> int:
    try:
        from openedx.core.djangoapps.content.block_structure.api import get_course_in_cache
    except ImportError:
        raise CriterionUnavailable("The structure of courses is not available in this service.") from None
    blocks = get_course_in_cache(course_key).get_block_keys()
    return sum(_is_completable(block.block_type) for block in blocks)


def _is_completable(block_type: str) -> bool:
    if block_type in AGGREGATORS:
        return False
    from xblock.completable import XBlockCompletionMode
    from xblock.core import XBlock
    from xblock.plugin import PluginMissingError

    try:
        mode = XBlockCompletionMode.get_mode(XBlock.load_class(block_type))
    except PluginMissingError:
        return True
    return mode == XBlockCompletionMode.COMPLETABLE
