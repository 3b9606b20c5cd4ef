"""Groups and their revisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from .... import api
from ....data import GroupData
from ....exceptions import CollectionNotFound, InvalidGroup, StaleRevision
from ....models import GroupCollection, Revision, UserGroup
from ....permissions import Action
from ....retrying import in_transaction
from ....web import access, narrowing, queries
from ....web.fields import MAX_NUMBER
from ..pages import Pages
from ..schema import GROUP, LOCATION, NUMBER
from ..serializers.groups import (
    GROUP_OR_REST,
    LISTED,
    UserGroupChange,
    UserGroupCreation,
    UserGroupRestSerializer,
    UserGroupSerializer,
    UserGroupSummarySerializer,
)
from ..serializers.revisions import UserGroupRevisionSerializer
from .base import Endpoint, shown

Status = UserGroup.Status
PUT_AWAY = {Status.PAUSED: api.pause_group, Status.ARCHIVED: api.archive_group}
GOING_ON = (Status.PAUSED, Status.ARCHIVED)


class GroupsEndpoint(Endpoint):
    """The groups that one may see."""

    pagination_class = Pages

    @extend_schema(parameters=[queries.GroupsQuery], responses=LISTED)
    def list(self, request: Request) -> Response:
        """Groups, a page at a time."""
        query = self.query(queries.GroupsQuery)
        rows = api.all_groups().filter(scope__in=access.scopes(self.person, query))
        return self.listed_groups(rows, query)

    def listed_groups(self, rows: QuerySet[UserGroup], query: Mapping[str, Any]) -> Response:
        """A page of groups, in few words where the query says so."""
        rows = narrowing.groups(rows, query)
        if query.get("view") != "minimal":
            return self.listed(rows, lambda page: shown_groups(api.groups_data(page, asker=self.person)))
        rows = rows.select_related(None).prefetch_related(None)
        rows = rows.annotate(is_dynamic=narrowing.IS_DYNAMIC)
        return self.listed(rows, lambda page: shown(UserGroupSummarySerializer, page))

    @extend_schema(request=UserGroupCreation, responses={201: UserGroupSerializer}, parameters=[LOCATION])
    def create(self, request: Request) -> Response:
        """Make a group: active when it is static, with a rule a draft until it is activated."""
        self.query()
        body = self.body(UserGroupCreation)
        scope = access.scope(self.person, body.pop("scope"))
        if body["collection"] is not None:
            body["collection"] = self._collection(str(body["collection"]))
        group = api.create_group(scope, **body, **self.asking())
        address = reverse("openedx_user_groups:group", args=[group.uuid])
        headers = {"Location": request.build_absolute_uri(address)}
        return Response(shown_group(group), status=201, headers=headers)

    def _collection(self, collection_uuid: str) -> str:
        try:
            return str(access.collection(self.person, collection_uuid).uuid)
        except CollectionNotFound as error:
            raise InvalidGroup("collection", error.message) from None

    @extend_schema(parameters=[GROUP], responses=GROUP_OR_REST)
    def retrieve(self, request: Request, group_uuid: str) -> Response:
        """A group, or everybody else of a collection by its ``rest_uuid``."""
        self.query()
        group = access.group_or_rest(self.person, group_uuid)
        if isinstance(group, GroupCollection):
            return Response(shown(UserGroupRestSerializer, api.get_rest(group.rest_uuid)))
        return Response(shown_group(api.get_group(group.uuid, asker=self.person)))

    @extend_schema(parameters=[GROUP], request=UserGroupChange, responses=UserGroupSerializer)
    def partial_update(self, request: Request, group_uuid: str) -> Response:
        """Change a group: its content, which makes a new revision, or its status."""
        self.query()
        group = self.group(group_uuid, Action.MANAGE)
        changes = self.body(UserGroupChange)
        return Response(shown_group(in_transaction(lambda: self._change(group, **changes))))

    def _change(self, group: UserGroup, revision: int, status: str | None = None, **content: Any) -> GroupData:
        data = api.get_group(group.uuid, asker=self.person)
        if not content and status == Status.ACTIVE and revision == data.revision and data.status in GOING_ON:
            # By what is in force: a draft goes on waiting.
            return api.activate_group(group.uuid, **self.asking())
        if _newest(data) != revision:
            raise StaleRevision
        if "rule" in content and status == Status.ACTIVE and data.status in (Status.ACTIVE, Status.PAUSED):
            raise InvalidGroup("status", _("A changed rule is a draft: look at what it would do, then activate it."))
        # An archived group cannot be edited: it is taken out before.
        if content and data.status == Status.ARCHIVED and status not in (None, Status.ARCHIVED):
            data, status = self._change_status(group, revision, status), None
        if content:
            data = api.update_group(group.uuid, revision=revision, **content, **self.asking())
        return self._change_status(group, _newest(data), status) if status else data

    def _change_status(self, group: UserGroup, revision: int, status: str) -> GroupData:
        if status == Status.ACTIVE:
            return api.activate_group(group.uuid, revision=revision, **self.asking())
        return PUT_AWAY[Status(status)](group.uuid, **self.asking())

    @extend_schema(parameters=[GROUP], responses={204: None})
    def destroy(self, request: Request, group_uuid: str) -> Response:
        """Delete a group: it holds nobody any more, and its name is free again."""
        self.query()
        group = self.group(group_uuid, Action.MANAGE)
        api.delete_group(group.uuid, **self.asking())
        return Response(status=204)


def _newest(group: GroupData) -> int:
    """The revision that an edit starts from."""
    return group.draft_revision or group.revision


def shown_groups(groups: Sequence[GroupData]) -> Any:
    """Groups with the names of who made and changed them."""
    ids = [pk for group in groups for pk in (group.created_by_id, group.modified_by_id)]
    return shown(UserGroupSerializer, list(groups), ids)


def shown_group(group: GroupData) -> Any:
    """One of them."""
    (data,) = shown_groups([group])
    return data


@extend_schema(parameters=[GROUP])
class RevisionsEndpoint(Endpoint):
    """What a group was defined as, and when."""

    pagination_class = Pages

    @extend_schema(parameters=[queries.PageQuery], responses=UserGroupRevisionSerializer(many=True))
    def list(self, request: Request, group_uuid: str) -> Response:
        """The revisions of a group, newest first."""
        self.query(queries.PageQuery)
        group = self.group(group_uuid)
        return self.listed(api.revisions_of(group.uuid), lambda page: self._shown(group, page))

    @extend_schema(parameters=[NUMBER], responses=UserGroupRevisionSerializer)
    def retrieve(self, request: Request, group_uuid: str, number: str) -> Response:
        """One of them."""
        self.query()
        group = self.group(group_uuid)
        (data,) = self._shown(group, [_numbered(api.revisions_of(group.uuid), number)])
        return Response(data)

    def _shown(self, group: UserGroup, rows: Sequence[Revision]) -> Any:
        return shown(UserGroupRevisionSerializer, api.revisions_data(group.uuid, rows, asker=self.person))


def _numbered(rows: QuerySet[Revision], number: str) -> Revision:
    # More digits than the database has numbers are no number.
    possible = number.isascii() and number.isdigit() and len(number) <= len(str(MAX_NUMBER))
    found = rows.filter(number=number).first() if possible and int(number) <= MAX_NUMBER else None
    if found is None:
        raise NotFound(_("There is no revision {number!r} of this group.").format(number=number))
    return found
