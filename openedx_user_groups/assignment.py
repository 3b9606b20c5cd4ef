"""Assignment: people are put into groups, taken out and kept out by hand, each with an outcome of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum

import attrs
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import lease, write
from .answers import Answers
from .data import MemberOutcome
from .definition import Definition, load
from .exceptions import CriterionError, GroupNotFound, WrongStatus
from .models import Exclusion, Membership, Origin, UserGroup
from .people import Person, resolve
from .placement import count
from .retrying import in_transaction
from .write import Place, Row

BATCH = 5_000


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


@attrs.frozen
class Act:
    """Who does something to a group, when, and until when it lasts."""

    at: datetime
    acting_user_id: int | None = None
    expires_at: datetime | None = None
    reason: str = ""


# What happens to one user: their row in the collection, if any, and the outcome with a detail.
Verdict = tuple[Outcome, str]
Decide = Callable[[Definition, list[int], Act], dict[int, Verdict]]


def add(group_id: int, people: Iterable[str | int], act: Act) -> list[MemberOutcome]:
    """Put people into a group; they leave the other group of its collection."""
    return _decide(group_id, people, act, _add)


def remove(group_id: int, people: Iterable[str | int], act: Act) -> list[MemberOutcome]:
    """Take people out of a group; whom the rule wants in it is excluded, or the next refresh would undo it."""
    return _decide(group_id, people, act, _remove)


def exclude(group_id: int, people: Iterable[str | int], act: Act) -> list[MemberOutcome]:
    """Keep people out of a group, above its rule and any list; who is in it leaves."""
    return _decide(group_id, people, act, _exclude)


def lift_exclusions(group_id: int, people: Iterable[str | int], act: Act) -> list[MemberOutcome]:
    """Let people into a group again; the next refresh places them by the rule."""
    return _decide(group_id, people, act, _lift)


def _decide(group_id: int, people: Iterable[str | int], act: Act, decide: Decide) -> list[MemberOutcome]:
    """One outcome for each person named, in their order; who is named twice gets the second word on the first."""
    persons = resolve(people)
    users = list(dict.fromkeys(person.user_id for person in persons if person.user_id is not None))
    verdicts: dict[int, Verdict] = {}
    for start in range(0, len(users), BATCH):
        batch = users[start : start + BATCH]
        verdicts |= in_transaction(lambda batch=batch: _under_lock(group_id, batch, act, decide))  # type: ignore[misc]
    return [_outcome(person, verdicts) for person in persons]


def _outcome(person: Person, verdicts: dict[int, Verdict]) -> MemberOutcome:
    if person.user_id is None:
        outcome, detail = _UNRESOLVED[str(person.unresolved)]
        return MemberOutcome(person.named, outcome.value, None, str(detail))
    outcome, detail = verdicts[person.user_id]
    # Named again, they find themselves where the first naming has put them.
    settled = {Outcome.ADDED: Outcome.ALREADY_IN, Outcome.MOVED: Outcome.ALREADY_IN, Outcome.REMOVED: Outcome.NOT_IN}
    verdicts[person.user_id] = (settled.get(outcome, outcome), "" if outcome in settled else detail)
    return MemberOutcome(person.named, outcome.value, person.user_id, str(detail))


_UNRESOLVED: dict[str, tuple[Outcome, object]] = {
    "unknown": (Outcome.UNKNOWN, gettext_lazy("There is no such account.")),
    "ambiguous": (
        Outcome.AMBIGUOUS,
        gettext_lazy("Several accounts fit; write the user name exactly as it is, or the id."),
    ),
}


def _under_lock(group_id: int, users: list[int], act: Act, decide: Decide) -> dict[int, Verdict]:
    collection_id = UserGroup.objects.values_list("collection_id", flat=True).filter(pk=group_id).first()
    if collection_id is None:
        raise GroupNotFound()
    lease.lock([collection_id])
    (group,) = load(UserGroup.objects.filter(pk=group_id))
    if group.status in (UserGroup.Status.ARCHIVED, UserGroup.Status.DELETED):
        raise WrongStatus(_("The group is {status}: its members cannot be changed.").format(status=group.status))
    return decide(group, users, act)


def _add(group: Definition, users: list[int], act: Act) -> dict[int, Verdict]:
    answers = Answers(users, act.at)
    belong = answers.population(group.scope, group.parent_group_id)
    excluded = answers.excluded([group.group_id]).get(group.group_id, set())
    held = {row.user_id: row for row in write.rows_of([group.collection_id], users)}
    names = _names({row.group_id for row in held.values()})
    verdicts = {user: _add_verdict(user, group, belong, excluded, held, names) for user in users}
    moving = [held[user] for user, (outcome, _detail) in verdicts.items() if outcome == Outcome.MOVED]
    write.end(moving, act.at)
    joining = [user for user, (outcome, _detail) in verdicts.items() if outcome in (Outcome.ADDED, Outcome.MOVED)]
    seats = {Place(group.group_id, group.collection_id): joining}
    joined = write.insert(seats, Origin.MANUAL, act.at, act.expires_at)
    # From here on they stay, whatever the rule says.
    staying = [held[user].id for user, (outcome, _detail) in verdicts.items() if outcome == Outcome.ALREADY_IN]
    Membership.objects.filter(pk__in=staying).update(origin=Origin.MANUAL, expires_at=act.expires_at)
    count(joined, Counter(row.group_id for row in moving))
    return verdicts


def _add_verdict(
    user: int, group: Definition, belong: set[int], excluded: set[int], held: dict[int, Row], names: dict[int, str]
) -> Verdict:
    if user in excluded:
        return Outcome.EXCLUDED, _("They are kept out of this group; lift the exclusion first.")
    if user not in belong:
        return Outcome.NOT_IN_POPULATION, _("They do not belong to {scope}.").format(scope=group.scope)
    row = held.get(user)
    if row is None:
        return Outcome.ADDED, ""
    if row.group_id == group.group_id:
        return Outcome.ALREADY_IN, ""
    return Outcome.MOVED, _("Moved from {group}.").format(group=names[row.group_id])


def _names(group_ids: set[int]) -> dict[int, str]:
    return dict(UserGroup.objects.filter(pk__in=group_ids).values_list("pk", "name"))


def _remove(group: Definition, users: list[int], act: Act) -> dict[int, Verdict]:
    held = _rows_in(group, users)
    write.end(list(held.values()), act.at)
    count(Counter(), Counter({group.group_id: len(held)}))
    by_rule = {row.user_id for row in held.values() if row.origin == Origin.RULE}
    _write_exclusions(group, _wanted(group, users, act) | by_rule, act)
    return {user: (Outcome.REMOVED, "") if user in held else (Outcome.NOT_IN, "") for user in users}


def _wanted(group: Definition, users: list[int], act: Act) -> set[int]:
    """Whom the rule would put in again; all of them where it cannot be asked."""
    try:
        return Answers(users, act.at).matching(group)
    except CriterionError:
        return set(users)


def _exclude(group: Definition, users: list[int], act: Act) -> dict[int, Verdict]:
    excluded = Answers(users, act.at).excluded([group.group_id]).get(group.group_id, set())
    held = _rows_in(group, users)
    write.end(list(held.values()), act.at)
    count(Counter(), Counter({group.group_id: len(held)}))
    _write_exclusions(group, set(users), act)
    return {user: (Outcome.ALREADY_EXCLUDED if user in excluded else Outcome.EXCLUDED, "") for user in users}


def _lift(group: Definition, users: list[int], act: Act) -> dict[int, Verdict]:
    rows = Exclusion.objects.filter(group=group.group_id, user_id__in=users)
    excluded = set(rows.values_list("user_id", flat=True))
    rows.delete()
    return {user: (Outcome.REMOVED, "") if user in excluded else (Outcome.NOT_IN, "") for user in users}


def _rows_in(group: Definition, users: Sequence[int]) -> dict[int, Row]:
    rows = write.rows_of([group.collection_id], users)
    return {row.user_id: row for row in rows if row.group_id == group.group_id}


def _write_exclusions(group: Definition, users: set[int], act: Act) -> None:
    """Exclude users, or change reason, author and end of their exclusion."""
    Exclusion.objects.filter(group=group.group_id, user_id__in=users).delete()
    Exclusion.objects.bulk_create(
        Exclusion(
            group_id=group.group_id,
            user_id=user,
            reason=act.reason,
            author_id=act.acting_user_id,
            created=act.at,
            expires_at=act.expires_at,
        )
        for user in sorted(users)
    )
