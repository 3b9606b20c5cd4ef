"""A collection: its groups side by side, what they are called and in which order, and everybody else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ... import api
from ...exceptions import CriterionError, InvalidInput, StaleRevision
from ...models import GroupCollection
from ...permissions import Action
from ...web import narrowing, queries
from ...web.accounts import usernames
from ...web.errors import as_http
from ...web.fields import Text
from ..columns import SHOWN, columns
from ..generators import title_of
from .base import ROWS_PER_PAGE as ROWS
from .base import PageView

COLLECTION = "openedx_user_groups:pages:collection"


class RestQuery(queries.PageQuery):
    """Who of everybody else."""

    search = Text(required=False, max_length=255, help_text="With this in the user name, e-mail address or name.")


class CollectionView(PageView):
    """What belongs to one collection; whatever changes it leads back to its page."""

    template = "collection.html"

    def get(self, request: HttpRequest, collection_uuid: UUID) -> HttpResponse:
        """Nothing is changed on a GET; such as when somebody had to log in before."""
        return redirect(COLLECTION, self.collection(collection_uuid).uuid)

    def managed(self, collection_uuid: UUID) -> GroupCollection:
        """The collection, for who may change it."""
        return self.collection(collection_uuid, Action.MANAGE)

    def done(self, collection: GroupCollection, sentence: str) -> HttpResponse:
        """Back to the page of the collection, which says what has been done."""
        messages.success(self.request, sentence)
        return redirect(COLLECTION, collection.uuid)

    def about(self, row: GroupCollection) -> dict[str, Any]:
        """What every page of a collection shows of it."""
        return {"collection": row, **self.place(row.scope.data)}

    def board(self, row: GroupCollection, error: Exception | None = None, **more: Any) -> HttpResponse:
        """The page of the collection; with what is wrong, at the field if it is one's."""
        known = None if error is None else as_http(error)
        rest = api.get_rest(row.rest_uuid)
        # To find a few of them, everybody may have to be looked at: not where there are none.
        others = api.members(row.rest_uuid).order_by("pk")[: SHOWN if rest.member_count else 0]
        shown = columns(row, self.person, more.get("typed", {}).get("weights", {}))
        context = {
            "columns": shown,
            "was": ",".join(str(column.group.uuid) for column in shown),
            "rest": rest,
            "others": sorted(usernames(others.values_list("pk", flat=True)).values()),
            "criterion": title_of(row.generator["criterion"]) if row.generator else "",
            "errors": {error.field: error.sentence} if isinstance(error, InvalidInput) else {},
            **self.about(row),
        }
        return self.show(status=200 if known is None else known.status_code, **(context | more))


class CollectionPage(CollectionView):
    """The groups of a collection in columns."""

    def get(self, request: HttpRequest, collection_uuid: UUID) -> HttpResponse:
        """They; of a collection that was made for a single group, that group."""
        row = self.collection(collection_uuid)
        if row.is_implicit:
            return redirect("openedx_user_groups:pages:group", api.get_collection(row.uuid).group_uuids[0])
        return self.board(row)


class CollectionOrder(CollectionView):
    """In which order its groups get people."""

    def post(self, request: HttpRequest, collection_uuid: UUID) -> HttpResponse:
        """All of them in their new order; with ``move`` one of them is moved by one place before."""
        row = self.managed(collection_uuid)
        wanted = _moved(_uuids(request.POST.getlist("groups")), request.POST.get("move", ""))
        was = _uuids(request.POST.get("was", "").split(","))
        if "effect" in request.POST:
            return self._effect(row, wanted)
        try:
            api.order_collection(row.uuid, wanted, was=was, **self.acting())
        except StaleRevision as error:
            names = dict(api.all_groups().filter(collection=row).values_list("uuid", "name"))
            mine = [names[uuid] for uuid in wanted if uuid in names]
            return self.board(row, error, stale_order=mine)
        except InvalidInput as error:
            return self.board(row, error)
        return self.done(row, _("The groups are in their new order."))

    def _effect(self, row: GroupCollection, wanted: list[UUID]) -> HttpResponse:
        """The part that says what an order would do; the order is not kept."""
        names = dict(api.all_groups().filter(collection=row).values_list("uuid", "name"))
        try:
            found = api.order_effect(row.uuid, wanted, asker=self.person)
        except (InvalidInput, CriterionError) as error:
            told: dict[str, Any] = {"problem": error.message}
        else:
            told = {"effects": [(names.get(each.group_uuid, ""), each) for each in found]}
        return render(self.request, "openedx_user_groups/pages/_order_effect.html", told)


def _uuids(named: list[str]) -> list[UUID]:
    found = []
    for each in named:
        try:
            found.append(UUID(each))
        except ValueError:
            # It names no group, and so it is missing from the order.
            continue
    return found


def _moved(groups: list[UUID], move: str) -> list[UUID]:
    """The groups with one of them a place earlier or later, as in ``earlier:<uuid>``."""
    way, _colon, name = move.partition(":")
    places = {str(uuid): place for place, uuid in enumerate(groups)}
    if name not in places:
        return groups
    place = places[name]
    other = place + (-1 if way == "earlier" else 1)
    if 0 <= other < len(groups):
        groups[place], groups[other] = groups[other], groups[place]
    return groups


class CollectionNames(CollectionView):
    """What it and its everybody else are called."""

    def post(self, request: HttpRequest, collection_uuid: UUID) -> HttpResponse:
        """Call them otherwise."""
        row = self.managed(collection_uuid)
        names: dict[str, Any] = {name: request.POST[name] for name in ("name", "rest_name") if name in request.POST}
        try:
            api.rename_collection(row.uuid, **names, **self.acting())
        except InvalidInput as error:
            return self.board(row, error, typed=names)
        return self.done(row, _("The names have been changed."))


class CollectionDissolution(CollectionView):
    """Letting each of its groups be one by itself."""

    template = "collection_dissolve.html"

    def get(self, request: HttpRequest, collection_uuid: UUID) -> HttpResponse:
        """What that means, before it is done."""
        row = self.managed(collection_uuid)
        return self.show(groups=len(api.get_collection(row.uuid).group_uuids), **self.about(row))

    def post(self, request: HttpRequest, collection_uuid: UUID) -> HttpResponse:
        """Do it."""
        row = self.managed(collection_uuid)
        number = len(api.get_collection(row.uuid).group_uuids)
        name = row.name
        api.dissolve_collection(row.uuid, **self.asking())
        sentence = ngettext(
            "“{name}” is dissolved; its group is one by itself now, with its members.",
            "“{name}” is dissolved; its {number} groups are each one by itself now, with their members.",
            number,
        )
        messages.success(request, sentence.format(name=name, number=number))
        return redirect("openedx_user_groups:pages:scope", row.scope.data)


class CollectionRest(CollectionView):
    """Everybody else: who is in none of its groups."""

    template = "collection_rest.html"
    part = "_rest.html"

    def get(self, request: HttpRequest, collection_uuid: UUID) -> HttpResponse:
        """They by user name, a page at a time."""
        row = self.collection(collection_uuid)
        query = self.query(RestQuery)
        everybody: Any = api.members(row.rest_uuid)
        rest = api.get_rest(row.rest_uuid)
        paginator = Paginator(narrowing.users(everybody, query).order_by("username").only("username", "email"), ROWS)
        if "search" not in query:
            # They have been counted.
            paginator.count = rest.member_count
        page = paginator.get_page(request.GET.get("page"))
        return self.show(page=page, rest=rest, query=query, **self.about(row))
