"""Events that this package sends: their types, their keys, and the form in which they travel over the event bus."""

import json
import os
import re
import subprocess
import sys
from functools import reduce
from pathlib import Path

import pytest
from openedx_events.event_bus.avro.deserializer import deserialize_bytes_to_event_data
from openedx_events.event_bus.avro.schema import schema_from_signal
from openedx_events.event_bus.avro.serializer import serialize_event_data_to_bytes

from openedx_user_groups import signals
from tests.audience import ALL

CHECKOUT = Path(__file__).resolve().parents[1]
SOURCE = (CHECKOUT / "openedx_user_groups" / "signals" / "signals.py").read_text(encoding="utf-8")
ANNOTATIONS = re.compile(
    r"event_type: (?P<type>\S+)\n# \.\. event_name: (?P<name>\S+)\n# \.\. event_key_field: (?P<key>\S+)\n"
)
KEY_FIELDS = {match["type"]: match["key"] for match in ANNOTATIONS.finditer(SOURCE)}
NAMES = {match["type"]: match["name"] for match in ANNOTATIONS.finditer(SOURCE)}

GROUP = signals.UserGroupData(
    uuid="0b0f1b34-7e7c-4f6e-9d49-6f1fdcd1a0f5",
    name="Débutants 🎓 100 %",
    tags=["spring", "été"],
    scope=signals.UserGroupScopeData(type="course", key="course-v1:Acme+A1+2026"),
    collection=signals.UserGroupCollectionData(uuid="c", rest_uuid="r", parent_group_uuid=""),
    status="active",
    health="ok",
    revision=3,
)
MEMBERSHIP = signals.UserGroupMembershipData(
    group=GROUP, joined=[1, 2**40], left=[], causes=["request", "schedule"], run_uuid="", batch=0
)


def payload(signal):
    return {"membership": MEMBERSHIP} if "membership" in signal.init_data else {"group": GROUP}


def in_a_process_of_its_own(code, **environment):
    command = [sys.executable, "-W", "ignore::UserWarning", "-c", code]
    ran = subprocess.run(
        command, cwd=CHECKOUT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    return ran.returncode, ran.stdout + ran.stderr


@pytest.mark.parametrize("signal", ALL)
def test_types_are_named_as_all_events_of_open_edx_are(signal):
    assert re.fullmatch(r"org\.openedx\.user_groups\.[a-z]+\.[a-z]+\.v1", signal.event_type)
    subject, action = signal.event_type.split(".")[3:5]
    assert getattr(signals, f"{subject}_{action}".upper()) is signal
    assert NAMES[signal.event_type] == f"{subject}_{action}".upper()


@pytest.mark.parametrize("signal", ALL)
def test_the_key_is_the_group_so_that_a_bus_keeps_the_order_of_its_events(signal):
    first, *path = KEY_FIELDS[signal.event_type].split(".")

    assert reduce(getattr, path, payload(signal)[first]) == GROUP.uuid


@pytest.mark.parametrize("signal", ALL)
def test_the_schema_is_the_one_that_consumers_know(signal):
    known = CHECKOUT / "tests" / "avro" / f"{signal.event_type.replace('.', '+')}_schema.avsc"

    assert schema_from_signal(signal) == json.loads(known.read_text(encoding="utf-8"))


@pytest.mark.parametrize("signal", ALL)
def test_what_arrives_is_what_was_sent(signal):
    sent = payload(signal)

    assert deserialize_bytes_to_event_data(serialize_event_data_to_bytes(sent, signal), signal) == sent


def test_the_platform_starts_when_the_settings_of_the_event_bus_name_our_events():
    code = (
        "import django; django.setup()\n"
        "from openedx_user_groups import signals as s\n"
        "print([len(each.receivers) for each in (s.GROUP_CREATED, s.GROUP_UPDATED, s.GROUP_DELETED, "
        "s.MEMBERSHIP_CHANGED)])"
    )
    bus = {"DJANGO_SETTINGS_MODULE": "tests.services.bus", "BUS": "redis://127.0.0.1:1/0", "BUS_PREFIX": "test"}

    assert in_a_process_of_its_own(code, **bus) == (0, "[2, 2, 2, 2]\n")


def test_the_events_can_be_moved_to_openedx_events_as_they_are():
    folder = CHECKOUT / "openedx_user_groups" / "signals"
    imports = re.compile(r"^(?:from|import) (\S+)", re.MULTILINE)
    found = {name for file in ("data.py", "signals.py") for name in imports.findall((folder / file).read_text())}

    assert found == {"attrs", "openedx_events.tooling", ".data"}
