"""The reference of the REST API: its examples work as written, and no endpoint is missing from it."""

import json
import re
import shlex
from pathlib import Path
from textwrap import dedent
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver
from django.utils import timezone

from openedx_user_groups.models import GroupCollection, RefreshRun, UserGroup
from tests.factories import a_learner, profile
from tests.rest_api.campus import KEY
from tests.rest_api.endpoints import configured

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "references" / "rest_api.rst"
API = "/api/user_group/v1"
BLOCK = re.compile(r"^\.\. code-block:: (bash|json)\n\n((?:(?: {3}.*)?\n)+)", re.MULTILINE)


def blocks():
    """The examples in their order: a request, and what the reference says that it answers, if it says so."""
    found = []
    for language, text in BLOCK.findall(REFERENCE.read_text(encoding="utf-8")):
        if language == "bash":
            found.append([dedent(text), None])
        elif found[-1][1] is None:
            found[-1][1] = json.loads(text)
    return found


def send(client, command):
    """What a curl command asks for, asked of the client."""
    words = iter(shlex.split(command.replace("\\\n", " ")))
    assert next(words) == "curl"
    method, address, options = None, None, {}
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            assert (name, value) in {("Authorization", "JWT $TOKEN"), ("Content-Type", "application/json")}
        elif word == "--data":
            options = {"data": filled(next(words)), "content_type": "application/json"}
        elif word == "--form":
            field, _, name = next(words).partition("=@")
            options = {"data": {field: SimpleUploadedFile(name, b"username\nana\n")}, "format": "multipart"}
        else:
            address = word
    return getattr(client, (method or ("POST" if options else "GET")).lower())(filled(address), **options)


def filled(address):
    """An address or a body with what its variables stand for."""
    found = {
        "$GROUP": UserGroup.objects.filter(name="At risk").first(),
        "$REFRESH": RefreshRun.objects.order_by("pk").last(),
        "$COLLECTION": GroupCollection.objects.filter(name__in=["Teams", "Crews"]).first(),
    }
    for name, row in found.items():
        address = address.replace(name, str(row and row.uuid))
    return address.replace("$API", API)


def shape(value):
    """The names of all members, however deep, of the first entry of each list."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items() if key not in ("rule", "summary", "errors", "value")}
    return [shape(part) for part in value[:1]] if isinstance(value, list) else None


@pytest.fixture
def people(campus):
    long_ago = timezone.now().replace(year=2020)
    profile(a_learner(campus.course, "verified", username="ana", last_login=long_ago), name="Ana Ant")
    a_learner(campus.course, "verified", username="bo")


@pytest.mark.usefixtures("people")
def test_the_examples_work_in_their_order_and_answer_as_written(staff):
    assert KEY in REFERENCE.read_text(encoding="utf-8")
    for command, expected in blocks():
        response = send(staff, command)
        assert 200 <= response.status_code < 300, (command, response.content)
        if expected is not None and "type" not in expected:
            assert shape(response.json()) == shape(expected), command


@pytest.mark.usefixtures("people")
def test_the_first_example_answers_just_what_is_written(staff):
    command, expected = blocks()[0]

    assert send(staff, command).json() == expected


def test_the_error_is_one_that_is_answered(staff):
    (written,) = [
        json.loads(text)
        for language, text in BLOCK.findall(REFERENCE.read_text(encoding="utf-8"))
        if language == "json" and '"errors"' in text
    ]
    body = {
        "scope": {"type": "course", "key": KEY},
        "rule": {"all": [{"criterion": "last_login", "operator": "more_than_days_ago", "config": {}}]},
    }

    assert staff.post(written["instance"], body, format="json").json() == written


def test_no_endpoint_is_missing():
    text = REFERENCE.read_text(encoding="utf-8")
    rows = dict(re.findall(r"^``([a-z_/{}]+/)`` +((?:[A-Z]+, )*[A-Z]+)  ", text, re.MULTILINE))
    reverse = get_resolver("openedx_user_groups.rest_api.v1.urls").reverse_dict
    listed = {
        (name, method.lower())
        for name, _method in configured()
        for method in rows[re.sub(r"%\((\w+)\)s", r"{\1}", unquote(reverse.getlist(name)[0][0][0][0]))].split(", ")
    }

    assert listed == configured()
    assert len(rows) == len({name for name, _method in configured()})
