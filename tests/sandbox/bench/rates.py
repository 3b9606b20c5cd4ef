"""Rates: what one event costs among many groups, what many events cost together, and what one costs that nobody hears.

Each beside what a plainer way takes in the same run, so that the ratios do not depend on the machine.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models.signals import post_delete, post_save, pre_save
from django.utils import timezone
from opaque_keys.edx.keys import CourseKey

from common.djangoapps.student.models import CourseEnrollment
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from openedx_user_groups.data import COURSE
from openedx_user_groups.evaluation.answers import Answers
from openedx_user_groups.evaluation.definition import Definition, load
from openedx_user_groups.events import handlers, listening
from openedx_user_groups.models import (
    Announcement,
    Change,
    GroupCollection,
    GroupCriterion,
    Membership,
    PastMembership,
    RefreshRun,
    Scope,
    UserGroup,
)
from openedx_user_groups.outbox import announcing, store
from openedx_user_groups.upkeep import drain

FIRST_ID = 30_000_000
LEARNERS = 1_000
LOGGED_IN = "org.openedx.learning.auth.session.login.completed.v1"
# 4 tracks and 90 thresholds: less than 100 distinct leaves, however many groups there are.
MODES = ("audit", "verified", "honor", "professional")
DAYS = 90
AWAY = timedelta(days=DAYS / 2, hours=12)


class CrowdedCourse:
    """A course with learners and many groups, each about a track and the last log-in; all of it is made in bulk."""

    def __init__(self, groups: int) -> None:
        self.key = CourseKey.from_string(f"course-v1:Bench+Rates+{uuid4().hex[:12]}")
        self.course = CourseOverview.objects.create(id=self.key, org="Bench", display_name="Rates")
        self.users = list(range(FIRST_ID, FIRST_ID + LEARNERS))
        self.away()
        CourseEnrollment.objects.bulk_create(
            CourseEnrollment(user_id=pk, course_id=self.key, is_active=True, mode="verified") for pk in self.users
        )
        self.scope, _made = Scope.objects.get_or_create(type=COURSE, key=str(self.key))
        self._make_groups(groups)

    def away(self) -> None:
        """Every learner has logged in half of the days ago."""
        names = {pk: f"rates_{pk}" for pk in self.users}
        accounts = [User(pk=pk, username=name, email=f"{name}@example.com") for pk, name in names.items()]
        User.objects.bulk_create(accounts, ignore_conflicts=True)
        User.objects.filter(pk__in=self.users).update(last_login=timezone.now() - AWAY)

    def _make_groups(self, number: int) -> None:
        GroupCollection.objects.bulk_create(GroupCollection(scope=self.scope, is_implicit=True) for _ in range(number))
        homes = GroupCollection.objects.filter(scope=self.scope).order_by("pk")
        UserGroup.objects.bulk_create(
            UserGroup(scope=self.scope, collection=home, name=f"Group {n}", status="active", modified=timezone.now())
            for n, home in enumerate(homes)
        )
        nodes = []
        for n, group in enumerate(UserGroup.objects.filter(scope=self.scope).order_by("pk")):
            leaves: dict[str, tuple[str, dict[str, Any]]] = {
                "enrollment_mode": ("in", {"modes": [MODES[n % len(MODES)]]}),
                "last_login": ("more_than_days_ago", {"days": n % DAYS + 1}),
            }
            nodes.append(GroupCriterion(group=group, position=0, combine="all"))
            nodes += [
                GroupCriterion(group=group, position=k, parent_position=0, criterion=name, operator=how, config=config)
                for k, (name, (how, config)) in enumerate(leaves.items(), 1)
            ]
        GroupCriterion.objects.bulk_create(nodes, batch_size=1_000)
        listening.changed()

    def groups(self) -> list[Definition]:
        """Its groups, as the engine sees them."""
        return load(UserGroup.objects.filter(scope=self.scope))

    def log_in(self, users: list[int]) -> None:
        """Learners log in, which is noted and not yet dealt with."""
        User.objects.filter(pk__in=users).update(last_login=timezone.now())
        store.note(users, LOGGED_IN, scopes=[self.scope.pk])

    def settle(self, users: list[int]) -> None:
        """Bring learners into line who are away again."""
        User.objects.filter(pk__in=users).update(last_login=timezone.now() - AWAY)
        store.note(users, LOGGED_IN, scopes=[self.scope.pk])
        drain.drain()

    def clean(self) -> None:
        """Take it away, with all that was written for it."""
        groups = UserGroup.objects.filter(scope=self.scope)
        ids = list(groups.values_list("pk", flat=True))
        for model in (Membership, PastMembership, RefreshRun, Announcement, GroupCriterion):
            model._default_manager.filter(group_id__in=ids).delete()
        Change.objects.filter(scope=self.scope).delete()
        groups.delete()
        self.scope.collections.all().delete()
        self.scope.delete()
        CourseEnrollment.objects.filter(course_id=self.key).delete()
        self.course.delete()


def timed(act: Callable[[], Any]) -> tuple[float, int]:
    """How many seconds it takes, and how many statements it sends, without those that only tell others."""
    sent = 0

    def count(execute: Any, sql: str, *args: Any) -> Any:
        nonlocal sent
        sent += not sql.lstrip().startswith(("SAVEPOINT", "RELEASE")) and not _is_announcing()
        return execute(sql, *args)

    with connection.execute_wrapper(count):
        started = time.perf_counter()
        act()
        return time.perf_counter() - started, sent


def _is_announcing() -> bool:
    frame = sys._getframe()
    while frame.f_back is not None and frame.f_globals["__name__"] != announcing.__name__:
        frame = frame.f_back
    return frame.f_globals["__name__"] == announcing.__name__


def one_event(course: CrowdedCourse, repetitions: int) -> tuple[float, float, int]:
    """Seconds for one user's event in all groups, for asking each group about that user, and statements."""
    (user, *_others) = course.users
    course.settle([user])
    ours, plain, statements, idle = [], [], 0, timed(drain.drain)[1]
    for _ in range(repetitions):
        course.log_in([user])
        seconds, statements = timed(drain.drain)
        ours.append(seconds)
        plain.append(timed(lambda: [Answers([user], timezone.now()).matching(each) for each in course.groups()])[0])
        course.settle([user])
    return median(ours), median(plain), statements - idle


