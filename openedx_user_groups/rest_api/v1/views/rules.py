"""Previews and explanations of rules."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from .... import api
from ....exceptions import GroupNotFound, InvalidInput
from ....models import GroupCollection
from ....web import access
from ....web.accounts import accounts
from ..schema import GROUP
from ..serializers.rules import (
    UserGroupExplanationRequest,
    UserGroupExplanationSerializer,
    UserGroupExplanationsSerializer,
    UserGroupPreviewRequest,
    UserGroupPreviewSerializer,
)
from .base import Endpoint, shown


class PreviewsEndpoint(Endpoint):
    """Try rules out."""

    more_errors = (422,)

    @extend_schema(request=UserGroupPreviewRequest, responses={200: UserGroupPreviewSerializer})
    def create(self, request: Request) -> Response:
        """Whom a rule would hold now; nothing is stored."""
        self.query()
        body = self.body(UserGroupPreviewRequest)
        scope = access.scope(self.person, body["scope"])
        group = self._named(body["group"]) if "group" in body else None
        found = api.preview(scope, body["rule"], group=group, user_ids=body["people"] > 0, **self.asking())
        people = accounts((found.user_ids or ())[: body["people"]])
        data = {
            "population": found.population,
            "count": found.count,
            "kept_out": found.kept_out,
            "leaves": found.leaves,
            "people": sorted(people.values(), key=lambda person: person.username),
        }
        return Response(shown(UserGroupPreviewSerializer, data))

    def _named(self, uuid: UUID) -> UUID:
        try:
            return self.group(str(uuid)).uuid
        except GroupNotFound as error:
            raise InvalidInput("group", error.message) from None


class ExplanationsEndpoint(Endpoint):
    """Why people are in a group or not."""

    more_errors = (422,)

    @extend_schema(
        parameters=[GROUP], request=UserGroupExplanationRequest, responses={200: UserGroupExplanationsSerializer}
    )
    def create(self, request: Request, group_uuid: str) -> Response:
        """What the rule of the group is for each of the people; nothing is stored. Of everybody else: who has them."""
        self.query()
        group = access.group_or_rest(self.person, group_uuid)
        uuid = group.rest_uuid if isinstance(group, GroupCollection) else group.uuid
        people = self.body(UserGroupExplanationRequest)["people"]
        found = api.explain(uuid, people, discreet=access.is_discreet(self.person), asker=self.person)
        ids = [explanation.user_id for explanation in found]
        return Response({"explanations": shown(UserGroupExplanationSerializer, found, ids)})
