"""Accounts as pages and endpoints show them: by id, many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs
from django.contrib.auth import get_user_model

from ..platform import lms

IDS_AT_A_TIME = 1_000
PROFILE = "student.UserProfile"


@attrs.frozen
class Account:
    """Somebody as people know them; ``name`` is the one of their profile, or else of the account."""

    username: str
    email: str
    name: str


def usernames(ids: Iterable[int | None]) -> dict[int, str]:
    """The user name of each id that there is an account of."""
    users = get_user_model()._default_manager
    return {pk: name for chunk in _chunks(ids) for pk, name in users.filter(pk__in=chunk).values_list("pk", "username")}


def accounts(ids: Iterable[int | None]) -> dict[int, Account]:
    """The account of each id that there is one of."""
    users = get_user_model()._default_manager
    found: dict[int, Account] = {}
    for chunk in _chunks(ids):
        names = _names(chunk)
        for user in users.filter(pk__in=chunk).only("username", "email", "first_name", "last_name"):
            found[user.pk] = Account(user.username, user.email, names.get(user.pk) or user.get_full_name())
    return found


def _names(ids: Sequence[int]) -> dict[int, str]:
    if not lms.is_installed(PROFILE):
        return {}
    return dict(lms.rows(PROFILE).filter(user__in=ids).values_list("user", "name"))


def _chunks(ids: Iterable[int | None]) -> Iterator[list[int]]:
    known = sorted({pk for pk in ids if pk is not None})
    for start in range(0, len(known), IDS_AT_A_TIME):
        yield known[start : start + IDS_AT_A_TIME]
