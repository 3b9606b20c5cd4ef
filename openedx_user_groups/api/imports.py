"""Lists of people: checked, put into groups or taken out, looked at afterwards; and who waits for an account."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID, uuid4

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from .. import tasks
from ..data import ImportData, ScopeData
from ..exceptions import ImportNotFound
from ..groups import importing, listing, pending
from ..groups.deciding import check_may_change
from ..groups.entries import Entry, entry_of, without_repetitions
from ..models import ImportedPerson, MemberImport, PendingMember
from ..platform.people_file import MAX_ROWS, Line, UnreadableFile
from .found import group_row, id_of

# So many rows are dealt with while somebody waits; more of them by a worker.
RIGHT_AWAY = 200
# Of a file with a column for each of several collections.
MAX_CELLS = 5 * MAX_ROWS


def begin_import(
    group: UUID | str,
    people: Iterable[Line],
    *,
    uuid: UUID | None = None,
    removes: bool = False,
    reason: str = "",
    dry_run: bool = False,
    discreet: bool = False,
    acting_user: AbstractBaseUser | None = None,
) -> ImportData:
    """Put the people of a list into a group, or with ``dry_run`` find out what would become of them.

    Where it ``removes``, they are taken out of it, for a ``reason``; whom the rule wants is kept out from then on. A
    long list is left to a worker. The outcomes are kept, and addresses without an account wait. Begun again with the
    same ``uuid`` it is the list that is there. ``discreet`` as in ``add_members``. Raises WrongStatus.
    """
    row = group_row(group)
    check_may_change(row.status)
    entries = without_repetitions([entry_of(line, row.pk) for line in people])
    return begin_entries(
        row.scope.data,
        entries,
        group_id=row.pk,
        uuid=uuid,
        removes=removes,
        reason=reason,
        dry_run=dry_run,
        discreet=discreet,
        acting_user=acting_user,
    )


def begin_import_of_groups(
    scope: ScopeData,
    content: bytes,
    *,
    uuid: UUID | None = None,
    dry_run: bool = False,
    discreet: bool = False,
    acting_user: AbstractBaseUser | None = None,
) -> ImportData:
    """The same of a CSV file whose rows name a group of the scope each, in a column ``group`` (or ``cohort``).

    Or it has a column for each of some collections, as the file of teams has: a group that is not there is made, and
    with an empty cell somebody is taken out of the group of that collection.

    Raises UnreadableFile.
    """
    entries = without_repetitions(listing.entries(scope, content))
    people = len({entry.line for entry in entries})
    if not 0 < people <= MAX_ROWS:
        told = _("It names {count} people; it has to be between 1 and {limit}.")
        raise UnreadableFile(told.format(count=people, limit=MAX_ROWS))
    if len(entries) > MAX_CELLS:
        told = _("It has {count} cells with groups, at most {limit} are taken; split it into several files.")
        raise UnreadableFile(told.format(count=len(entries), limit=MAX_CELLS))
    return begin_entries(
        scope, entries, group_id=None, uuid=uuid, dry_run=dry_run, discreet=discreet, acting_user=acting_user
    )


def begin_entries(
    scope: ScopeData,
    entries: Collection[Entry],
    *,
    group_id: int | None,
    uuid: UUID | None,
    dry_run: bool,
    discreet: bool,
    acting_user: AbstractBaseUser | None,
    removes: bool = False,
    reason: str = "",
) -> ImportData:
    """The same of a list whose rows are read already."""
    imported = importing.begin(
        scope,
        list(entries),
        uuid=uuid or uuid4(),
        group_id=group_id,
        removes=removes,
        reason=reason,
        is_check=dry_run,
        discreet=discreet,
        acting_user_id=id_of(acting_user),
    )
    _work_on(imported)
    return get_import(imported.uuid)


def make_import_real(
    imported: UUID | str, *, discreet: bool = False, acting_user: AbstractBaseUser | None = None
) -> ImportData:
    """Put the people of a list that was checked into their groups; once, however often it is called."""
    row = _row(imported)
    if importing.make_real(row.pk, id_of(acting_user), discreet=discreet):
        _work_on(row)
    return get_import(imported)


def _work_on(imported: MemberImport) -> None:
    if imported.rows > RIGHT_AWAY:
        tasks.send_import(imported.pk)
    else:
        importing.run(imported.pk)


def get_import(imported: UUID | str) -> ImportData:
    """A list of people; raises ImportNotFound."""
    row = _row(imported)
    counts = importing.counts(row)
    return ImportData(
        uuid=row.uuid,
        scope=row.scope.data,
        group_uuid=row.group.uuid if row.group else None,
        author_id=row.author_id,
        is_check=row.is_check,
        rows=row.rows,
        done=sum(number for outcome, number in counts.items() if outcome),
        counts={outcome: number for outcome, number in counts.items() if outcome},
        created=row.created,
        finished=row.finished,
        error=row.error,
        removes=row.removes,
    )


def imports_of(user_id: int, *, group: UUID | str | None = None) -> QuerySet[MemberImport]:
    """The lists that somebody has given, of one group or of all, newest first."""
    rows = MemberImport.objects.filter(author=user_id).order_by("-created", "-pk")
    return rows if group is None else rows.filter(group=group_row(group))


def imported_people(imported: UUID | str) -> QuerySet[ImportedPerson]:
    """The rows of a list in their order."""
    return (
        ImportedPerson.objects.filter(member_import=_row(imported))
        .select_related("group", "collection")
        .order_by("position")
    )


def _row(imported: UUID | str) -> MemberImport:
    row = MemberImport.objects.select_related("scope", "group").filter(uuid=imported).first()
    if row is None:
        raise ImportNotFound
    return row


def pending_members(group: UUID | str) -> QuerySet[PendingMember]:
    """The addresses that wait for a group until somebody is there with them."""
    return pending.waiting_for(group_row(group).pk)


def forget_pending_members(group: UUID | str, ids: Collection[int]) -> int:
    """Let some of them wait no longer; how many these were."""
    return pending.forget(group_row(group).pk, ids)
