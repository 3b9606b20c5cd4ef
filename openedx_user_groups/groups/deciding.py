"""Deciding what becomes of people in a list: each is looked up, and judged under the lock of the group's collection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum

import attrs
from django.utils.translation import gettext as _

from ..data import MemberOutcome
from ..evaluation.answers import Answers
from ..evaluation.definition import Definition, load
from ..exceptions import GroupNotFound, WrongStatus, encodable
from ..models import UserGroup
from ..platform.people import Person, nobody_here, resolve
from ..refresh import lease, write
from ..refresh.write import Row
from ..retrying import in_transaction

BATCH = 5_000
# Whose members are what they were.
GONE = (UserGroup.Status.ARCHIVED, UserGroup.Status.DELETED)
# The cause of what people do to a group.
BY_HAND = "manual"


class Outcome(StrEnum):
    """What became of a person in a list."""

    ADDED = "added"
    ALREADY_IN = "already_in"
    MOVED = "moved"
    REMOVED = "removed"
    NOT_IN = "not_in"
    NOT_IN_POPULATION = "not_in_population"
    EXCLUDED = "excluded"
    ALREADY_EXCLUDED = "already_excluded"
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    NOBODY = "nobody"


@attrs.frozen
class Act:
    """Who does something to a group, when, and until when it lasts.

    ``discreet`` hides whether there are accounts that do not belong to the group's scope, from who may not see them.
    ``is_check`` only says what would become of people.
    """

    at: datetime
    acting_user_id: int | None = None
    expires_at: datetime | None = None
    reason: str = attrs.field(default="", converter=encodable)
    discreet: bool = False
    is_check: bool = False


# What happens to one user: their row in the collection, if any, and the outcome with a detail.
Verdict = tuple[Outcome, str]
Judge = Callable[[Definition, list[int], Act], dict[int, Verdict]]


def decide(group_id: int, people: Iterable[str | int], act: Act, judge: Judge) -> list[MemberOutcome]:
    """One outcome for each person named, in their order; who is named twice gets the second word on the first."""
    # Before anybody is looked up: whether there is such an account must make no difference.
    known = UserGroup.objects.filter(pk=group_id).values_list("status", "scope__type", "collection__parent_group")
    status, scope_type, parent = known.first() or (None, "", None)
    check_may_change(status)
    hidden = nobody_here(scope_type, divides=parent is not None) if act.discreet else None
    persons = resolve(people)
    users = list(dict.fromkeys(person.user_id for person in persons if person.user_id is not None))
    verdicts: dict[int, Verdict] = {}
    for start in range(0, len(users), BATCH):
        batch = users[start : start + BATCH]
        verdicts |= in_transaction(lambda batch=batch: _under_lock(group_id, batch, act, judge))  # type: ignore[misc]
    return [outcome_of(person, verdicts, hidden) for person in persons]


def outcome_of(person: Person, verdicts: dict[int, Verdict], hidden: str | None) -> MemberOutcome:
    """The outcome of one, who gets the second word from now on; ``hidden``: for accounts of which nothing is told."""
    if hidden is not None and (person.user_id is None or verdicts[person.user_id][0] == Outcome.UNKNOWN):
        return MemberOutcome(person.named, Outcome.UNKNOWN.value, None, hidden)
    if person.user_id is None:
        return MemberOutcome(person.named, str(person.unresolved), None, person.why)
    outcome, detail = verdicts[person.user_id]
    # Named again, they find themselves where the first naming has put them.
    settled = {Outcome.ADDED: Outcome.ALREADY_IN, Outcome.MOVED: Outcome.ALREADY_IN, Outcome.REMOVED: Outcome.NOT_IN}
    verdicts[person.user_id] = (settled.get(outcome, outcome), "" if outcome in settled else detail)
    return MemberOutcome(person.named, outcome.value, person.user_id, str(detail))


def _under_lock(group_id: int, users: list[int], act: Act, judge: Judge) -> dict[int, Verdict]:
    collection_id = UserGroup.objects.values_list("collection_id", flat=True).filter(pk=group_id).first()
    if collection_id is None:
        raise GroupNotFound()
    if not act.is_check:
        lease.lock([collection_id])
    (group,) = load(UserGroup.objects.filter(pk=group_id))
    if group.collection_id != collection_id:
        # It was moved before the lock was there.
        return _under_lock(group_id, users, act, judge)
    check_may_change(group.status)
    if group.is_moving:
        raise WrongStatus(_("The group is being moved to another collection; try again when that is over."))
    if not act.discreet:
        return judge(group, users, act)
    visible = _visible(group, users, act)
    hidden = dict.fromkeys(set(users) - visible, (Outcome.UNKNOWN, ""))
    return judge(group, [user for user in users if user in visible], act) | hidden


def check_may_change(status: str | None) -> None:
    """Whether people may be put into and out of a group in this status; raises GroupNotFound and WrongStatus."""
    if status is None:
        raise GroupNotFound()
    if status in GONE:
        raise WrongStatus(_("The group is {status}: its members cannot be changed.").format(status=status))


def outside(parent_group_id: int | None) -> str:
    """What is said of who does not belong to a population; nobody does whose account is not in use."""
    if parent_group_id is not None:
        return _("They are not in the group that is divided; add them to that group first.")
    return _("They do not belong here: not enrolled, or the account is not in use.")


def _visible(group: Definition, users: list[int], act: Act) -> set[int]:
    """Those whom the managers of a group know of: who belongs to its scope, is in it or is kept out of it."""
    answers = Answers(users, act.at)
    belong = answers.population(group.scope, group.parent_group_id)
    return belong | set(rows_in(group, users)) | answers.excluded([group.group_id]).get(group.group_id, set())


def rows_in(group: Definition, users: Sequence[int]) -> dict[int, Row]:
    """The stored memberships of users in a group."""
    rows = write.rows_of([group.collection_id], users)
    return {row.user_id: row for row in rows if row.group_id == group.group_id}
