"""Several workers tell others at the same time: each event once, and those of a group in their order."""

from collections import defaultdict

import pytest

from openedx_user_groups.models import Announcement
from openedx_user_groups.outbox import announcements, announcing, waking
from tests.audience import an_audience
from tests.by_api import a_group, row_of
from tests.factories import a_course, scope_of_course
from tests.services.together import together

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

EVENTS = 60


def test_several_workers_keep_the_order_of_each_group(monkeypatch):
    monkeypatch.setattr(announcing, "AT_A_TIME", 7)
    scope = scope_of_course(a_course())
    groups = [row_of(a_group(scope)).pk for _ in range(3)]
    written: list[int] = []

    def write(group_id):
        with waking.awake():
            for number in range(1, EVENTS + 1):
                announcements.announce_members({group_id: [number]}, {}, ["manual"])
        written.append(group_id)

    def tell():
        while len(written) < len(groups) or Announcement.objects.exists():
            announcing.send()

    with an_audience() as heard:
        problems = together(*(lambda pk=pk: write(pk) for pk in groups), *[tell] * 3)

    assert problems == [None] * 6
    told = defaultdict(list)
    for event in heard:
        told[event.group.uuid] += event.membership.joined
    assert list(told.values()) == [list(range(1, EVENTS + 1))] * 3
