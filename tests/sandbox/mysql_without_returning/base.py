"""The connection; every other part is Django's own."""

from django.db.backends.mysql import base, features


class DatabaseFeatures(features.DatabaseFeatures):
    """What MySQL 8 can do, whichever server answers."""

    can_return_columns_from_insert = False
    can_return_rows_from_bulk_insert = False


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that never asks for the columns of inserted rows."""

    features_class = DatabaseFeatures