def many_events(course: CrowdedCourse, single: int) -> tuple[float, float]:
    """Seconds for a drain of all learners, and for as many drains of one; ``single`` of these are measured."""
    course.settle(course.users)
    one_by_one = []
    for user in course.users[:single]:
        course.log_in([user])
        one_by_one.append(timed(drain.drain)[0])
    course.settle(course.users)
    course.log_in(course.users)
    together, _statements = timed(drain.drain)
    return together, sum(one_by_one) / single * len(course.users)


def unheard_event(saves: int) -> tuple[float, float]:
    """Seconds for a save of an enrollment in a course without groups, and for the same where nothing listens at all."""
    key = CourseKey.from_string(f"course-v1:Bench+Unheard+{uuid4().hex[:12]}")
    course = CourseOverview.objects.create(id=key, org="Unheard", display_name="Nobody listens")
    user, _made = User.objects.get_or_create(pk=FIRST_ID - 1, defaults={"username": f"rates_{FIRST_ID - 1}"})
    row = CourseEnrollment.objects.create(user=user, course=course, mode="audit")

    def save() -> None:
        row.mode = "verified" if row.mode == "audit" else "audit"
        with transaction.atomic():
            row.save()

    heard, deaf = [], []
    for _ in range(saves):
        heard.append(timed(save)[0])
        with _deaf():
            deaf.append(timed(save)[0])
    row.delete()
    course.delete()
    return median(heard), median(deaf)


@contextmanager
def _deaf() -> Iterator[None]:
    receivers = {pre_save: handlers.before_save, post_save: handlers.after_save, post_delete: handlers.after_delete}
    for signal in receivers:
        signal.disconnect(sender=CourseEnrollment, dispatch_uid=handlers.UID)
    try:
        yield
    finally:
        for signal, receiver in receivers.items():
            signal.connect(receiver, sender=CourseEnrollment, dispatch_uid=handlers.UID)
