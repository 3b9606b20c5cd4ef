"""Errors by their status over HTTP: what is raised below, and what only a request can do wrong."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from edx_rest_framework_extensions.errors import Conflict  # type: ignore[import-untyped]
from rest_framework import exceptions as http
from rest_framework import status

from .. import exceptions as ours
from ..retrying import is_passing


class CannotEvaluate(http.APIException):
    """The rule is valid, and a criterion in it cannot be asked now."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "cannot_evaluate"


class Busy(http.APIException):
    """The database gave up on it, and may well not do so the next time."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = gettext_lazy("Others are changing the same at this moment; try again.")
    default_code = "busy"
    # Seconds, for the header Retry-After.
    wait = 1


class BadQuery(http.ValidationError):
    """A parameter of the query is wrong."""


class BodyTooLarge(http.APIException):
    """The body of the request, or the file in it, is larger than the operator allows."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = gettext_lazy("The request is too large.")
    default_code = "too_large"

    def __init__(self) -> None:
        limit = settings.OPENEDX_USER_GROUPS_MAX_UPLOAD_BYTES
        super().__init__(_("The request is too large: at most {limit} bytes are allowed.").format(limit=limit))


def as_http(error: Exception) -> http.APIException | None:
    """The error with its status code; None for what nobody has foreseen."""
    if isinstance(error, ours.UserGroupsError):
        return _of_ours(error)
    if isinstance(error, RequestDataTooBig):
        return BodyTooLarge()
    if isinstance(error, SuspiciousOperation):
        return http.ParseError(str(error))
    if isinstance(error, Http404):
        return http.NotFound()
    if isinstance(error, PermissionDenied):
        return http.PermissionDenied()
    if isinstance(error, DatabaseError) and is_passing(error):
        return Busy()
    return error if isinstance(error, http.APIException) else None


def _of_ours(error: ours.UserGroupsError) -> http.APIException:
    if isinstance(
        error,
        ours.GroupNotFound | ours.CollectionNotFound | ours.RunNotFound | ours.ImportNotFound | ours.FeatureDisabled,
    ):
        return http.NotFound(error.message)
    if isinstance(
        error,
        ours.DuplicateName
        | ours.GroupInUse
        | ours.StaleRevision
        | ours.WrongStatus
        | ours.RefreshInProgress
        | ours.WrongService,
    ):
        return Conflict(error.message)
    if isinstance(error, ours.CriterionError):
        return CannotEvaluate(error.message)
    return http.ValidationError(error.message)


def printable(text: str) -> str:
    """``text`` with what cannot be encoded, half of a surrogate pair, shown as its code."""
    return text.encode(errors="backslashreplace").decode()
