"""Staging: ids that a criterion has from outside the database are kept in a table while a rule is evaluated.

So they combine with other criteria in one SELECT, however many there are.
"""

from __future__ import annotations

import logging
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connections, router, transaction
from django.db.models import QuerySet
from django.db.models.constants import OnConflict
from django.utils import timezone

from .. import deadline
from ..exceptions import CriterionFailed
from ..models import Stage, StagedUser

log = logging.getLogger(__name__)

BATCH = 5_000
# What is older was left behind by a worker that was killed.
ABANDONED_AFTER = timedelta(days=1)


class Staging:
    """The staged ids of one evaluation."""

    def __init__(self) -> None:
        self._stage: Stage | None = None
        self._leaf = 0

    def put(self, ids: Iterable[int]) -> QuerySet[StagedUser]:
        """Keep ``ids`` until the evaluation ends; their rows. Raises CriterionFailed for what are no ids."""
        if self._stage is None:
            _unless_refused(sweep)
            self._stage = Stage.objects.create()
        self._leaf += 1
        given = checked(ids)
        while batch := list(islice(given, BATCH)):
            _keep(self._stage.pk, self._leaf, batch)
        return StagedUser.objects.filter(stage=self._stage, leaf=self._leaf)

    def clear(self) -> None:
        """Delete what was kept."""
        stage, self._stage = self._stage, None
        if stage is not None:
            _unless_refused(lambda: _delete([stage.pk]))


@contextmanager
def staging() -> Iterator[Staging]:
    """A staging for one evaluation, cleared when it ends."""
    stage = Staging()
    try:
        yield stage
    finally:
        stage.clear()


def checked(ids: Iterable[int]) -> Iterator[int]:
    """``ids`` one by one; raises CriterionFailed for what is no id, for too many of them and when time is up."""
    limit = settings.OPENEDX_USER_GROUPS_MAX_STAGED_IDS
    try:
        given = iter(ids)
    except TypeError:
        raise CriterionFailed(f"user_ids() must give ids one by one, not {_shown(ids)}.") from None
    highest = _highest_id()
    for number, value in enumerate(given):
        if number >= limit:
            message = f"user_ids() gives more than {limit:,} ids; OPENEDX_USER_GROUPS_MAX_STAGED_IDS allows no more."
            raise CriterionFailed(message)
        deadline.check()
        yield _id(value, highest)


def sweep() -> None:
    """Delete what workers that were killed have left behind."""
    abandoned = Stage.objects.filter(created__lt=timezone.now() - ABANDONED_AFTER)
    if stages := list(abandoned.values_list("pk", flat=True)):
        _delete(stages)


def _id(value: object, highest: int) -> int:
    try:
        # Whole numbers of any library, but no bool, which is one for Python.
        pk = operator.index(value) if not isinstance(value, bool) else 0  # type: ignore[arg-type]
    except TypeError:
        pk = 0
    if not 0 < pk <= highest:
        raise CriterionFailed(f"user_ids() must give the ids of users, whole numbers above 0, not {_shown(value)}.")
    return pk


def _shown(value: object) -> str:
    """What it is; not what it says, for that may be about a person."""
    return f"{value!r:.40}" if value is None or isinstance(value, int | float) else f"a {type(value).__name__}"


def _highest_id() -> int:
    """The highest id that a user can have; MySQL would keep a higher one as this one."""
    kind = get_user_model()._meta.pk.get_internal_type()
    return int(_connection().ops.integer_field_range(kind)[1])


def _keep(stage: int, leaf: int, ids: Sequence[int]) -> None:
    # Written into the statement, for parameters and model instances take ten times as long.
    rows = ",".join(f"({stage},{leaf},{pk})" for pk in ids)
    connection = _connection()
    name, ignore = connection.ops.quote_name, OnConflict.IGNORE
    fields: list[Any] = [StagedUser._meta.get_field(field) for field in ("stage", "leaf", "user")]
    insert = connection.ops.insert_statement(on_conflict=ignore)
    columns = ", ".join(name(field.column) for field in fields)
    suffix = connection.ops.on_conflict_suffix_sql(fields, ignore, (), ())
    with connection.cursor() as cursor:
        cursor.execute(f"{insert} {name(StagedUser._meta.db_table)} ({columns}) VALUES {rows} {suffix}")


def _delete(stages: Sequence[int]) -> None:
    StagedUser.objects.filter(stage__in=stages).delete()
    Stage.objects.filter(pk__in=stages).delete()


def _unless_refused(act: Callable[[], None]) -> None:
    """Tidying up fails nobody's evaluation; what is left then is swept another time."""
    try:
        with transaction.atomic(router.db_for_write(StagedUser)):
            act()
    except DatabaseError:
        log.warning("User groups: ids that were staged cannot be deleted now.", exc_info=True)


def _connection() -> Any:
    return connections[router.db_for_write(StagedUser)]
