"""Files of people."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from .... import api
from ....permissions import Action
from ....platform import people_file
from ....platform.people_file import UnreadableFile
from ....web.errors import BodyTooLarge
from ..parsers import Upload
from ..schema import GROUP
from ..serializers.members import UserGroupImportSerializer, UserGroupUpload
from .members import PeopleEndpoint, shown_outcomes

# Without one, it is what it turns out to be.
SUFFIXES = ("", ".csv", ".txt")


@extend_schema(parameters=[GROUP])
class ImportsEndpoint(PeopleEndpoint):
    """Put the people of a file into a group."""

    parser_classes = (Upload,)

    @extend_schema(request=UserGroupUpload, responses={200: UserGroupImportSerializer})
    def create(self, request: Request, group_uuid: str) -> Response:
        """Read a file and put its people into the group by hand, with an outcome for each row."""
        self.query()
        group = self.group(group_uuid, Action.MANAGE)
        content = _content(self.body(UserGroupUpload)["file"])
        outcomes = api.import_members(group.uuid, content, **self.changing())
        summary = Counter(outcome.outcome for outcome in outcomes)
        return Response({"summary": summary, "outcomes": shown_outcomes(outcomes)})


def _content(file: UploadedFile[Any]) -> bytes:
    if PurePath(file.name or "").suffix.lower() not in SUFFIXES:
        raise UnreadableFile(_("It is no text file by its name, which must end in .csv or .txt."))
    if (file.size or 0) > settings.OPENEDX_USER_GROUPS_MAX_UPLOAD_BYTES:
        raise BodyTooLarge
    content = file.read()
    if len(people_file.lines(content)) > people_file.MAX_ROWS:
        told = _("It has more than {limit} rows; split it into several files.")
        raise UnreadableFile(told.format(limit=people_file.MAX_ROWS))
    return content
