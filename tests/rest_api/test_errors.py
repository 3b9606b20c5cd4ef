"""Errors as bodies: every one of the family has a status of its own kind, and what nobody has foreseen is raised."""

import json

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError, ProgrammingError
from django.http import Http404
from edx_rest_framework_extensions.testing import assert_error_envelope
from rest_framework import exceptions as http
from rest_framework.renderers import JSONRenderer
from rest_framework.test import APIRequestFactory

from openedx_user_groups import api, exceptions
from openedx_user_groups.exceptions import RuleProblem, UserGroupsError
from openedx_user_groups.platform.people_file import UnreadableFile
from openedx_user_groups.rest_api.v1.errors import exception_handler
from openedx_user_groups.web.errors import BadQuery
from tests.rest_api.campus import address

STATUSES = {
    exceptions.InvalidScope: 400,
    exceptions.InvalidInput: 400,
    exceptions.InvalidGroup: 400,
    exceptions.InvalidRule: 400,
    UnreadableFile: 400,
    exceptions.GroupNotFound: 404,
    exceptions.CollectionNotFound: 404,
    exceptions.RunNotFound: 404,
    exceptions.FeatureDisabled: 404,
    exceptions.DuplicateName: 409,
    exceptions.GroupInUse: 409,
    exceptions.StaleRevision: 409,
    exceptions.WrongStatus: 409,
    exceptions.RefreshInProgress: 409,
    exceptions.WrongService: 409,
    exceptions.UnknownCriterion: 422,
    exceptions.CriterionUnavailable: 422,
    exceptions.CriterionFailed: 422,
    exceptions.UnknownSource: 422,
}


def answer(error):
    """The response, as it is sent."""
    response = exception_handler(error, {"request": APIRequestFactory().get("/path/"), "view": None})
    assert response is not None
    body = JSONRenderer().render(response.data)
    assert json.loads(body) == response.data
    return response


def an_error(kind):
    if issubclass(kind, exceptions.InvalidInput):
        return kind("name", "It is wrong.")
    if kind is exceptions.InvalidRule:
        return kind([RuleProblem("/all/0", "It is wrong.")])
    return kind()


def family(kind=UserGroupsError):
    return {below for child in kind.__subclasses__() for below in (child, *family(child))}


@pytest.mark.parametrize("kind", sorted(family(), key=lambda kind: kind.__name__))
def test_every_error_of_the_family_is_an_answer(kind):
    response = answer(an_error(kind))

    body = response.data
    assert response.status_code == body["status"] == STATUSES.get(kind, response.status_code)
    assert 400 <= response.status_code < 500
    assert body["type"].startswith("https://docs.openedx.org/errors/")
    assert body["instance"] == "/path/"
    assert body["title"] != "Internal Server Error"
    assert body["detail"]


def test_no_error_that_clients_meet_is_forgotten():
    assert set(STATUSES) <= family()


@pytest.mark.parametrize(
    ("error", "errors"),
    [
        (exceptions.DuplicateName("name", "It is taken."), {"/name": ["It is taken."]}),
        (exceptions.InvalidScope("There is none."), {"/scope": ["There is none."]}),
        (UnreadableFile("Line 1: it is wrong."), {"/file": ["Line 1: it is wrong."]}),
        (exceptions.CriterionFailed("It failed.").at("/all/0"), {"/rule/all/0": ["It failed."]}),
        (
            exceptions.InvalidRule([RuleProblem("", "a"), RuleProblem("/x", "b"), RuleProblem("/x", "c")]),
            {"/rule": ["a"], "/rule/x": ["b", "c"]},
        ),
        (http.ValidationError("wrong"), {"": ["wrong"]}),
        (http.ValidationError({"a": {"b": ["c", "d"]}}), {"/a/b": ["c", "d"]}),
        (http.ValidationError({"a": {3: ["c"]}}), {"/a/3": ["c"]}),
        (http.ValidationError({"a": [{}, {"b": ["c"]}]}), {"/a/1/b": ["c"]}),
        (http.ValidationError({"a": {"non_field_errors": ["c"]}}), {"/a": ["c"]}),
        (http.ValidationError({"a/b~c": ["d"]}), {"/a~1b~0c": ["d"]}),
        (BadQuery({"page": ["wrong"]}), {"page": ["wrong"]}),
        (exceptions.InvalidRule([RuleProblem("/\ud800", "\ud800 is wrong")]), {"/rule/\\ud800": ["\\ud800 is wrong"]}),
    ],
)
def test_what_is_wrong_is_told_by_its_place(error, errors):
    assert answer(error).data["errors"] == errors


def test_one_fault_is_the_detail_and_several_are_counted():
    assert answer(http.ValidationError({"a": ["b"]})).data["detail"] == "/a: b"
    assert "2" in answer(http.ValidationError({"a": ["b"], "c": ["d"]})).data["detail"]
    assert answer(http.ValidationError("wrong")).data["detail"] == "wrong"


@pytest.mark.parametrize(
    ("error", "status", "slug"),
    [
        (Http404("x"), 404, "not-found"),
        (PermissionDenied("x"), 403, "authz"),
        (SuspiciousOperation("x"), 400, "validation"),
        (RequestDataTooBig("x"), 413, "too-large"),
        (http.ParseError("x"), 400, "validation"),
        (http.MethodNotAllowed("PUT"), 405, "method-not-allowed"),
        (http.NotAcceptable(), 406, "not-acceptable"),
        (http.UnsupportedMediaType("x/y"), 415, "unsupported-media-type"),
        (http.Throttled(5), 429, "rate-limited"),
        (OperationalError("database is locked"), 503, "busy"),
        (OperationalError(1213, "Deadlock found"), 503, "busy"),
    ],
)
def test_errors_of_the_frameworks_have_the_same_shape(error, status, slug):
    body = assert_error_envelope(answer(error), status, slug)

    assert "errors" not in body or slug == "validation"


def test_who_meets_others_is_told_when_to_try_again():
    assert answer(OperationalError("database is locked"))["Retry-After"] == "1"


@pytest.mark.parametrize("error", [ZeroDivisionError(), OperationalError("no such host"), ProgrammingError("no table")])
def test_what_nobody_has_foreseen_is_raised(error):
    assert exception_handler(error, {"request": None, "view": None}) is None


def test_it_reaches_whoever_watches_the_service(campus, staff, monkeypatch):
    monkeypatch.setattr(api, "all_groups", lambda: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        staff.get(address("groups"))
