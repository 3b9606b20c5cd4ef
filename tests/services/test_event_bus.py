"""The event bus on a real Redis: what we tell arrives in another process, and what comes over it changes groups."""

import json
import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager

import pytest
from django.test import override_settings
from edx_event_bus_redis import create_producer
from openedx_events.learning.signals import COURSE_ENROLLMENT_CHANGED
from redis import Redis
from redis.exceptions import ResponseError

from common.djangoapps.student.models import CourseEnrollment
from openedx_user_groups import api
from openedx_user_groups.models import Announcement
from openedx_user_groups.outbox.announcements import MEMBERSHIP_CHANGED
from tests.by_api import VERIFIED, a_group, edited, many_learners, member_ids, refreshed
from tests.factories import a_user
from tests.happenings import enrollment_data
from tests.services.workers import CHECKOUT, eventually

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

TOPIC = "user-groups"
OURS = "org.openedx.user_groups."


@pytest.fixture
def prefix(broker):
    """What the names of the streams of a test begin with."""
    name = f"test_{os.getpid()}"
    yield name
    with Redis.from_url(broker) as redis:
        redis.delete(f"{name}-{TOPIC}")


@pytest.fixture
def on_the_bus(environment, broker, prefix):
    """The environment of another process that is connected to the event bus; it does the work of tasks itself."""
    own = {"DJANGO_SETTINGS_MODULE": "tests.services.bus", "BUS": broker, "BUS_PREFIX": prefix, "BROKER": ""}
    return {**environment, **own}


@contextmanager
def a_consumer(environment, group, stream, printed):
    """``manage.py consume_events`` as an operator runs it; what it gets is printed to a file."""
    options = ["-t", TOPIC, "-g", group, "--extra", json.dumps({"consumer_name": "one"})]
    command = [sys.executable, "manage.py", "consume_events", *options]
    with printed.open("w") as out, Redis.from_url(environment["BUS"]) as redis:
        process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=out, stderr=subprocess.STDOUT)
        try:
            eventually(lambda: group in _groups(redis, stream), "The consumer does not start.", printed)
            yield
        finally:
            process.kill()
            process.wait()


def _groups(redis, stream):
    try:
        return {each["name"].decode() for each in redis.xinfo_groups(stream)}
    except ResponseError:
        return set()


@pytest.fixture
def consume(on_the_bus, prefix, tmp_path):
    """Starts a consumer of a consumer group; gives a function that tells the events that it has got by now."""
    with ExitStack() as consumers:

        def start(group):
            printed = tmp_path / f"{group}.log"
            consumers.enter_context(a_consumer(on_the_bus, group, f"{prefix}-{TOPIC}", printed))
            return lambda: [json.loads(line) for line in printed.read_text().splitlines() if line.startswith("{")]

        yield start


@pytest.fixture
def lms(on_the_bus):
    """Does once what the schedule of the LMS does, in a process of its own that produces to the bus."""
    command = [sys.executable, "manage.py", "refresh_user_groups", "--due"]
    return lambda: subprocess.run(command, cwd=CHECKOUT, env=on_the_bus, check=True, capture_output=True, text=True)


@pytest.fixture
def in_studio():
    """In this process changes are only noted, as in Studio."""
    with override_settings(SERVICE_VARIANT="cms"):
        yield


def names(events):
    return [event["type"].removeprefix(OURS).removesuffix(".v1") for event in events]


@pytest.mark.usefixtures("in_studio")
def test_a_consumer_in_another_process_gets_what_is_told(course, scope, consume, lms):
    got, got_too = consume("one"), consume("two")
    learners = many_learners(course, 1_500)
    group = a_group(scope, VERIFIED, name="Verified 🎓", tags=["paying"])

    lms()

    eventually(lambda: len(got()) >= 4, "The events do not arrive.")
    events = got()
    assert names(events) == ["group.created", "group.updated", "membership.changed", "membership.changed"]
    assert all(event["from_event_bus"] for event in events)
    changes = [event["payload"] for event in events if "membership" in event["type"]]
    assert sorted(user for change in changes for user in change["joined"]) == learners
    assert [change["batch"] for change in changes] == [0, 1]
    assert len({change["run_uuid"] for change in changes}) == 1
    told = changes[0]["group"]
    assert (told["uuid"], told["name"], told["tags"]) == (str(group.uuid), "Verified 🎓", ["paying"])
    assert told["scope"] == {"type": "course", "key": str(course.id)}
    assert told["collection"]["uuid"] == str(group.collection_uuid)

    edited(group, name="Gone")
    api.delete_group(group.uuid)
    before = len(events)
    lms()

    eventually(lambda: len(got()) >= before + 4, "The end of the group does not arrive.")
    last = got()[before:]
    assert names(last) == ["group.updated", "group.deleted", "membership.changed", "membership.changed"]
    assert sorted(user for event in last[2:] for user in event["payload"]["left"]) == learners
    assert last[1]["payload"]["name"] == "Gone"
    # Another consumer group gets everything as well; and every event has come once.
    eventually(lambda: len(got_too()) >= len(got()), "The other consumer does not get everything.")
    assert [event["id"] for event in got_too()] == [event["id"] for event in got()]
    assert len({event["id"] for event in got()}) == len(got())
    assert not Announcement.objects.exists()


def test_what_comes_over_the_bus_changes_groups(course, scope, consume, broker, prefix, settings):
    group = a_group(scope, VERIFIED)
    refreshed(group)
    ana = a_user()
    # Another service has enrolled her; this one has heard of nothing.
    CourseEnrollment.objects.bulk_create([CourseEnrollment(user=ana, course=course, mode="verified", is_active=True)])
    got = consume("lms")
    assert member_ids(group) == set()

    settings.EVENT_BUS_REDIS_CONNECTION_URL, settings.EVENT_BUS_TOPIC_PREFIX = broker, prefix
    create_producer().send(
        signal=COURSE_ENROLLMENT_CHANGED,
        topic=TOPIC,
        event_key_field="enrollment.course.course_key",
        event_data={"enrollment": enrollment_data(ana, course.id, "verified")},
        event_metadata=COURSE_ENROLLMENT_CHANGED.generate_signal_metadata(),
    )

    eventually(lambda: member_ids(group) == {ana.pk}, "The event changes nothing.")

    def of(event_type, from_event_bus):
        return [each for each in got() if (each["type"], each["from_event_bus"]) == (event_type, from_event_bus)]

    # What is told here goes out, and comes back over the bus as to every consumer of the topic.
    came_back = (MEMBERSHIP_CHANGED, True)
    eventually(lambda: of(*came_back), "What follows from it does not go out.")
    [came], [told] = of(COURSE_ENROLLMENT_CHANGED.event_type, True), of(MEMBERSHIP_CHANGED, False)
    assert came["payload"] == {"user": ana.pk}
    assert (told["payload"]["joined"], told["payload"]["causes"]) == ([ana.pk], [came["type"]])
    assert [back["id"] for back in of(*came_back)] == [told["id"]]
