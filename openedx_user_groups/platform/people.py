"""People by what others call them: user names, e-mail addresses and ids become accounts, many at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import TypeVar

import attrs
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy

from ..data import COURSE, INSTANCE, ORGANIZATION
from ..naming import is_storable
from ..text import fold

NAMES_AT_A_TIME = 1_000
MAX_ID = 2**31 - 1
MAX_ADDRESS = 254

NameOrId = TypeVar("NameOrId", str, int)


class Unresolved(StrEnum):
    """Why nobody, or nobody in particular, was found."""

    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"


# What whoever may not see other accounts is told in either case: it must not tell them apart.
_NOBODY_HERE = {
    COURSE: gettext_lazy(
        "Nobody enrolled here has this user name or address. Check the spelling, or enroll them first."
    ),
    ORGANIZATION: gettext_lazy(
        "Nobody enrolled in a course of this organization has this user name or address. Check the spelling, or enroll "
        "them first."
    ),
    INSTANCE: gettext_lazy("Nobody here has this user name or address. Check the spelling."),
}
_NOBODY_ABOVE = gettext_lazy(
    "Nobody in the group that is divided has this user name or address. Check the spelling, or add them to that group "
    "first."
)
_WHY = {
    Unresolved.UNKNOWN: gettext_lazy("There is no such account."),
    Unresolved.AMBIGUOUS: gettext_lazy("Several accounts fit; write the user name exactly as it is, or the id."),
}


@attrs.frozen
class Person:
    """Somebody as they were named: the account that was found, or why there is none."""

    named: str | int
    user_id: int | None = None
    unresolved: Unresolved | None = None

    @property
    def why(self) -> str:
        """Why there is no account, in a sentence; "" when there is one."""
        return str(_WHY[self.unresolved]) if self.unresolved else ""


def is_address(named: str | int) -> bool:
    """Whether it can be somebody's e-mail address."""
    if not isinstance(named, str) or len(named) > MAX_ADDRESS:
        return False
    try:
        validate_email(named)
    except ValidationError:
        return False
    return True


def nobody_here(scope_type: str, *, divides: bool) -> str:
    """Why nobody was found, for who may not learn of other accounts; ``divides``: in a group that divides another."""
    return str(_NOBODY_ABOVE if divides else _NOBODY_HERE[scope_type])


def resolve(people: Iterable[str | int]) -> list[Person]:
    """The account of each person named.

    A number is an id, a text with @ an e-mail address (or else a user name), any other text a user name.
    A name in the same spelling is preferred; otherwise the case of ASCII letters is ignored, and a name that then
    fits several accounts is ambiguous. The number of queries grows by the thousand, not with each person.
    """
    named = [person.strip() if isinstance(person, str) else person for person in people]
    texts = sorted({name for name in named if isinstance(name, str) and name and is_storable(name)})
    addresses = _find("email", [name for name in texts if "@" in name])
    names = _find("username", [name for name in texts if name not in addresses])
    ids = _existing({name for name in named if isinstance(name, int)})
    return [_person(name, ids, addresses, names) for name in named]


def by_username(name: str) -> Person:
    """The account that has a user name, and no other way to call it; compared in the same way."""
    return _person(name, set(), {}, _find("username", [name] if name and is_storable(name) else []))


def _person(named: str | int, ids: set[int], addresses: dict[str, list[int]], names: dict[str, list[int]]) -> Person:
    if isinstance(named, int):
        return Person(named, named) if named in ids else Person(named, unresolved=Unresolved.UNKNOWN)
    found = addresses.get(named) or names.get(named) or []
    if len(found) == 1:
        return Person(named, found[0])
    return Person(named, unresolved=Unresolved.AMBIGUOUS if found else Unresolved.UNKNOWN)


def _existing(ids: set[int]) -> set[int]:
    possible = sorted(pk for pk in ids if not isinstance(pk, bool) and 0 < pk <= MAX_ID)
    users = get_user_model()._default_manager
    return {pk for chunk in _chunks(possible) for pk in users.filter(pk__in=chunk).values_list("pk", flat=True)}


def _find(column: str, names: Sequence[str]) -> dict[str, list[int]]:
    """The ids of the accounts that each name fits; names that fit none are left out."""
    found = _by_lookup(f"{column}__in", column, names)
    # MySQL has found every case by its index already; the others have an index of the exact spelling only.
    rest = [name for name in names if name not in found]
    return found | _by_lookup("folded__in", column, rest)


def _by_lookup(lookup: str, column: str, names: Sequence[str]) -> dict[str, list[int]]:
    exact: dict[str, list[int]] = defaultdict(list)
    folded: dict[str, list[int]] = defaultdict(list)
    for chunk in _chunks(names):
        # LOWER() of PostgreSQL folds all letters, that of SQLite the ASCII ones.
        values = [form for name in chunk for form in (name.lower(), fold(name))] if lookup == "folded__in" else chunk
        users = get_user_model()._default_manager.order_by().annotate(folded=Lower(column))
        # Compared in Python: collations find more, such as accents and trailing blanks.
        for pk, stored in users.filter(**{lookup: values}).values_list("pk", column):
            exact[stored].append(pk)
            folded[fold(stored)].append(pk)
    # Only a search by the folded name has found all that differ in case; MySQL's always does.
    complete = lookup == "folded__in" or connection.vendor == "mysql"
    found = {name: exact.get(name) or (folded.get(fold(name)) if complete else None) for name in names}
    return {name: hits for name, hits in found.items() if hits}


def _chunks(items: Sequence[NameOrId]) -> Iterator[Sequence[NameOrId]]:
    for start in range(0, len(items), NAMES_AT_A_TIME):
        yield items[start : start + NAMES_AT_A_TIME]
