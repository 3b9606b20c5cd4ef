"""The built-in criteria. They register like those of any plugin; nothing imports them but this list."""

from . import activity, enrollment, grade, profile, progress

__all__ = ["activity", "enrollment", "grade", "profile", "progress"]
