"""Django's MySQL backend without ``INSERT ... RETURNING``: makes MariaDB behave as MySQL 8 does."""
