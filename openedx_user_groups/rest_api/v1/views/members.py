"""Members, exclusions and files of people."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from .... import api
from ....data import MemberOutcome
from ....groups.deciding import Outcome
from ....models import Exclusion, GroupCollection
from ....permissions import Action
from ....platform.people import by_username
from ....retrying import in_transaction
from ....web import access, export, narrowing, queries
from ....web.accounts import accounts
from ..pages import PeoplePages
from ..schema import FORMAT, GROUP, USERNAME
from ..serializers.members import (
    UserGroupAddition,
    UserGroupChangesSerializer,
    UserGroupExclusionAddition,
    UserGroupExclusionSerializer,
    UserGroupMemberChange,
    UserGroupMemberSerializer,
    UserGroupOutcomeSerializer,
    UserGroupOutcomesSerializer,
)
from .base import Endpoint, shown


class PeopleEndpoint(Endpoint):
    """People of a group."""

    pagination_class = PeoplePages

    def changing(self) -> dict[str, Any]:
        """Who does it, and whether they may learn of everybody; for the Python API."""
        return {"discreet": access.is_discreet(self.person), **self.acting()}


@extend_schema(parameters=[GROUP])
class MembersEndpoint(PeopleEndpoint):
    """Who is in a group now."""

    def get_renderers(self) -> list[Any]:
        """The list can be had as CSV, too; and with a method that is not there nothing can."""
        return [JSONRenderer(), export.CSV()] if self.action in ("list", None) else super().get_renderers()

    @extend_schema(
        parameters=[queries.MembersQuery, FORMAT],
        responses={
            (200, "application/json"): UserGroupMemberSerializer(many=True),
            (200, "text/csv"): OpenApiTypes.STR,
        },
    )
    def list(self, request: Request, group_uuid: str) -> HttpResponseBase:
        """The members by user name, a page at a time; as CSV all of them, by id."""
        query = self.query(queries.MembersQuery)
        group = access.group_or_rest(self.person, group_uuid)
        rows: QuerySet[Any]
        if isinstance(group, GroupCollection):
            rows = narrowing.users(api.members(group.rest_uuid), query)
        else:
            rows = narrowing.people(api.memberships_of(group.uuid), query)
        if request.accepted_renderer.format == export.CSV.format:
            return export.response(rows, f"group-{UUID(group_uuid)}")
        return self.listed(rows, _shown_members)

    @extend_schema(parameters=[USERNAME], responses=UserGroupMemberSerializer)
    def retrieve(self, request: Request, group_uuid: str, username: str) -> Response:
        """One of them."""
        self.query()
        group, user_id = access.group_or_rest(self.person, group_uuid), by_username(username).user_id
        if isinstance(group, GroupCollection):
            members: list[Any] = list(api.members(group.rest_uuid).filter(pk=user_id))
        else:
            members = list(api.memberships_of(group.uuid).filter(user=user_id))
        if not members:
            raise _no_member(username)
        (data,) = _shown_members(members)
        return Response(data)

    @extend_schema(request=UserGroupAddition, responses={200: UserGroupOutcomesSerializer})
    def create(self, request: Request, group_uuid: str) -> Response:
        """Put people into the group by hand; whatever becomes of one of them, the others are looked at."""
        self.query()
        group = self.group(group_uuid, Action.MANAGE)
        body = self.body(UserGroupAddition)
        outcomes = api.add_members(group.uuid, **body, **self.changing())
        return Response({"outcomes": shown_outcomes(outcomes)})

    @extend_schema(request=UserGroupMemberChange, responses=UserGroupChangesSerializer)
    def partial_update(self, request: Request, group_uuid: str) -> Response:
        """Take people out and put people in, all of it or nothing."""
        self.query()
        group = self.group(group_uuid, Action.MANAGE)
        body = self.body(UserGroupMemberChange)
        if "add" not in body and "remove" not in body:
            raise ValidationError(_("Name people to add or to remove."))
        return Response(in_transaction(lambda: self._change(group.uuid, **body)))

    def _change(
        self, group_uuid: Any, reason: str, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> dict[str, Any]:
        removed = api.remove_members(group_uuid, remove, reason=reason, **self.changing())
        added = api.add_members(group_uuid, add, **self.changing())
        return {"remove": shown_outcomes(removed), "add": shown_outcomes(added)}

    @extend_schema(parameters=[USERNAME, queries.RemovalQuery], responses={204: None})
    def destroy(self, request: Request, group_uuid: str, username: str) -> Response:
        """Take somebody out of the group; whom its rule wants in it is kept out from now on."""
        query = self.query(queries.RemovalQuery)
        group = self.group(group_uuid, Action.MANAGE)
        named = by_username(username).user_id
        outcomes = api.remove_members(group.uuid, [named] if named else [], **query, **self.changing())
        if not any(one.outcome == Outcome.REMOVED for one in outcomes):
            raise _no_member(username)
        return Response(status=204)


def _shown_members(rows: Sequence[Any]) -> Any:
    members = export.as_memberships(rows)
    return shown(UserGroupMemberSerializer, members, accounts=accounts(row.user_id for row in members))


def _no_member(username: str) -> NotFound:
    return NotFound(_("There is no member {username!r} of this group.").format(username=username))


def shown_outcomes(outcomes: Sequence[MemberOutcome]) -> Any:
    """What became of people, with their user names."""
    return shown(UserGroupOutcomeSerializer, list(outcomes), [outcome.user_id for outcome in outcomes])


@extend_schema(parameters=[GROUP])
class ExclusionsEndpoint(PeopleEndpoint):
    """Who is kept out of a group, whatever its rule says."""

    @extend_schema(parameters=[queries.PeopleQuery], responses=UserGroupExclusionSerializer(many=True))
    def list(self, request: Request, group_uuid: str) -> Response:
        """The exclusions by user name, a page at a time."""
        query = self.query(queries.PeopleQuery)
        group = self.group(group_uuid)
        # An address that is not shown is not found by its parts either.
        told = api.population_of(group.uuid) if access.is_discreet(self.person) else None
        rows = narrowing.people(api.exclusions_of(group.uuid), query, told)
        return self.listed(rows, partial(self._shown, group.uuid))

    def _shown(self, group_uuid: UUID, rows: Sequence[Exclusion]) -> Any:
        users = [row.user_id for row in rows]
        # Whoever has left the course is known by name here, and for nothing else.
        belonging = api.belonging(group_uuid, users) if access.is_discreet(self.person) else set(users)
        context = {"accounts": accounts(users), "belonging": belonging}
        return shown(UserGroupExclusionSerializer, list(rows), [row.author_id for row in rows], **context)

    @extend_schema(request=UserGroupExclusionAddition, responses={200: UserGroupOutcomesSerializer})
    def create(self, request: Request, group_uuid: str) -> Response:
        """Keep people out of the group, above its rule; who is in it leaves."""
        self.query()
        group = self.group(group_uuid, Action.MANAGE)
        outcomes = api.exclude(group.uuid, **self.body(UserGroupExclusionAddition), **self.changing())
        return Response({"outcomes": shown_outcomes(outcomes)})

    @extend_schema(parameters=[USERNAME], responses={204: None})
    def destroy(self, request: Request, group_uuid: str, username: str) -> Response:
        """Let somebody into the group again; its next refresh places them by the rule."""
        self.query()
        group = self.group(group_uuid, Action.MANAGE)
        named = by_username(username).user_id
        outcomes = api.lift_exclusions(group.uuid, [named] if named else [], **self.changing())
        if not any(one.outcome == Outcome.REMOVED for one in outcomes):
            raise NotFound(_("Nobody called {username!r} is kept out of this group.").format(username=username))
        return Response(status=204)
