"""The four weeks before the demo: the product does what it would have done, while the clock shows an earlier time."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone

from openedx_user_groups import api
from tests.sandbox.demo.groups import AWAY, COURSE, NEWLY_VERIFIED, PASSED, SLOW, with_track
from tests.sandbox.demo.people import learner

WEEKS = 28
REFRESHED_DAYS_AGO = (28, 24, 21, 17, 14, 10, 7, 3)
# Its refreshes failed to come for three weeks, so that the next one would remove most of its members.
LAST_REFRESHED_DAYS_AGO = 21
# Of those who are away, how many come back between two refreshes: one in so many.
ONE_IN = 9
# As all that is seeded, a log-in lies half a day from where an answer changes.
HALF_A_DAY = timedelta(hours=12)

TOPICS_NAME = "Project topics"
TOPICS = {
    "Climate data": "Temperatures and rain of fifty years, from weather stations all over the world.",
    "City traffic": "Who goes where, and when: bicycles, buses and cars of one city.",
    "Film reviews": "What people write about films, and what it says of them.",
}
CHOSEN_DAYS_AGO = (12, 9, 6, 2)
CHOOSERS_A_DAY = 9
# So many want the first topic, which then is full.
PLACES = 16
KEPT_OUT = (3, 7)

Groups = Mapping[str, UUID]


@contextmanager
def days_ago(days: int) -> Iterator[None]:
    """Let it be so many days earlier for everything that asks Django for the time."""
    today = timezone.now

    def earlier() -> datetime:
        return today() - timedelta(days=days)

    timezone.now = earlier
    try:
        yield
    finally:
        timezone.now = today


def live(groups: Groups, teacher: User) -> None:
    """Let four weeks pass for groups that have just been made, by their names."""
    for days in REFRESHED_DAYS_AGO:
        with days_ago(days):
            api.refresh(groups[AWAY], cause="schedule")
            api.refresh(groups[SLOW], cause="schedule")
            _come_back(groups[AWAY])
    with days_ago(LAST_REFRESHED_DAYS_AGO):
        api.refresh(groups[NEWLY_VERIFIED], cause="schedule")
    _choose_topics(teacher)
    _keep_out(groups[SLOW], teacher)
    _change(groups[PASSED], teacher)


def _come_back(group: UUID) -> None:
    """Some of the members log in, so that the next refresh finds them no longer away."""
    away = api.members(group).filter(last_login__isnull=False).order_by("pk").values_list("pk", flat=True)
    User.objects.filter(pk__in=list(away)[::ONE_IN]).update(last_login=timezone.now() - HALF_A_DAY)


def _choose_topics(teacher: User) -> None:
    scope = api.course_scope(COURSE.key)
    with days_ago(CHOSEN_DAYS_AGO[0] + 1):
        collection = api.create_collection(
            scope, name=TOPICS_NAME, rest_name="No topic yet", kind="self", acting_user=teacher
        )
        topics = [
            api.create_group(
                scope, name=name, description=text, collection=collection.uuid, size_limit=PLACES, acting_user=teacher
            )
            for name, text in TOPICS.items()
        ]
    belong = api.population_of(topics[0].uuid).filter(username__startswith="learner_").order_by("pk")
    choosers = list(belong.values_list("pk", flat=True)[: CHOOSERS_A_DAY * len(CHOSEN_DAYS_AGO)])
    for number, user_id in enumerate(choosers):
        with days_ago(CHOSEN_DAYS_AGO[number // CHOOSERS_A_DAY]):
            api.join_group(topics[number % 7 % len(topics)].uuid, user_id)


def _keep_out(group: UUID, teacher: User) -> None:
    with days_ago(5):
        people = [learner(number).username for number in KEPT_OUT]
        api.exclude(group, people, reason="Has agreed on a plan with the tutor", acting_user=teacher)


def _change(group: UUID, teacher: User) -> None:
    """A change of the rule that nobody has put in force yet."""
    with days_ago(1):
        now = api.get_group(group)
        api.update_group(group, revision=now.revision, rule=with_track(now.rule, "verified"), acting_user=teacher)
