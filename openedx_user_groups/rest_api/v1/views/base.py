"""What all endpoints have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.utils.cache import patch_cache_control
from rest_framework.parsers import BaseParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ViewSet

from ....models import GroupCollection, UserGroup
from ....permissions import Action, Person
from ....web import access
from ....web.accounts import usernames
from ....web.fields import Input
from ....web.people import told_of
from ....web.queries import NoQuery, Query
from ..errors import exception_handler
from ..parsers import JSONBody
from ..schema import EndpointSchema
from ..serializers.users import UserGroupPersonSerializer


class Endpoint(ViewSet):
    """An endpoint; who asks is found out by the platform's own authentication classes."""

    permission_classes = (IsAuthenticated,)
    parser_classes: Sequence[type[BaseParser]] = (JSONBody,)
    renderer_classes = (JSONRenderer,)
    schema = EndpointSchema()
    # Status codes that its schema documents beside the usual ones.
    more_errors: ClassVar[Iterable[int]] = ()

    @classmethod
    def as_view(cls, actions: Any = None, **options: Any) -> Any:
        """As a function that begins no transaction: the Python API has its own, and repeats them when it must."""
        return transaction.non_atomic_requests(super().as_view(actions, **options))

    def get_exception_handler(self) -> Callable[..., Response | None]:
        """Render errors in the one shape that they have."""
        return exception_handler

    def handle_exception(self, exc: Exception) -> Response:
        """Errors are JSON, whatever else was asked for."""
        self.request.accepted_renderer = JSONRenderer()
        self.request.accepted_media_type = JSONRenderer.media_type
        return super().handle_exception(exc)

    def finalize_response(self, request: Any, response: Any, *args: Any, **options: Any) -> Any:
        """What is told of people is not for caches."""
        patch_cache_control(response, private=True, no_store=True)
        return super().finalize_response(request, response, *args, **options)

    @cached_property
    def person(self) -> Person:
        """Who asks."""
        return Person(self.request.user)

    def query(self, kind: type[Query] = NoQuery) -> dict[str, Any]:
        """The parameters of the query, checked."""
        return kind.read(self.request.query_params)

    def body(self, kind: type[Input]) -> dict[str, Any]:
        """The body, checked."""
        body = kind(data=self.request.data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def group(self, group_uuid: str, action: Action = Action.VIEW) -> UserGroup:
        """The group that the address names, when they may do this with it."""
        return access.group(self.person, group_uuid, action)

    def collection(self, collection_uuid: str, action: Action = Action.VIEW) -> GroupCollection:
        """The same of a collection."""
        return access.collection(self.person, collection_uuid, action)

    def acting(self) -> dict[str, Any]:
        """Who does it; for the Python API."""
        return {"acting_user": self.request.user}

    def asking(self) -> dict[str, Any]:
        """Who does it, and so on whose behalf rules are read; for the Python API."""
        return {"asker": self.person, **self.acting()}

    def listed(self, rows: Any, show: Callable[[list[Any]], Any]) -> Response:
        """A page of rows, as ``show`` makes it out of them."""
        paginator = self.pagination_class()  # type: ignore[attr-defined]
        page = paginator.paginate_queryset(rows, self.request, view=self)
        response: Response = paginator.get_paginated_response(show(page))
        return response

    def people(self, group_uuid: UUID, users: Sequence[Any]) -> Any:
        """Those who would join or leave a group, as whoever asks may see them."""
        return shown(UserGroupPersonSerializer, told_of(self.person, group_uuid, users))


def shown(serializer: type[BaseSerializer[Any]], data: Any, user_ids: Iterable[int | None] = (), **context: Any) -> Any:
    """``data`` as a serializer shows it, with the user names of the ids in it; a list where it is one."""
    context["usernames"] = usernames(user_ids)
    return serializer(data, many=isinstance(data, list), context=context).data
