"""Who is affected by an event or a row, and in which course: what the paths of ``updated_by`` lead to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from opaque_keys import InvalidKeyError, OpaqueKey
from opaque_keys.edx.keys import CourseKey

from .. import deadline
from ..exceptions import UserGroupsError
from ..platform.people import MAX_ID, by_username

Path = str | Callable[..., Any]

# How openedx-authz writes whom a role was given to.
SUBJECT = "user^"


class Malformed(UserGroupsError):
    """An event or a row that does not name what it should; without what it holds, for that may be personal."""


def user_of(subject: Any, path: Path) -> int:
    """The id of the user; raises Malformed. Whether there still is such an account is left to the evaluation."""
    user = _at(subject, path)
    if isinstance(user, str) and user.startswith(SUBJECT):
        with transaction.atomic():
            user = by_username(user.removeprefix(SUBJECT)).user_id
    if isinstance(user, str) and user.isascii() and user.isdecimal() and len(user) <= len(str(MAX_ID)):
        user = int(user)
    if isinstance(user, bool) or not isinstance(user, int) or not 0 < user <= MAX_ID:
        raise Malformed(f"{path!r} leads to no user, but to {_kind(user)}.")
    return user


def course_of(subject: Any, path: Path | None) -> str:
    """The key of the course, "" where there is none; raises Malformed."""
    key = None if path is None else _at(subject, path)
    if key is None or key == "":
        return ""
    if isinstance(key, OpaqueKey):
        return str(key)
    try:
        return str(CourseKey.from_string(key))
    except (InvalidKeyError, TypeError, AttributeError):
        raise Malformed(f"{path!r} leads to no course, but to {_kind(key)}.") from None


def _at(subject: Any, path: Path) -> Any:
    try:
        if callable(path):
            # It may ask the database: on PostgreSQL a statement that fails would end the caller's transaction. And
            # whoever logs in or enrolls waits for it.
            with deadline.within(deadline.PROMPT), transaction.atomic():
                return path(subject)
        for name in path.split("."):
            subject = subject[name] if isinstance(subject, Mapping) else getattr(subject, name)
    except (LookupError, AttributeError) as error:
        raise Malformed(f"{path!r} leads nowhere: {type(error).__name__}.") from None
    return subject


def _kind(value: object) -> str:
    return f"something of the type {type(value).__name__}"
