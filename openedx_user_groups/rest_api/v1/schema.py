"""The OpenAPI schema of the endpoints: what each may answer beside its own responses."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from .errors import UserGroupErrorSerializer

ANSWERS = {
    400: "The request is wrong; errors says where.",
    401: "Nobody is logged in.",
    403: "They may see it, but not do this; or the CSRF token is missing.",
    404: "There is no such thing that they may see, or user groups are switched off there.",
    405: "The endpoint does not know the method.",
    406: "The endpoint does not offer the media type that was asked for.",
    409: "It does not fit what is stored: a name is taken, the revision is old, the status does not allow it.",
    413: "The body is larger than the operator allows.",
    415: "The media type of the body is not one that the endpoint reads.",
    422: "The rule is valid, and a criterion in it cannot be asked now.",
    503: "Others are changing the same at this moment; try again.",
}
ALWAYS = (400, 401, 403, 404, 405, 406)
WITH_A_BODY = (413, 415)
WHEN_WRITING = (409, 503)


class EndpointSchema(AutoSchema):
    """Every endpoint documents the errors that any of its kind may answer; ``view.more_errors`` adds some."""

    def get_operation(self, *args: Any, **options: Any) -> Any:
        """Add the errors to what is said of the endpoint itself."""
        operation = super().get_operation(*args, **options)
        if operation is not None:
            body = self.resolve_serializer(UserGroupErrorSerializer, "response").ref
            for code in sorted(self._codes()):
                answer = {"description": ANSWERS[code], "content": {"application/json": {"schema": body}}}
                operation["responses"].setdefault(str(code), answer)
        return operation

    def _codes(self) -> set[int]:
        codes = {*ALWAYS, *getattr(self.view, "more_errors", ())}
        if self.method in ("POST", "PATCH"):
            codes |= {*WITH_A_BODY}
        if self.method != "GET":
            codes |= {*WHEN_WRITING}
        return codes

    def get_tags(self) -> list[str]:
        """All endpoints stand together."""
        return ["user_group"]


def _in_path(name: str, kind: Any, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, kind, OpenApiParameter.PATH, description=description)


GROUP = _in_path("group_uuid", OpenApiTypes.UUID, "The group.")
MOVING = _in_path("group_uuid", OpenApiTypes.UUID, "The group that moves.")
COLLECTION = _in_path("collection_uuid", OpenApiTypes.UUID, "The collection.")
RUN = _in_path("run_uuid", OpenApiTypes.UUID, "The refresh.")
USERNAME = _in_path("username", OpenApiTypes.STR, "The user name.")
NUMBER = _in_path("number", OpenApiTypes.INT, "The number of the revision.")
NAME = _in_path("name", OpenApiTypes.STR, "What rules store.")
REASON = OpenApiParameter("reason", OpenApiTypes.STR, description="Why, for those who look after the group.")
LOCATION = OpenApiParameter(
    "Location", OpenApiTypes.URI, OpenApiParameter.HEADER, description="Where it can be read.", response=[201, 202]
)
FORMAT = OpenApiParameter("format", description="csv for all of them in a file.", enum=["csv", "json"])
