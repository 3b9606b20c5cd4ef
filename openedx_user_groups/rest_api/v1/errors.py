"""Errors as the bodies that clients get: all of them are rendered here, in the shape that Open edX has agreed on.

``type``, ``title``, ``status``, ``detail`` and ``instance``, and with ``errors`` where something in the request is
wrong: sentences by JSON pointer into the body ("/rule/all/0/config/days"), or by the name of the query parameter;
with ``uses`` where others are built on what somebody wants to be rid of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from edx_rest_framework_extensions.errors import (  # type: ignore[import-untyped]
    error_type_uri,
    standardized_error_exception_handler,
)
from rest_framework import exceptions as http
from rest_framework import serializers, status
from rest_framework.response import Response

from ... import exceptions as ours
from ...platform.people_file import UnreadableFile
from ...web.errors import BadQuery, as_http, printable

Errors = dict[str, list[str]]


# What the agreement has no name for, by the status.
TITLES = {
    status.HTTP_405_METHOD_NOT_ALLOWED: ("method-not-allowed", gettext_lazy("Method Not Allowed")),
    status.HTTP_406_NOT_ACCEPTABLE: ("not-acceptable", gettext_lazy("Not Acceptable")),
    status.HTTP_413_REQUEST_ENTITY_TOO_LARGE: ("too-large", gettext_lazy("Request Too Large")),
    status.HTTP_415_UNSUPPORTED_MEDIA_TYPE: ("unsupported-media-type", gettext_lazy("Unsupported Media Type")),
    status.HTTP_422_UNPROCESSABLE_ENTITY: ("cannot-evaluate", gettext_lazy("Rule Cannot Be Evaluated")),
    status.HTTP_503_SERVICE_UNAVAILABLE: ("busy", gettext_lazy("Busy")),
}


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """The response for an error; None for what nobody has foreseen, which is raised for the operator to see."""
    known = as_http(error)
    if known is None:
        return None
    response: Response = standardized_error_exception_handler(known, context)
    body: dict[str, Any] = response.data
    if response.status_code in TITLES:
        slug, title = TITLES[response.status_code]
        body["type"], body["title"] = error_type_uri(slug), str(title)
    elif isinstance(known, http.ParseError):
        body["type"], body["title"] = error_type_uri("validation"), _("Validation Error")
    errors = _errors(error, known)
    if errors:
        body["errors"] = errors
        body["detail"] = _summary(errors)
    if isinstance(error, ours.GroupInUse):
        body["uses"] = [printable(use) for use in error.uses]
    body["detail"] = printable(str(body["detail"]))
    return response


def _errors(error: Exception, known: http.APIException) -> Errors:
    """What is wrong where, if anything in the request is."""
    if isinstance(error, ours.InvalidRule):
        return _grouped((f"/rule{problem.path}", problem.message) for problem in error.problems)
    if isinstance(error, ours.CriterionError):
        return {f"/rule{error.path}": [printable(error.message)]} if error.path else {}
    if isinstance(error, ours.InvalidInput):
        return {f"/{error.field}": [error.sentence]}
    if isinstance(error, ours.InvalidScope):
        return {"/scope": [error.message]}
    if isinstance(error, UnreadableFile):
        return {"/file": [error.message]}
    if isinstance(known, BadQuery):
        return {name.removeprefix("/"): messages for name, messages in _grouped(_walk(known.detail, "")).items()}
    return _grouped(_walk(known.detail, "")) if isinstance(known, http.ValidationError) else {}


def _walk(detail: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every sentence of what the REST framework says of a request, with its JSON pointer."""
    if isinstance(detail, Mapping):
        for key, part in detail.items():
            name = str(key).replace("~", "~0").replace("/", "~1")
            yield from _walk(part, path if name == "non_field_errors" else f"{path}/{name}")
    elif isinstance(detail, list):
        for place, part in enumerate(detail):
            # Lists hold sentences, or one object for each item of a list.
            yield from _walk(part, f"{path}/{place}" if isinstance(part, Mapping) else path)
    else:
        yield path, str(detail)


def _grouped(found: Iterator[tuple[str, str]]) -> Errors:
    errors: Errors = {}
    for path, sentence in found:
        errors.setdefault(printable(path), []).append(printable(sentence))
    return errors


def _summary(errors: Errors) -> str:
    (path, (first, *more)), *others = errors.items()
    if more or others:
        count = sum(map(len, errors.values()))
        return _("{count} things are wrong with the request; errors lists them.").format(count=count)
    return f"{path}: {first}" if path else first


class UserGroupErrorSerializer(serializers.Serializer[Any]):
    """What went wrong."""

    type = serializers.URLField(help_text="The kind of error, as an address.")
    title = serializers.CharField(help_text="The kind of error, for people.")
    status = serializers.IntegerField(help_text="The status code of the response.")
    detail = serializers.CharField(help_text="What is wrong, and the way out.")
    instance = serializers.CharField(help_text="The path that was asked for.")
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="What is wrong where: sentences by JSON pointer into the body, or by parameter of the query.",
    )
    uses = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="What is built on the group, of which one may not see all by name; it has to be changed first.",
    )
