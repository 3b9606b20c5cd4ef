"""Numbers of new rows, after rows with chosen numbers were written."""

from collections.abc import Iterable

from django.core.management.color import no_style
from django.db import connection, models


def reset_sequences(tables: Iterable[type[models.Model]]) -> None:
    """Let the database count on from the highest number in each table; only PostgreSQL needs to be told."""
    statements = connection.ops.sequence_reset_sql(no_style(), list(tables))
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
