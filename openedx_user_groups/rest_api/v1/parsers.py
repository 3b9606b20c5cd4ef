"""Bodies of requests: how large they may be, and JSON without what Python would pass over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, MultiPartParser

from ...web.errors import BodyTooLarge

# What a form needs beside the file: boundaries and headers.
ROOM_FOR_THE_FORM = 10_000


class JSONBody(BaseParser):
    """JSON in UTF-8, as its standard has it: no NaN, and no key twice, of which one would be lost."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """What the body holds; raises ParseError or BodyTooLarge."""
        limit = settings.OPENEDX_USER_GROUPS_MAX_UPLOAD_BYTES
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise BodyTooLarge
        try:
            return json.loads(body.decode(), object_pairs_hook=_object, parse_constant=_refuse)
        except UnicodeDecodeError:
            raise ParseError(_("The body is not JSON: it is not UTF-8.")) from None
        except RecursionError:
            raise ParseError(_("The body is not JSON that can be read: it is nested too deep.")) from None
        except ValueError as error:
            raise ParseError(_("The body is not JSON: {error}.").format(error=error)) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(_("an object has the key {key!r} twice").format(key=key[:100]))
        found[key] = value
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(_("{constant} is no number").format(constant=constant))


class Upload(MultiPartParser):
    """A form with a file, refused before it is read when it is too large."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The form; raises ParseError or BodyTooLarge."""
        length = int((parser_context or {})["request"].META.get("CONTENT_LENGTH") or 0)
        if length > settings.OPENEDX_USER_GROUPS_MAX_UPLOAD_BYTES + ROOM_FOR_THE_FORM:
            raise BodyTooLarge
        return super().parse(stream, media_type, parser_context)
