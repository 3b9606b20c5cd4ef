"""The groups of collections: moved in and out, their weights, and those that are made of choices."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from attrs import asdict
from django.db.models import Q
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from .... import api
from ....evaluation.matching import users_where
from ....exceptions import GroupNotFound, InvalidGroup, WrongStatus
from ....ids import IsAnyOf
from ....models import GroupCollection
from ....permissions import Action
from ....web import narrowing, queries
from ....web.accounts import usernames
from ....web.people import told_of
from ..pages import Pages
from ..schema import COLLECTION, GROUP, MOVING
from ..serializers.collections import (
    UserGroupArrival,
    UserGroupChoicesSerializer,
    UserGroupMoveSerializer,
    UserGroupOverlapPersonSerializer,
    UserGroupSeatSerializer,
    UserGroupWeights,
    UserGroupWeightsSerializer,
)
from .base import Endpoint, shown


@extend_schema(parameters=[COLLECTION])
class CollectionGroupsEndpoint(Endpoint):
    """The groups of a collection."""

    pagination_class = Pages

    @extend_schema(parameters=[queries.PageQuery], responses=UserGroupSeatSerializer(many=True))
    def list(self, request: Request, collection_uuid: str) -> Response:
        """They in their order: of several that match somebody, the first counts."""
        self.query(queries.PageQuery)
        rows = api.all_groups().filter(collection=self.collection(collection_uuid))
        rows = rows.select_related(None).prefetch_related(None).annotate(is_dynamic=narrowing.IS_DYNAMIC)
        return self.listed(rows.order_by("priority", "id"), lambda page: shown(UserGroupSeatSerializer, page))

    @extend_schema(request=UserGroupArrival, responses={200: UserGroupMoveSerializer})
    def create(self, request: Request, collection_uuid: str) -> Response:
        """Move a group here with its members. Who is in two then stays where they were, unless put in by hand."""
        self.query()
        row = self.collection(collection_uuid, Action.MANAGE)
        group = self.body(UserGroupArrival)["group"]
        try:
            group = self.group(str(group)).uuid
        except GroupNotFound as error:
            raise InvalidGroup("group", error.message) from None
        moved = api.move_group(group, collection=row.uuid, **self.asking())
        return Response(shown(UserGroupMoveSerializer, moved))

    @extend_schema(parameters=[GROUP], responses={204: None})
    def destroy(self, request: Request, collection_uuid: str, group_uuid: str) -> Response:
        """Move a group out, with its members: it is one by itself then."""
        self.query()
        row = self.collection(collection_uuid, Action.MANAGE)
        group = self.group(group_uuid, Action.MANAGE)
        if group.collection_id != row.pk:
            raise NotFound(_("There is no group {uuid!r} in this collection.").format(uuid=group_uuid))
        if row.is_implicit:
            raise WrongStatus(_("The collection was made for this group alone."))
        api.move_group(group.uuid, collection=None, **self.asking())
        return Response(status=204)


@extend_schema(parameters=[COLLECTION, MOVING])
class OverlapEndpoint(Endpoint):
    """What moving a group into a collection would do."""

    @extend_schema(responses=UserGroupMoveSerializer)
    def retrieve(self, request: Request, collection_uuid: str, group_uuid: str) -> Response:
        """How many would be in two groups then; nothing is written."""
        self.query()
        row, group = self.collection(collection_uuid), self.group(group_uuid)
        return Response(shown(UserGroupMoveSerializer, api.preview_move(row.uuid, group.uuid)))


@extend_schema(parameters=[COLLECTION, MOVING])
class OverlapPeopleEndpoint(Endpoint):
    """Who would be in two groups then."""

    pagination_class = Pages

    @extend_schema(parameters=[queries.PageQuery], responses=UserGroupOverlapPersonSerializer(many=True))
    def list(self, request: Request, collection_uuid: str, group_uuid: str) -> Response:
        """They by user name, and in which one they would stay."""
        self.query(queries.PageQuery)
        row, group = self.collection(collection_uuid), self.group(group_uuid)
        api.preview_move(row.uuid, group.uuid)
        in_two, kept = api.users_in_two(row.uuid, group.uuid)
        users = users_where(Q(IsAnyOf("pk", in_two))).order_by("username")
        return self.listed(users, partial(self._shown, group.uuid, kept))

    def _shown(self, group_uuid: Any, kept: set[int], users: Sequence[Any]) -> Any:
        stay = set(usernames(user.pk for user in users if user.pk in kept).values())
        told = told_of(self.person, group_uuid, users)
        return shown(
            UserGroupOverlapPersonSerializer, [{**asdict(each), "is_kept": each.username in stay} for each in told]
        )


@extend_schema(parameters=[COLLECTION])
class WeightsEndpoint(Endpoint):
    """How newcomers of a random collection are shared out among its groups."""

    @extend_schema(request=UserGroupWeights, responses=UserGroupWeightsSerializer)
    def partial_update(self, request: Request, collection_uuid: str) -> Response:
        """Give groups other weights; of those that have too many then, as many people move as there are too many."""
        self.query()
        row = self.collection(collection_uuid, Action.MANAGE)
        moved = api.set_weights(row.uuid, self.body(UserGroupWeights)["weights"], **self.acting())
        return Response(shown(UserGroupWeightsSerializer, {"moved": moved}))


@extend_schema(parameters=[COLLECTION])
class ChoicesEndpoint(Endpoint):
    """The choices of which a generated collection is made."""

    more_errors = (422,)

    @extend_schema(request=None, responses={200: UserGroupChoicesSerializer})
    def create(self, request: Request, collection_uuid: str) -> Response:
        """Look for new choices now, and make a group for each; the schedule does that regularly."""
        self.query()
        row = self.collection(collection_uuid, Action.MANAGE)
        if row.kind != GroupCollection.Kind.GENERATED:
            raise WrongStatus(_("The groups of this collection are not made of the choices of a criterion."))
        made = api.keep_generated(row.uuid, **self.acting())
        return Response(shown(UserGroupChoicesSerializer, {"made": made}))
