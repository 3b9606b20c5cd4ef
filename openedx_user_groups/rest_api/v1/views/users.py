"""Users and the groups they are in."""

from __future__ import annotations

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from .... import api
from ....models import UserGroup
from ....platform.people import by_username
from ....web import access, queries
from ..schema import USERNAME
from ..serializers.groups import LISTED
from .groups import GroupsEndpoint


class UserGroupsEndpoint(GroupsEndpoint):
    """The groups that somebody is in now, of those one may see."""

    @extend_schema(parameters=[USERNAME, queries.GroupsQuery], responses=LISTED)
    def list(self, request: Request, username: str) -> Response:  # type: ignore[override]
        """The groups of a user, a page at a time; none where there is no such user that one may know of."""
        query = self.query(queries.GroupsQuery)
        scopes = access.scopes(self.person, query)
        found = by_username(username)
        if found.user_id is not None:
            rows = api.groups_of_user(found.user_id).filter(scope__in=scopes)
        elif access.is_discreet(self.person):
            rows = UserGroup.objects.none()
        else:
            raise NotFound(_("There is no user {username!r}.").format(username=username))
        return self.listed_groups(rows, query)
