"""Scopes as outsiders see them."""

from __future__ import annotations

import attrs
from opaque_keys.edx.keys import CourseKey

COURSE = "course"
ORGANIZATION = "organization"
INSTANCE = "instance"


@attrs.frozen
class ScopeData:
    """Where a group lives: ``type`` is course, organization or instance; ``key`` its course key, short name or ""."""

    type: str
    key: str = ""

    @property
    def course_key(self) -> CourseKey:
        """The key of a course scope; only course scopes have one."""
        return CourseKey.from_string(self.key)

    def __str__(self) -> str:
        return self.key or self.type
