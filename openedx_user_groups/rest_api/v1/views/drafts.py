"""Drafts: a changed rule that waits to be activated, and what it would do."""

from __future__ import annotations

from functools import partial

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from .... import api
from ....permissions import Action
from ....web import queries
from ..pages import Pages
from ..schema import GROUP
from ..serializers.revisions import UserGroupDraftSerializer
from ..serializers.users import UserGroupPersonSerializer
from .base import Endpoint, shown


@extend_schema(parameters=[GROUP])
class DraftEndpoint(Endpoint):
    """The draft of a group."""

    more_errors = (422,)

    @extend_schema(responses=UserGroupDraftSerializer)
    def retrieve(self, request: Request, group_uuid: str) -> Response:
        """What activating it would do now; nothing is written."""
        self.query()
        effect = api.draft_effect(self.group(group_uuid).uuid, asker=self.person)
        return Response(shown(UserGroupDraftSerializer, [effect])[0])

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, group_uuid: str) -> Response:
        """Forget it; what is in force goes on."""
        self.query()
        api.discard_draft(self.group(group_uuid, Action.MANAGE).uuid, **self.asking())
        return Response(status=204)


@extend_schema(parameters=[GROUP])
class DraftPeopleEndpoint(Endpoint):
    """Whom the draft of a group is about."""

    more_errors = (422,)
    pagination_class = Pages

    @extend_schema(parameters=[queries.ChangeQuery], responses=UserGroupPersonSerializer(many=True))
    def list(self, request: Request, group_uuid: str) -> Response:
        """Those who would join or leave now, by user name."""
        query = self.query(queries.ChangeQuery)
        group = self.group(group_uuid)
        users = api.draft_people(group.uuid, joins=query["of"] == "joining", asker=self.person)
        return self.listed(users.order_by("username"), partial(self.people, group.uuid))
