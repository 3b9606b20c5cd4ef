"""Many ids in one condition."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import BooleanField, F
from django.db.models.lookups import Lookup


class IsAnyOf(Lookup):
    """The condition that a column is one of many whole numbers.

    They are written into the statement: as parameters, thousands of them take longer than the statement itself.
    A lookup and not a function, for MySQL uses no index for a function's answer.
    """

    lookup_name = "is_any_of"
    prepare_rhs = False
    output_field = BooleanField()

    def __init__(self, column: Any, ids: Iterable[int] | str) -> None:
        # Copies are made of what is there already: the resolved column and the written ids.
        column = F(column) if isinstance(column, str) else column
        super().__init__(column, ids if isinstance(ids, str) else _listed(ids))

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        if not self.rhs:
            # Not "IN (NULL)", which is neither true nor false.
            return "0 = 1", ()
        sql, params = self.process_lhs(compiler, connection)
        return f"{sql} IN ({self.rhs})", params


def _listed(ids: Iterable[int]) -> str:
    # int() lets nothing through that is not a number, whatever the caller was given.
    return ",".join(map(str, map(int, ids)))
