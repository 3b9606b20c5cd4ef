"""Comparing text in the database: the case of ASCII letters is ignored, and nothing else, on every database.

Collations differ: MySQL's ignore accents, all case and trailing blanks; LIKE of SQLite ignores ASCII case;
PostgreSQL compares bytes. So both sides are folded in the same way and then compared as bytes.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

from django.db.models import BooleanField, F, Func, TextField, Value
from django.db.models.functions import Coalesce

from .exceptions import encodable

_FOLD = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def fold(value: str) -> str:
    """``value`` with its ASCII capitals made small."""
    return value.translate(_FOLD)


class _FoldedText(Func):
    """A condition on the folded text of ``column``; NULL counts as the empty text."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, column: str, *values: str) -> None:
        folded = [fold(encodable(value)) for value in values]
        text = Coalesce(F(column), Value(""), output_field=TextField())
        super().__init__(text, *(Value(value, output_field=TextField()) for value in folded))
        self.values = folded

    def as_sql(self, compiler: Any, connection: Any, **_context: Any) -> Any:  # type: ignore[override]
        compiled = [compiler.compile(expression) for expression in self.source_expressions]
        places = [sql for sql, _ in compiled]
        sql = self.condition(self.folded(places[0], connection.vendor), places[1:], connection.vendor)
        return sql, [param for _, params in compiled for param in params]

    def folded(self, column: str, vendor: str) -> str:
        """SQL of the folded text, comparable byte by byte."""
        if vendor == "postgresql":
            # The "C" locale knows no letters but the ASCII ones.
            return f'LOWER(({column}) COLLATE "C")'
        if vendor != "mysql":
            return f"LOWER({column})"
        # LOWER() does nothing to binary text, so capitals are replaced one by one: only those of the letters
        # that are looked for, since no other letter can decide the comparison.
        folded = f"CAST(CONVERT({column} USING utf8mb4) AS BINARY)"
        for letter in sorted(set("".join(self.values)) & set(string.ascii_lowercase)):
            folded = f"REPLACE({folded}, '{letter.upper()}', '{letter}')"
        return folded

    def condition(self, text: str, places: Sequence[str], vendor: str) -> str:
        """SQL that is true where ``text`` passes the test against the values at ``places``."""
        raise NotImplementedError

    def length(self, vendor: str) -> int:
        """The length of the value in the units of the database: bytes for the binary text of MySQL."""
        return len(self.values[0].encode()) if vendor == "mysql" else len(self.values[0])


class IsOneOf(_FoldedText):
    """The text equals one of the values."""

    def condition(self, text: str, places: Sequence[str], vendor: str) -> str:
        return f"{text} IN ({', '.join(places)})"


class Contains(_FoldedText):
    """The text has the value somewhere in it."""

    def condition(self, text: str, places: Sequence[str], vendor: str) -> str:
        return f"{'STRPOS' if vendor == 'postgresql' else 'INSTR'}({text}, {places[0]}) > 0"


class StartsWith(_FoldedText):
    """The text begins with the value."""

    def condition(self, text: str, places: Sequence[str], vendor: str) -> str:
        return f"SUBSTR({text}, 1, {self.length(vendor)}) = {places[0]}"


class EndsWith(_FoldedText):
    """The text ends with the value."""

    def condition(self, text: str, places: Sequence[str], vendor: str) -> str:
        length = self.length(vendor)
        end = f"SUBSTR({text}, -{length})" if vendor == "sqlite" else f"RIGHT({text}, {length})"
        return f"{end} = {places[0]}"
