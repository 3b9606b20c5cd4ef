"""The built-in criteria. They register like those of any plugin; nothing imports them but this list."""

from . import (
    account,
    activity,
    block,
    custom_profile,
    enrollment,
    grade,
    group,
    group_field,
    profile,
    progress,
    random_share,
    role,
)

__all__ = [
    "account",
    "activity",
    "block",
    "custom_profile",
    "enrollment",
    "grade",
    "group",
    "group_field",
    "profile",
    "progress",
    "random_share",
    "role",
]
