"""Learners choose: the collections that are for them, and the groups with places in each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from ... import api
from ...data import PlaceData
from ...exceptions import WrongStatus
from ...models import GroupCollection
from ...platform.titles import title, titles
from ...web import access
from .base import PageView


class Offers(PageView):
    """The collections in which somebody chooses a group by themselves."""

    template = "choose.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """They by name, each with the group that one is in."""
        self.anywhere()
        page = self.paged(access.offered(self.person, {}))
        named = titles({row.scope.data for row in page})
        mine = api.groups_of_user(self.person.user_id).filter(collection__in=list(page))
        inside = {group.collection_id: group.name for group in mine}
        offers = [(row, named[row.scope.data], inside.get(row.pk, "")) for row in page]
        return self.show(page=page, offers=offers)


class Choice(PageView):
    """One of them with its groups: joined, changed and left here."""

    template = "choice.html"

    def get(self, request: HttpRequest, collection_uuid: UUID) -> HttpResponse:
        """How many places are left in each, and which one is one's own."""
        return self._places(*access.collection_offered(self.person, str(collection_uuid)))

    def post(self, request: HttpRequest, collection_uuid: UUID) -> HttpResponse:
        """Join the group that ``join`` names, out of the one before; or leave the one that ``leave`` names."""
        row, places = access.collection_offered(self.person, str(collection_uuid))
        try:
            self._choose(places, request.POST.get("join", ""), request.POST.get("leave", ""))
        except WrongStatus as error:
            # Such as the last place, which somebody else was quicker to get: what is left by now is shown.
            row, places = access.collection_offered(self.person, str(collection_uuid))
            return self._places(row, places, error.message)
        return redirect("openedx_user_groups:pages:choice", row.uuid)

    def _choose(self, places: tuple[PlaceData, ...], join: str, leave: str) -> None:
        place = next((place for place in places if str(place.group_uuid) == (join or leave)), None)
        if place is None:
            raise WrongStatus(_("This group is not here to choose any more."))
        if join:
            api.join_group(place.group_uuid, self.person.user_id)
            messages.success(self.request, _("You are in “{name}” now.").format(name=place.name))
        else:
            api.leave_group(place.group_uuid, self.person.user_id)
            messages.success(self.request, _("You have left “{name}”.").format(name=place.name))

    def _places(self, row: GroupCollection, places: tuple[PlaceData, ...], problem: str = "") -> HttpResponse:
        about: dict[str, Any] = {"collection": row, "scope_title": title(row.scope.data)}
        mine = next((place for place in places if place.is_mine), None)
        has_places = any(place.is_open and place.places_left and not place.is_mine for place in places)
        status = 409 if problem else 200
        return self.show(status=status, places=places, mine=mine, problem=problem, has_places=has_places, **about)
