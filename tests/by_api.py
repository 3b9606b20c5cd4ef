"""Groups for tests, made and looked at through the Python API; and the statements that a piece of work sends."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.criteria.base import Criterion, Operator
from openedx_user_groups.data import GroupData, RunData, ScopeData
from openedx_user_groups.models import Membership, UserGroup

EVERYWHERE = ("course", "organization", "instance")
ANY_CONFIG = {"type": "object"}

_numbers = count(1)


def leaf(criterion: str, operator: str, **config: Any) -> dict[str, Any]:
    """A criterion of a rule."""
    return {"criterion": criterion, "operator": operator, "config": config}


def in_mode(*modes: str) -> dict[str, Any]:
    """The rule that holds everybody enrolled in one of these tracks."""
    return {"all": [leaf("enrollment_mode", "in", modes=list(modes))]}


VERIFIED = in_mode("verified")


def a_group(scope: ScopeData, rule: Any = None, name: str | None = None, **options: Any) -> GroupData:
    """An active group; static without a rule."""
    group = api.create_group(scope, name=name or f"Group {next(_numbers)}", rule=rule, **options)
    return api.activate_group(group.uuid) if group.is_dynamic else group


def edited(group: GroupData, **changes: Any) -> GroupData:
    """The group after an edit, with a changed rule in force."""
    now = api.get_group(group.uuid)
    data = api.update_group(group.uuid, revision=now.draft_revision or now.revision, **changes)
    return data if data.draft_revision is None else api.activate_group(group.uuid, revision=data.draft_revision)


def refreshed(group: GroupData, **options: Any) -> RunData:
    """The run of a refresh of the group."""
    run = api.refresh(group.uuid, **options)
    assert run is not None
    return run


def aged(group: GroupData, **time: float) -> None:
    """Let it be so much later for a group: everything that the schedule knows of it has been so long ago."""
    row, later = row_of(group), timedelta(**time)
    for name in ("modified", "last_refreshed", "swept_until", "next_due"):
        if (instant := getattr(row, name)) is not None:
            setattr(row, name, instant - later)
    row.save()


def member_ids(group: GroupData) -> set[int]:
    """The ids of its members now."""
    return set(api.members(group.uuid).values_list("pk", flat=True))


def row_of(group: GroupData) -> UserGroup:
    """The stored row of a group, as it is now."""
    return UserGroup.objects.select_related("scope", "collection").get(uuid=group.uuid)


def origins(group: GroupData) -> dict[int, str]:
    """The origin of each stored membership, by user id."""
    return dict(Membership.objects.filter(group__uuid=group.uuid).values_list("user_id", "origin"))


def outcomes(results: Iterable[Any]) -> list[str]:
    """The outcomes of people in a list, in their order."""
    return [one.outcome for one in results]


# Far above what databases number by themselves; and far apart, for a database may go on after the last of these.
_first_ids = count(500_000_000, 200_000)


def many_learners(course: Any, number: int, mode: str = "verified") -> list[int]:
    """The ids of that many new accounts enrolled in the course, in a few statements."""
    first = next(_first_ids)
    ids = list(range(first, first + number))
    User.objects.bulk_create(User(pk=pk, username=f"many_{pk}", email=f"many_{pk}@example.com") for pk in ids)
    CourseEnrollment.objects.bulk_create(CourseEnrollment(user_id=pk, course=course, mode=mode) for pk in ids)
    return ids


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements sent within the block, once it has ended."""
    sent: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield sent
    sent += [query["sql"] for query in captured.captured_queries]


def writes(sent: Iterable[str], table: str = "") -> list[str]:
    """Those of the statements that write; to one table of the package, if it is named."""
    verbs = ("INSERT", "UPDATE", "DELETE", "REPLACE")
    return [sql for sql in sent if sql.lstrip("( ").startswith(verbs) and f"openedx_user_groups_{table}" in sql]


class Answer(Criterion):
    """A criterion that is true of the users whose ids are in its config."""

    title = "Answer"
    scopes = EVERYWHERE
    operators = {Operator.IN: ANY_CONFIG}

    def predicate(self) -> Q:
        return Q(pk__in=self.config.get("ids", []))

    def describe(self) -> str:
        return "is listed"


class Raises(Answer):
    """A criterion whose plugin has a fault."""

    def predicate(self) -> Q:
        raise ZeroDivisionError("the plugin divides by zero")


def uuids(groups: Iterable[Any]) -> list[UUID]:
    """The UUIDs of groups."""
    return [group.uuid for group in groups]
