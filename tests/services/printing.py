"""An app that listens to events and prints what it gets, a line of JSON for each."""

import json

import attrs
from django.apps import AppConfig


class Printing(AppConfig):
    """Listens to ours, and to an event of the platform."""

    name = "tests.services"
    label = "printing"

    def ready(self):
        from openedx_events.learning.signals import COURSE_ENROLLMENT_CHANGED

        from tests.audience import ALL

        for each in (*ALL, COURSE_ENROLLMENT_CHANGED):
            each.connect(hear)


def hear(signal, metadata, from_event_bus, group=None, membership=None, enrollment=None, **_more):
    payload = attrs.asdict(group or membership) if enrollment is None else {"user": enrollment.user.id}
    event = {"type": signal.event_type, "id": str(metadata.id), "from_event_bus": from_event_bus}
    print(json.dumps({**event, "payload": payload}), flush=True)
