"""Refreshes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from .... import api
from ....data import RunData
from ....models import RefreshRun
from ....permissions import Action
from ....web import access, narrowing, queries
from ..pages import Pages
from ..schema import GROUP, LOCATION, RUN
from ..serializers.refreshes import UserGroupDecision, UserGroupRefreshSerializer
from ..serializers.users import UserGroupPersonSerializer
from .base import Endpoint, shown


@extend_schema(parameters=[GROUP])
class RefreshesEndpoint(Endpoint):
    """The refreshes of a group."""

    pagination_class = Pages

    @extend_schema(parameters=[queries.RefreshesQuery], responses=UserGroupRefreshSerializer(many=True))
    def list(self, request: Request, group_uuid: str) -> Response:
        """The refreshes of a group, newest first."""
        query = self.query(queries.RefreshesQuery)
        uuid = self.group(group_uuid).uuid
        rows = narrowing.refreshes(api.runs_of(uuid), query)
        return self.listed(rows, lambda page: _shown(self._data(uuid, page)))

    def _data(self, group_uuid: UUID, rows: Iterable[RefreshRun]) -> Sequence[RunData]:
        return api.runs_data(rows, group=group_uuid, asker=self.person)

    @extend_schema(request=None, responses={202: UserGroupRefreshSerializer}, parameters=[LOCATION])
    def create(self, request: Request, group_uuid: str) -> Response:
        """Let a worker refresh the group; when a refresh waits already, it is that one."""
        self.query()
        group = self.group(group_uuid, Action.MANAGE)
        run = api.request_refresh(group.uuid, **self.acting())
        address = reverse("openedx_user_groups:refresh", args=[group.uuid, run.uuid])
        headers = {"Location": request.build_absolute_uri(address)}
        return Response(_shown([run])[0], status=202, headers=headers)

    @extend_schema(parameters=[RUN], responses=UserGroupRefreshSerializer)
    def retrieve(self, request: Request, group_uuid: str, run_uuid: str) -> Response:
        """One of them: how far it has come, or how it ended."""
        self.query()
        return Response(self._one(self.group(group_uuid).uuid, run_uuid))

    @extend_schema(parameters=[RUN], request=UserGroupDecision, responses=UserGroupRefreshSerializer)
    def partial_update(self, request: Request, group_uuid: str, run_uuid: str) -> Response:
        """Decide about a refresh that is held, together with what is held in its collection."""
        self.query()
        group = self.group(group_uuid, Action.MANAGE)
        run = access.run(group.uuid, run_uuid)
        decide = {"approved": api.approve_refresh, "discarded": api.discard_refresh}
        decide[self.body(UserGroupDecision)["decision"]](run.uuid, **self.acting())
        return Response(self._one(group.uuid, run_uuid))

    def _one(self, group_uuid: UUID, run_uuid: str) -> Any:
        return _shown(self._data(group_uuid, [access.run(group_uuid, run_uuid)]))[0]


def _shown(runs: Sequence[RunData]) -> Any:
    ids = [pk for run in runs for pk in (run.requested_by_id, run.decided_by_id)]
    return shown(UserGroupRefreshSerializer, list(runs), ids)


@extend_schema(parameters=[GROUP, RUN])
class HeldPeopleEndpoint(Endpoint):
    """Whom a refresh that is held is about."""

    pagination_class = Pages

    @extend_schema(parameters=[queries.ChangeQuery], responses=UserGroupPersonSerializer(many=True))
    def list(self, request: Request, group_uuid: str, run_uuid: str) -> Response:
        """Those who would join or leave, by user name; none once it was decided."""
        query = self.query(queries.ChangeQuery)
        group = self.group(group_uuid)
        users = api.held_users(access.run(group.uuid, run_uuid).uuid, joins=query["of"] == "joining")
        return self.listed(users.order_by("username"), partial(self.people, group.uuid))


@extend_schema(parameters=[GROUP])
class UndoEndpoint(Endpoint):
    """The last refresh, taken back."""

    @extend_schema(request=None, responses={204: None})
    def create(self, request: Request, group_uuid: str) -> Response:
        """Let the members be again who they were before the last refresh that changed any, and pause the group."""
        self.query()
        api.undo_refresh(self.group(group_uuid, Action.MANAGE).uuid, **self.acting())
        return Response(status=204)
