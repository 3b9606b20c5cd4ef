"""Names of groups, collections and tags: what is allowed, and when two are the same."""

from __future__ import annotations

import hashlib
import unicodedata

from django.utils.translation import gettext as _

from .exceptions import InvalidGroup


def clean_name(field: str, name: object, max_length: int) -> str:
    """``name`` without blanks around it; raises InvalidGroup that names ``field``."""
    if not isinstance(name, str) or not name.strip():
        raise InvalidGroup(field, _("Give it a name: text with at least one letter or digit."))
    name = name.strip()
    check_text(field, name)
    if len(name) > max_length:
        raise InvalidGroup(
            field,
            _("It is {length} characters long; at most {allowed} are allowed.").format(
                length=len(name), allowed=max_length
            ),
        )
    if any(unicodedata.category(character) == "Cc" for character in name):
        raise InvalidGroup(field, _("Line breaks and control characters are not allowed in it."))
    return name


def check_text(field: str, text: str) -> None:
    """Refuse what databases cannot store as text; raises InvalidGroup."""
    if not is_storable(text):
        raise InvalidGroup(field, _("It has characters that cannot be stored: NUL or half of a pair (surrogate)."))


def is_storable(text: str) -> bool:
    """Whether every database takes the text: no NUL (PostgreSQL) and no lone surrogate (UTF-8)."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def name_key(name: str) -> str:
    """What two names share when they differ in case or in the way of writing an accent only.

    A digest, because collations of MySQL would also take "Café" for "Cafe" and "A " for "A", and because
    folding can make a name several times longer.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return hashlib.sha256(folded.encode()).hexdigest()
