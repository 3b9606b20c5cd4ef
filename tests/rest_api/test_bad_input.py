"""What is not right at all: bodies that are no JSON, of another type, too large; names that are none."""

import json

import pytest
from django.test import override_settings
from edx_rest_framework_extensions.testing import assert_error_envelope
from rest_framework.test import APIClient

from openedx_user_groups.models import UserGroup
from tests.by_api import VERIFIED, a_group
from tests.rest_api.campus import address, course_scope_json
from tests.rest_api.endpoints import REQUESTS, a_site

WITH_A_BODY = [
    ("groups", "post"),
    ("group", "patch"),
    ("members", "post"),
    ("members", "patch"),
    ("exclusions", "post"),
    ("explanations", "post"),
    ("previews", "post"),
    ("collections", "post"),
]
NO_JSON = {
    "broken": b'{"name": ',
    "two values": b"{} {}",
    "no UTF-8": b'{"name": "\xff"}',
    "another encoding": '{"name": "x"}'.encode("utf-16"),
    "not a number": b'{"name": NaN}',
    "infinite": b'{"revision": -Infinity}',
    "a key twice": b'{"name": "a", "name": "b"}',
    "a key twice deep inside": b'{"rule": {"all": [{"config": {"x": 1, "x": 2}}]}}',
    "very deep": b"[" * 100_000,
    "a very long number": b'{"revision": ' + b"9" * 5_000 + b"}",
    "blank": b"   ",
    "NUL": b"\0",
}
NO_OBJECTS = [b"[]", b'"text"', b"5", b"null", b"true", b"[{}]"]
OTHER_TYPES = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", "x"]


@pytest.fixture
def send(campus, staff):
    """Send any body to an endpoint."""
    site = a_site(campus)

    def call(endpoint, body, content_type="application/json"):
        name, method = endpoint
        path = address(name, *REQUESTS[endpoint].arguments(site))
        return staff.generic(method.upper(), path, body, content_type=content_type)

    return call


@pytest.mark.parametrize("endpoint", WITH_A_BODY, ids=" ".join)
def test_a_body_that_is_no_object_of_what_is_known_is_refused(send, endpoint):
    for why, body in NO_JSON.items():
        assert "JSON" in assert_error_envelope(send(endpoint, body), 400, "validation")["detail"], why
    for body in NO_OBJECTS:
        assert_error_envelope(send(endpoint, body), 400, "validation")
    for content_type in OTHER_TYPES:
        assert_error_envelope(send(endpoint, "name=x", content_type), 415, "unsupported-media-type")

    errors = send(endpoint, '{"nonsense": 1, "id": 5, "a/b~c": 1}').json()["errors"]
    assert {"/nonsense", "/id", "/a~1b~0c"} <= set(errors)

    with override_settings(OPENEDX_USER_GROUPS_MAX_UPLOAD_BYTES=1_000):
        too_large = send(endpoint, b'{"name": "' + b"x" * 1_000 + b'"}')
    assert_error_envelope(too_large, 413, "too-large")


def test_a_body_of_a_megabyte_is_read_by_default(campus, staff):
    body = {"scope": course_scope_json(campus.course), "name": "x", "description": "x" * 1_000_000}

    response = staff.post(address("groups"), body, format="json")

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {"/description"}


def test_a_name_that_is_none_is_refused(campus, staff):
    for name in ("", " ", "\0", "\ud800", "a\nb", "x" * 256, 5, True, None, ["x"]):
        body = json.dumps({"scope": course_scope_json(campus.course), "name": name})

        response = staff.post(address("groups"), body, content_type="application/json")

        assert response.status_code == 400
        assert set(response.json()["errors"]) == {"/name"}
    assert not UserGroup.objects.exists()


@pytest.mark.parametrize(
    ("part", "pointers"),
    [
        ({"description": 5}, {"/description"}),
        ({"description": "x" * 10_001}, {"/description"}),
        ({"description": "\0"}, {"/description"}),
        ({"tags": "x"}, {"/tags"}),
        ({"tags": [5]}, {"/tags/0"}),
        ({"tags": ["x", ""]}, {"/tags/1"}),
        ({"tags": ["x"] * 21}, {"/tags"}),
        ({"tags": ["x" * 65]}, {"/tags/0"}),
        ({"tags": None}, {"/tags"}),
        ({"rule": 5}, {"/rule"}),
        ({"rule": {"all": ["x"]}}, {"/rule/all/0"}),
        ({"rule": {"all": [VERIFIED["all"][0]] * 51}}, {"/rule/all/50"}),
        ({"rule": {"all": [{"criterion": "last_login", "operator": "in", "config": 1e999}]}}, None),
        ({"collection": "x"}, {"/collection"}),
        ({"collection": 5}, {"/collection"}),
        ({"uuid": "x"}, {"/uuid"}),
        ({"status": "active"}, {"/status"}),
        ({"member_count": 5}, {"/member_count"}),
    ],
)
def test_what_is_wrong_with_a_group_is_told_with_its_place(campus, staff, part, pointers):
    body = json.dumps({"scope": course_scope_json(campus.course), "name": "x", **part})

    response = staff.post(address("groups"), body, content_type="application/json")

    assert response.status_code == 400
    # Python writes what is no JSON; then the body as a whole is wrong.
    assert response.json().get("errors", {}).keys() == pointers or pointers is None
    assert not UserGroup.objects.exists()


NO_UUIDS = ["x", "1", "\0", "x" * 5_000, "ÿ", "%", "00000000-0000-0000-0000-000000000000", "nil"]


@pytest.mark.parametrize("name", ["group", "members", "exclusions", "refreshes", "revisions"])
def test_a_uuid_that_is_none_is_one_of_no_group(staff, name):
    for uuid in NO_UUIDS:
        assert_error_envelope(staff.get(address(name, uuid)), 404, "not-found")


def test_a_session_needs_its_csrf_token(campus):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(campus.person("staff"))

    response = client.post(address("groups"), {}, format="json")

    assert_error_envelope(response, 403, "authz")


def test_who_is_logged_out_is_told_how_to_log_in(campus):
    response = campus.client("anonymous").get(address("groups"))

    assert_error_envelope(response, 401, "authn")
    assert response["WWW-Authenticate"].startswith("JWT")


def test_errors_are_in_the_language_of_the_request(campus, staff):
    group = a_group(campus.scope)

    response = staff.get(address("refresh", group.uuid, "x"), HTTP_ACCEPT_LANGUAGE="de")

    assert response["Content-Language"] == "de"
    assert response.status_code == 404
