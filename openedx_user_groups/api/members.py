"""Members: who is in a group, who is put in, taken out and kept out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.utils import timezone

from ..collections import choosing, rests
from ..data import MemberOutcome
from ..evaluation import counting
from ..evaluation.answers import Answers
from ..evaluation.matching import users_where
from ..exceptions import GroupNotFound
from ..groups import assignment, exclusion, retirement
from ..groups.deciding import Outcome
from ..models import Exclusion, Membership
from ..platform import people_file
from ..population.scopes import not_expired, population
from ..rules.combine import normal
from .found import act_of, group_row, rest_row

People = Iterable[str | int]


def members(group: UUID | str) -> QuerySet[AbstractBaseUser]:
    """The users who are in a group now, in no order; of everybody else, too, by the ``rest_uuid`` of a collection."""
    try:
        return counting.members_of(group_row(group), timezone.now())
    except GroupNotFound:
        return rests.users_of(rest_row(group), timezone.now())


def count_members(group: UUID | str) -> int:
    """How many users are in a group now, or are everybody else."""
    return members(group).count()


def memberships_of(group: UUID | str) -> QuerySet[Membership]:
    """Who is in a group with when and how each came in: their memberships, with the users, in no order.

    Everybody else has none: nobody joins it.
    """
    try:
        return counting.memberships_of(group_row(group), timezone.now()).select_related("user")
    except GroupNotFound:
        rest_row(group)
        return Membership.objects.none()


def is_member(group: UUID | str, user_id: int) -> bool:
    """Whether a user is in a group now."""
    return members(group).filter(pk=user_id).exists()


def exclusions_of(group: UUID | str) -> QuerySet[Exclusion]:
    """Who is kept out of a group now, with the users and who decided it, in no order."""
    kept_out = Exclusion.objects.filter(not_expired(timezone.now()), group=group_row(group))
    return kept_out.select_related("user", "author")


def belonging(group: UUID | str, users: Iterable[int]) -> set[int]:
    """Those of some users, by id, who belong to the population of a group, or of everybody else."""
    try:
        collection = group_row(group).collection
    except GroupNotFound:
        collection = rest_row(group)
    answers = Answers(sorted(set(users)), timezone.now())
    return answers.population(collection.scope.data, collection.parent_group_id)


def population_of(group: UUID | str) -> QuerySet[AbstractBaseUser]:
    """The users who belong to the population of a group, in no order."""
    row = group_row(group)
    belongs = population(row.scope.data, now=timezone.now(), parent_group_id=row.collection.parent_group_id)
    return users_where(normal(belongs))


def add_members(
    group: UUID | str,
    people: People,
    *,
    expires_at: datetime | None = None,
    discreet: bool = False,
    dry_run: bool = False,
    acting_user: AbstractBaseUser | None = None,
) -> list[MemberOutcome]:
    """Put people into a group by user name, e-mail address or (as numbers) id; an outcome for each, in their order.

    ``discreet`` tells nothing of people who do not belong to the group's scope: not even that there is such an account.
    ``dry_run`` says what would become of them, and changes nothing.
    """
    act = act_of(acting_user, expires_at=expires_at, discreet=discreet, is_check=dry_run)
    return assignment.add(group_row(group).pk, people, act)


def remove_members(
    group: UUID | str,
    people: People,
    *,
    reason: str = "",
    discreet: bool = False,
    acting_user: AbstractBaseUser | None = None,
) -> list[MemberOutcome]:
    """Take people out of a group; whom its rule wants in it is excluded from now on."""
    return assignment.remove(group_row(group).pk, people, act_of(acting_user, reason=reason, discreet=discreet))


def exclude(
    group: UUID | str,
    people: People,
    *,
    reason: str = "",
    expires_at: datetime | None = None,
    discreet: bool = False,
    acting_user: AbstractBaseUser | None = None,
) -> list[MemberOutcome]:
    """Keep people out of a group, above its rule, until ``expires_at``."""
    act = act_of(acting_user, reason=reason, expires_at=expires_at, discreet=discreet)
    return exclusion.exclude(group_row(group).pk, people, act)


def lift_exclusions(
    group: UUID | str, people: People, *, discreet: bool = False, acting_user: AbstractBaseUser | None = None
) -> list[MemberOutcome]:
    """Let people into a group again; a worker places them by the rule."""
    return exclusion.lift_exclusions(group_row(group).pk, people, act_of(acting_user, discreet=discreet))


def join_group(group: UUID | str, user_id: int) -> None:
    """Let a learner join a group of a collection of kind "self"; they leave the one that they had chosen before.

    Raises GroupNotFound where it is not for them to choose, GroupFull, and WrongStatus where it is not possible now.
    """
    choosing.join(group_row(group).pk, user_id)


def leave_group(group: UUID | str, user_id: int) -> None:
    """Let a learner leave a group that they have joined by themselves. Raises GroupNotFound and WrongStatus."""
    choosing.leave(group_row(group).pk, user_id)


def import_members(
    group: UUID | str,
    content: bytes,
    *,
    discreet: bool = False,
    dry_run: bool = False,
    acting_user: AbstractBaseUser | None = None,
) -> list[MemberOutcome]:
    """Put the people of a text or CSV file into a group; an outcome for each row. Raises UnreadableFile."""
    rows = people_file.lines(content)
    people = [row.person for row in rows if not row.fault]
    outcomes = iter(add_members(group, people, discreet=discreet, dry_run=dry_run, acting_user=acting_user))
    return [
        MemberOutcome(row.person, Outcome.NOBODY.value, None, row.fault) if row.fault else next(outcomes)
        for row in rows
    ]


def retire_user(user_id: int) -> None:
    """Erase a user from every table of this package."""
    retirement.retire_user(user_id)
