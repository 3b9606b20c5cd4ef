"""Assignment: people are put into groups and taken out of them by hand, each with an outcome of their own."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from ..data import MemberOutcome
from ..evaluation.answers import Answers
from ..evaluation.definition import Definition
from ..exceptions import CriterionError
from ..models import GroupCollection, Membership, Origin, UserGroup
from ..refresh import consequences, write
from ..refresh.placement import users_of
from ..refresh.write import Place, Row
from .deciding import BY_HAND, Act, Outcome, Verdict, decide, outside, rows_in
from .exclusion import write_exclusions
from .signing import sign


def add(group_id: int, people: Iterable[str | int], act: Act) -> list[MemberOutcome]:
    """Put people into a group; they leave the other group of its collection."""
    return decide(group_id, people, act, _add)


def remove(group_id: int, people: Iterable[str | int], act: Act) -> list[MemberOutcome]:
    """Take people out of a group; whom the rule wants in it is excluded, or the next refresh would undo it."""
    return decide(group_id, people, act, _remove)


def _add(group: Definition, users: list[int], act: Act) -> dict[int, Verdict]:
    answers = Answers(users, act.at)
    belong = answers.population(group.scope, group.parent_group_id)
    excluded = answers.excluded([group.group_id]).get(group.group_id, set())
    held = {row.user_id: row for row in write.rows_of([group.collection_id], users)}
    names = _names({row.group_id for row in held.values()})
    verdicts = {user: _add_verdict(user, group, belong, excluded, held, names) for user in users}
    if not act.is_check:
        _write(group, act, held, verdicts)
    return verdicts


def _write(group: Definition, act: Act, held: dict[int, Row], verdicts: dict[int, Verdict]) -> None:
    moving = [held[user] for user, (outcome, _detail) in verdicts.items() if outcome == Outcome.MOVED]
    write.end(moving, act.at)
    joining = [user for user, (outcome, _detail) in verdicts.items() if outcome in (Outcome.ADDED, Outcome.MOVED)]
    seats = {Place(group.group_id, group.collection_id): joining}
    joined = write.insert(seats, Origin.MANUAL, act.at, act.expires_at)
    # From here on they stay, whatever the rule says.
    staying = [held[user].id for user, (outcome, _detail) in verdicts.items() if outcome == Outcome.ALREADY_IN]
    Membership.objects.filter(pk__in=staying).update(origin=Origin.MANUAL, expires_at=act.expires_at)
    consequences.follow(joined, users_of(moving), [BY_HAND])
    sign([*joined, *users_of(moving)], act)


def _add_verdict(
    user: int, group: Definition, belong: set[int], excluded: set[int], held: dict[int, Row], names: dict[int, str]
) -> Verdict:
    if user in excluded:
        return Outcome.EXCLUDED, _("They are kept out of this group; lift the exclusion first.")
    if user not in belong:
        return Outcome.NOT_IN_POPULATION, outside(group.parent_group_id)
    row = held.get(user)
    if row is None:
        return Outcome.ADDED, ""
    if row.group_id == group.group_id:
        return Outcome.ALREADY_IN, ""
    return Outcome.MOVED, _("Moved from {group}.").format(group=names[row.group_id])


def _names(group_ids: set[int]) -> dict[int, str]:
    return dict(UserGroup.objects.filter(pk__in=group_ids).values_list("pk", "name"))


def _remove(group: Definition, users: list[int], act: Act) -> dict[int, Verdict]:
    held = rows_in(group, users)
    kept_out = _wanted(group, users, act) | {row.user_id for row in held.values() if row.origin == Origin.RULE}
    if not act.is_check:
        _take_out(group, held, kept_out, act)
    why = _("Kept out from now on, because the rule would let them in again.")
    return {
        user: (Outcome.REMOVED if user in held else Outcome.NOT_IN, why if user in kept_out else "") for user in users
    }


def _take_out(group: Definition, held: dict[int, Row], kept_out: set[int], act: Act) -> None:
    leaving = users_of(list(held.values()))
    write.end(list(held.values()), act.at)
    consequences.follow({}, leaving, [BY_HAND])
    sign(leaving, act)
    write_exclusions(group, kept_out, act)
    consequences.release(group.collection_id, held)


def _wanted(group: Definition, users: list[int], act: Act) -> set[int]:
    """Whom the rule would put in again; all of them where it cannot be asked, and where chance would do it."""
    if group.kind == GroupCollection.Kind.RANDOM:
        return set(users)
    try:
        return Answers(users, act.at).matching(group)
    except CriterionError:
        return set(users)
