"""Keys of tables that outgrow 32 bits."""

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class UnsignedBigIntAutoField(models.BigAutoField):
    """A primary key that MySQL stores without a sign, as the platform's largest tables do."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return the type of the column."""
        if connection.vendor == "mysql":
            return "bigint UNSIGNED AUTO_INCREMENT"
        return super().db_type(connection)

    def rel_db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Return the type of the columns that refer to it."""
        return "bigint UNSIGNED" if connection.vendor == "mysql" else super().rel_db_type(connection)
