"""Exclusion: people are kept out of a group by hand, above any rule or list, and let in again."""

from __future__ import annotations

from collections.abc import Iterable

from ..data import MemberOutcome
from ..evaluation.answers import Answers
from ..evaluation.definition import Definition
from ..models import Exclusion
from ..refresh import consequences, write
from ..refresh.placement import users_of
from .deciding import BY_HAND, Act, Outcome, Verdict, decide, rows_in
from .signing import sign


def exclude(group_id: int, people: Iterable[str | int], act: Act) -> list[MemberOutcome]:
    """Keep people out of a group, above its rule and any list; who is in it leaves."""
    return decide(group_id, people, act, _exclude)


def lift_exclusions(group_id: int, people: Iterable[str | int], act: Act) -> list[MemberOutcome]:
    """Let people into a group again; they are placed by the rule with the next drain."""
    return decide(group_id, people, act, _lift)


def _exclude(group: Definition, users: list[int], act: Act) -> dict[int, Verdict]:
    excluded = Answers(users, act.at).excluded([group.group_id]).get(group.group_id, set())
    held = rows_in(group, users)
    leaving = users_of(list(held.values()))
    write.end(list(held.values()), act.at)
    consequences.follow({}, leaving, [BY_HAND])
    sign(leaving, act)
    write_exclusions(group, set(users), act)
    consequences.release(group.collection_id, held)
    return {user: (Outcome.ALREADY_EXCLUDED if user in excluded else Outcome.EXCLUDED, "") for user in users}


def _lift(group: Definition, users: list[int], act: Act) -> dict[int, Verdict]:
    rows = Exclusion.objects.filter(group=group.group_id, user_id__in=users)
    excluded = set(rows.values_list("user_id", flat=True))
    rows.delete()
    consequences.release(group.collection_id, excluded)
    return {user: (Outcome.REMOVED, "") if user in excluded else (Outcome.NOT_IN, "") for user in users}


def write_exclusions(group: Definition, users: set[int], act: Act) -> None:
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
