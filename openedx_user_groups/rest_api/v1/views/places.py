"""Places: what learners see of the groups that they choose from, without any permission to manage groups."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from .... import api
from ....data import PlaceData
from ....models import GroupCollection
from ....web import access, queries
from ..pages import Pages
from ..schema import COLLECTION, GROUP
from ..serializers.places import UserGroupOfferSerializer, UserGroupPlaceSerializer, UserGroupPlacesSerializer
from .base import Endpoint, shown


class OffersEndpoint(Endpoint):
    """The collections in which whoever asks chooses a group by themselves."""

    pagination_class = Pages

    @extend_schema(parameters=[queries.OfferedQuery], responses=UserGroupOfferSerializer(many=True))
    def list(self, request: Request) -> Response:
        """They by name, a page at a time."""
        query = self.query(queries.OfferedQuery)
        rows = access.offered(self.person, query)
        return self.listed(rows, lambda page: shown(UserGroupOfferSerializer, list(page)))

    @extend_schema(parameters=[COLLECTION], responses=UserGroupPlacesSerializer)
    def retrieve(self, request: Request, collection_uuid: str) -> Response:
        """One of them with its groups: how many places are left, and which one is one's own."""
        self.query()
        row, places = access.collection_offered(self.person, collection_uuid)
        return Response(shown(UserGroupPlacesSerializer, _offer(row, places)))


def _offer(row: GroupCollection, places: tuple[PlaceData, ...]) -> dict[str, object]:
    return {"uuid": row.uuid, "scope": row.scope, "name": row.name, "places": list(places)}


@extend_schema(parameters=[GROUP])
class PlacesEndpoint(Endpoint):
    """A group that whoever asks may be in by choice."""

    @extend_schema(responses=UserGroupPlaceSerializer)
    def retrieve(self, request: Request, group_uuid: str) -> Response:
        """How many places are left in it, and whether one is in it."""
        self.query()
        return Response(self._shown(group_uuid))

    @extend_schema(request=None, responses=UserGroupPlaceSerializer)
    def update(self, request: Request, group_uuid: str) -> Response:
        """Join the group; whoever had joined another one of its collection leaves that."""
        self.query()
        api.join_group(self._uuid(group_uuid), self.person.user_id)
        return Response(self._shown(group_uuid))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, group_uuid: str) -> Response:
        """Leave the group, after one has joined it by oneself; who is not in it stays out."""
        self.query()
        api.leave_group(self._uuid(group_uuid), self.person.user_id)
        return Response(status=204)

    def _uuid(self, group_uuid: str) -> UUID:
        return access.group_offered(self.person, group_uuid).group_uuid

    def _shown(self, group_uuid: str) -> object:
        return shown(UserGroupPlaceSerializer, access.group_offered(self.person, group_uuid))
