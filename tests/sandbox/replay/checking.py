"""Checking: whether everything that has happened is in the groups, and nothing is left over."""

import io
import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from openedx_user_groups import api
from openedx_user_groups.collections import rests
from openedx_user_groups.criteria import registry
from openedx_user_groups.evaluation.counting import count_members
from openedx_user_groups.evaluation.definition import groups_of
from openedx_user_groups.models import (
    Announcement,
    Change,
    GroupCollection,
    GroupCriterion,
    HeldUser,
    Membership,
    RefreshRun,
    UserGroup,
)
from openedx_user_groups.upkeep import recounting
from tests.sandbox.replay.stream import Calendar

Problem = str

# How long a due sweep and a check may take, in which nobody may cross a line of time.
QUIET = timedelta(seconds=20)
ATTEMPTS = 5


def eventually(true: Callable[[], object], seconds: float) -> bool:
    """Whether something gets true within that time."""
    latest = time.monotonic() + seconds
    while not true():
        if time.monotonic() > latest:
            return False
        time.sleep(0.05)
    return True


def leftovers() -> list[Problem]:
    """What is still to be done, or being done."""
    counts = {
        "changes wait": Change.objects.count(),
        "announcements wait": Announcement.objects.count(),
        "runs wait or run": RefreshRun.objects.filter(finished=None).count(),
        "approved people wait": HeldUser.objects.filter(run__decision=RefreshRun.Decision.APPROVED).count(),
        "leases are held": GroupCollection.objects.exclude(lease_expires=None).count(),
    }
    return [f"{number} {what}" for what, number in counts.items() if number]


def let_time_groups_be_due() -> None:
    """Those that change with time alone are due now; the others stay as they are, so that no refresh heals them."""
    restless = [each.name for each in registry.all_types() if each.refresh_every is not None]
    groups = GroupCriterion.objects.filter(criterion__in=restless).values("group")
    UserGroup.objects.filter(pk__in=groups, next_due__isnull=False).update(next_due=timezone.now())


def approve_what_is_held() -> int:
    """A group that the last one leaves waits for somebody to agree, who does; how often that was."""
    held = RefreshRun.objects.filter(outcome=RefreshRun.Outcome.HELD, decision="")
    number = 0
    while (run := held.first()) is not None:
        api.approve_refresh(run.uuid)
        number += 1
    return number


def sweep() -> None:
    """Do what is due, as a cron job does; with what it does once a day."""
    recounting.recount()
    call_command("refresh_user_groups", "--due", format="json", stdout=io.StringIO())


def differences(only: Callable[[dict[str, Any]], bool] = lambda _one: True) -> list[Problem]:
    """What check_user_groups finds, of some groups or of all."""
    out = io.StringIO()
    try:
        call_command("check_user_groups", format="json", stdout=out)
    except SystemExit:
        wrong = [
            one for one in json.loads(out.getvalue())["groups"] if one["missing"] or one["surplus"] or one["error"]
        ]
        return [_told(one) for one in wrong if only(one)]
    return []


def _told(one: dict[str, Any]) -> Problem:
    group = UserGroup.objects.select_related("scope").get(uuid=one["uuid"])
    missing = f"{one['missing']} missing {one['missing_ids']}"
    return (
        f"{one['group']} of {group.scope.data}: {missing}, {one['surplus']} surplus {one['surplus_ids']} {one['error']}"
    )


def follows_events(one: dict[str, Any]) -> bool:
    """Whether a group has only criteria that nothing but events changes, and so is right before any sweep.

    Unless a refresh of it is held: then events pass it by.
    """
    group = UserGroup.objects.get(uuid=one["uuid"])
    if group.health != UserGroup.Health.OK:
        return False
    rows = group.criteria.filter(combine="")
    return all(registry.get(row.criterion).refresh_every is None and not _is_nested(row) for row in rows)


def _is_nested(row: GroupCriterion) -> bool:
    # Whatever it is built on may change with time.
    return row.criterion == "group_member"


def broken_rules() -> Iterator[Problem]:
    """What must never be."""
    strayed = Membership.objects.exclude(collection=F("group__collection")).count()
    if strayed:
        yield f"{strayed} memberships are of another collection than their group"
    pairs = Membership.objects.values_list("collection", "user")
    twice = len(pairs) - len(set(pairs))
    if twice:
        yield f"{twice} people are twice in a collection"
    ill = (UserGroup.Health.BROKEN, UserGroup.Health.HELD)
    for group in UserGroup.objects.filter(health__in=ill):
        yield f"{group.name} is {group.health}: {group.health_reason}"
    now = timezone.now()
    for collection in GroupCollection.objects.filter(groups__isnull=False).distinct():
        members = count_members(groups_of([collection.pk]), now)
        for group in collection.groups.all():
            if group.member_count != members[group.pk]:
                yield f"{group.name} says that it has {group.member_count} members, and has {members[group.pk]}"


def in_a_quiet_moment(calendar: Calendar, act: Callable[[], list[Problem]]) -> list[Problem]:
    """Do something while nobody crosses a line of time; once more where it has taken too long for that."""
    for _attempt in range(ATTEMPTS):
        left = calendar.to_next_tick(timezone.now())
        if left < min(QUIET, calendar.tick / 2):
            time.sleep(left.total_seconds() + 0.1)
        before = (timezone.now() - calendar.begins) // calendar.tick
        found = act()
        if not found or (timezone.now() - calendar.begins) // calendar.tick == before:
            return found
    return [*found, "All checks took longer than a tick: the machine is too slow for these"]


def changes() -> int:
    """How many changes wait."""
    return Change.objects.count()


def not_placed(collection: UUID | None) -> list[Problem]:
    """Who belongs to a random collection, and is in none of its groups."""
    if collection is None:
        return []
    number = rests.users_of(
        GroupCollection.objects.select_related("scope").get(uuid=collection), timezone.now()
    ).count()
    return [f"{number} people of a random collection are in none of its groups"] if number else []
