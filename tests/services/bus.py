"""The sandbox on an event bus: what we send goes to one topic, and what comes from there is printed."""

import os

from tests.sandbox.settings import *  # noqa: F403
from tests.sandbox.settings import INSTALLED_APPS

TOPIC = "user-groups"

EVENT_BUS_PRODUCER = "edx_event_bus_redis.create_producer"
EVENT_BUS_CONSUMER = "edx_event_bus_redis.RedisEventConsumer"
EVENT_BUS_REDIS_CONNECTION_URL = os.environ["BUS"]
# Whoever shares the Redis has other streams.
EVENT_BUS_TOPIC_PREFIX = os.environ["BUS_PREFIX"]
EVENT_BUS_PRODUCER_CONFIG = {
    f"org.openedx.user_groups.{name}.v1": {TOPIC: {"event_key_field": key, "enabled": True}}
    for name, key in {
        "group.created": "group.uuid",
        "group.updated": "group.uuid",
        "group.deleted": "group.uuid",
        "membership.changed": "membership.group.uuid",
    }.items()
}

INSTALLED_APPS = [*INSTALLED_APPS, "tests.services.printing.Printing"]
