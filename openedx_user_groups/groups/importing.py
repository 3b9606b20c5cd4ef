"""Importing: lists of people are put into groups or taken out, some at a time; what became of each is kept for a while.

Each portion is written together with its outcomes, so a list goes on where its worker was stopped. A check decides in
the same way and writes nothing but the outcomes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Count, Q
from django.utils import timezone

from ..data import ScopeData
from ..exceptions import UserGroupsError, encodable
from ..models import ImportedPerson, MemberImport, Scope
from ..retrying import in_transaction
from . import portions
from .entries import BY_THE_FILE, Also, Entry

# So many are written in one transaction.
AT_A_TIME = 500
# The same form that is sent again within that time was sent twice by accident.
AGAIN = timedelta(minutes=1)
# A list that nobody has worked on for so long is taken up again.
PATIENCE = timedelta(minutes=5)


def begin(
    scope: ScopeData,
    entries: Sequence[Entry],
    *,
    uuid: UUID,
    group_id: int | None,
    is_check: bool,
    discreet: bool,
    acting_user_id: int | None,
    removes: bool = False,
    reason: str = "",
) -> MemberImport:
    """Keep a list, to be worked on: whom to put in or, where it ``removes``, whom to take out for a reason.

    The same list again, by the same ``uuid``, is the one that is there.
    """

    def act() -> MemberImport:
        home, _made = Scope.objects.get_or_create(type=scope.type, key=scope.key)
        now = timezone.now()
        fields: dict[str, Any] = {"scope": home, "group_id": group_id, "author_id": acting_user_id}
        fields |= {"removes": removes, "reason": encodable(reason)}
        more = {"created": now, "touched": now, "is_check": is_check, "discreet": discreet, "rows": len(entries)}
        found, made = MemberImport.objects.get_or_create(uuid=uuid, defaults={**fields, **more})
        if not made and (now - found.created > AGAIN or not _is_same(found, entries, fields)):
            # The form was filled in anew, or sent again, after a step back in the browser.
            found, made = MemberImport.objects.create(uuid=uuid4(), **fields, **more), True
        if made:
            rows = [_row(found, position, entry) for position, entry in enumerate(entries)]
            ImportedPerson.objects.bulk_create(rows, batch_size=1_000)
        return found

    return in_transaction(act)


def _is_same(found: MemberImport, entries: Sequence[Entry], fields: Mapping[str, Any]) -> bool:
    if any(getattr(found, name) != value for name, value in fields.items()):
        return False
    columns = ("named", "group_id", "collection_id", "group_name")
    wanted = [_row(found, 0, entry) for entry in entries]
    return list(found.people.order_by("position").values_list(*columns)) == [
        tuple(getattr(row, column) for column in columns) for row in wanted
    ]


def _named(entry: Entry) -> str:
    """Whom a row names, as every database keeps it; nobody is called what is not."""
    return encodable(str(entry.person))[:255]


def _row(imported: MemberImport, position: int, entry: Entry) -> ImportedPerson:
    return ImportedPerson(
        member_import=imported,
        position=position,
        line=entry.line,
        named=_named(entry),
        is_id=isinstance(entry.person, int),
        group_id=entry.group_id,
        # Of a group that is there it is known already.
        collection_id=entry.collection_id if entry.group_id is None else None,
        group_name=encodable(entry.group_name)[:255],
        outcome=entry.outcome,
        detail=encodable(entry.detail),
    )


def make_real(import_id: int, acting_user_id: int | None, *, discreet: bool) -> bool:
    """Let a list that was checked be put into its groups; whether it was one that had not been yet."""

    def act() -> bool:
        now = timezone.now()
        checked = MemberImport.objects.filter(pk=import_id, is_check=True, finished__isnull=False)
        fields = {"is_check": False, "finished": None, "error": "", "touched": now, "discreet": discreet}
        if not checked.update(author_id=acting_user_id, **fields):
            return False
        # A group that is named, and that took nobody when it was checked, may do so by now.
        is_named = Q(group__isnull=False) | Q(collection__isnull=False)
        by_the_file = Q(outcome__in=BY_THE_FILE) & ~(Q(outcome=Also.NO_GROUP) & is_named)
        decided = ImportedPerson.objects.filter(~by_the_file, member_import=import_id)
        decided.update(outcome="", detail="", user_id=None)
        return True

    return in_transaction(act)


def run(import_id: int) -> None:
    """Work on a list until it is done with."""
    while in_transaction(lambda: _settle_some(import_id)):
        pass


def left_behind() -> list[int]:
    """The lists on which a worker should be working, and none is."""
    before = timezone.now() - PATIENCE
    return list(MemberImport.objects.filter(finished__isnull=True, touched__lt=before).values_list("pk", flat=True))


def counts(imported: MemberImport) -> dict[str, int]:
    """How many have each outcome; of those without one, whose turn has not come yet, the name is empty."""
    rows = imported.people.order_by().values("outcome").annotate(number=Count("pk"))
    return {row["outcome"]: row["number"] for row in rows}


def _settle_some(import_id: int) -> bool:
    """Deal with some more of a list; whether there are any left. Others wait for the row of the list."""
    imported = MemberImport.objects.select_for_update().filter(pk=import_id, finished__isnull=True).first()
    if imported is None:
        return False
    rows = list(imported.people.filter(outcome="").order_by("position")[:AT_A_TIME])
    imported.touched = timezone.now()
    try:
        portions.settle(imported, rows)
    except UserGroupsError as error:
        imported.error = error.message
        rows = []
    if not rows:
        imported.finished = imported.touched
    imported.save(update_fields=["touched", "finished", "error"])
    return bool(rows)
