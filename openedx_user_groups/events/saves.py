"""Saves: which columns of a row one changes, as far as that can be told without reading more than it is worth."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import attrs
from django.core.exceptions import FieldDoesNotExist
from django.db import transaction
from django.db.models import Model

from .affected import Path
from .listening import Interest

Columns = frozenset[str]


@attrs.frozen
class Save:
    """A save of a row: what was stored ``before``, as far as that was read, and the ``changed`` columns.

    None for ``changed`` stands for all of them: the row is new, or nobody can tell.
    """

    before: Mapping[str, Any]
    changed: Columns | None

    def concerns(self, interest: Interest, model: type[Model]) -> bool:
        """Whether it may change anything for whoever has that interest."""
        if self.changed is None:
            return True
        columns = columns_of(model, interest.columns)
        return not columns or bool(self.changed & (columns | names_of(model, interest)))

    def takes_from(self, interest: Interest, model: type[Model]) -> bool:
        """Whether the row was of another user or course before, whom that concerns as well."""
        paths = {interest.user, *([interest.course] if interest.course else [])}
        if not paths <= self.before.keys() or self.before[str(interest.user)] is None:
            return False
        return bool((self.changed or frozenset()) & names_of(model, interest))


def columns_of(model: type[Model], names: Iterable[Any]) -> Columns:
    """The columns of a table that have these names; those that it does not have are left out."""
    found = set()
    for name in names:
        try:
            found.add(str(model._meta.get_field(name).attname))  # type: ignore[union-attr]
        except (FieldDoesNotExist, AttributeError, TypeError):
            continue
    return frozenset(found)


def names_of(model: type[Model], interest: Interest) -> Columns:
    """The columns that name the user and the course."""
    paths: Sequence[Path | None] = (interest.user, interest.course)
    return columns_of(model, [path for path in paths if isinstance(path, str)])


def stored(row: Model, interests: Iterable[Interest], using: str | None) -> Mapping[str, Any] | None:
    """What is stored of a row that is about to be saved, of the columns that matter; None where there is none."""
    model = type(row)
    columns: set[str] = set()
    for interest in interests:
        columns |= columns_of(model, interest.columns) | names_of(model, interest)
    if not columns:
        return None
    # Within a savepoint: on PostgreSQL a statement that fails would be the end of the caller's transaction.
    with transaction.atomic(using=using):
        return model._base_manager.using(using).filter(pk=row.pk).values(*columns).first()


def save_of(row: Model, before: Mapping[str, Any] | None, update_fields: Collection[str] | None) -> Save:
    """What a save has changed, by what was stored before and by what it says to have written."""
    written = None if update_fields is None else columns_of(type(row), update_fields)
    if before is None:
        return Save({}, written)
    columns = before.keys() if written is None else before.keys() & written
    return Save(before, frozenset(name for name in columns if _differs(before[name], getattr(row, name))))


def _differs(old: Any, new: Any) -> bool:
    # A key or a number may have been set as a text, and is stored as what it was.
    return bool(old != new) and str(old) != str(new)
