"""Files that people send with a form: how large they may be, and who is named in them."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from ..exceptions import InvalidInput
from ..platform import people_file
from ..platform.people_file import Line, UnreadableFile

# What the rest of a form needs; and what is still read, so that the browser gets to the answer.
ROOM_FOR_THE_FORM = 1024 * 1024
STILL_READ = 16


def is_out_of_all_proportion(request: HttpRequest) -> bool:
    """Whether the body is so large that it is not even read to be refused."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    limit = STILL_READ * settings.OPENEDX_USER_GROUPS_MAX_UPLOAD_BYTES + ROOM_FOR_THE_FORM
    return length.isdigit() and int(length) > limit


def too_large() -> InvalidInput:
    """What is said of a file that is too large."""
    limit = filesizeformat(settings.OPENEDX_USER_GROUPS_MAX_UPLOAD_BYTES)
    told = _("The file is too large: at most {limit} are read. Split it into several files.")
    return InvalidInput("file", told.format(limit=limit))


def content(request: HttpRequest) -> bytes:
    """What is in the file of a form; raises InvalidInput that says what is wrong with it."""
    file = request.FILES.get("file")
    if file is None:
        raise InvalidInput("file", _("Choose a file."))
    if (file.size or 0) > settings.OPENEDX_USER_GROUPS_MAX_UPLOAD_BYTES:
        raise too_large()
    return file.read()


def people(request: HttpRequest) -> list[Line]:
    """Whom the file of a form names."""
    try:
        return bounded("file", people_file.lines(content(request)))
    except UnreadableFile as error:
        raise InvalidInput("file", error.message) from None


def bounded(field: str, found: Sequence[Line]) -> list[Line]:
    """As many people as may be named at once, and at least one; raises InvalidInput."""
    if not found:
        raise InvalidInput(field, _("It names nobody. Write at least one user name or e-mail address."))
    if len(found) > people_file.MAX_ROWS:
        told = _("It names {count} people; at most {limit} can be named at once. Split it into several parts.")
        raise InvalidInput(field, told.format(count=len(found), limit=people_file.MAX_ROWS))
    return list(found)
