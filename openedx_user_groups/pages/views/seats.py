"""Groups come into a collection and leave it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ... import api
from ...data import MoveData
from ...evaluation.matching import users_where
from ...exceptions import InvalidInput
from ...ids import IsAnyOf
from ...models import GroupCollection, UserGroup
from ...naming import name_key
from ...permissions import Action
from ...text import Contains
from ...web import narrowing
from ...web.errors import as_http
from .. import options
from .collection import CollectionView
from .collections import PROPOSED

Kind = GroupCollection.Kind
# How many groups one may choose from without a search.
LISTED = 20


class Arrival(CollectionView):
    """Moving a group into a collection: first who would be in two groups, then it is done."""

    template = "collection_move.html"

    def get(self, request: HttpRequest, collection_uuid: UUID) -> HttpResponse:
        """Ask for the group by its name; and of one that is named, what moving it would do."""
        row = self.managed(collection_uuid)
        named = request.GET.get("group", "").strip()
        group = _called(row, named) if named else None
        if named and group is None:
            problem = InvalidInput("group", _("No group here is called “{name}”.").format(name=named))
            return self._asked(row, named, problem)
        return self._asked(row, named) if group is None else self._told(row, group)

    def post(self, request: HttpRequest, collection_uuid: UUID) -> HttpResponse:
        """Move it."""
        row = self.managed(collection_uuid)
        group = self.group(request.POST.get("group", ""), Action.MANAGE)
        if group.collection_id == row.pk:
            return self.done(row, _("“{name}” is one of the groups here.").format(name=group.name))
        try:
            moved = api.move_group(group.uuid, collection=row.uuid, **self.asking())
        except InvalidInput as error:
            return self._asked(row, group.name, error)
        return self.done(row, _arrived(group, moved))

    def _asked(self, row: GroupCollection, named: str, error: InvalidInput | None = None) -> HttpResponse:
        known = None if error is None else as_http(error)
        errors = {} if error is None else {"group": error.sentence}
        status = 200 if known is None else known.status_code
        return self.show(status=status, named=named, errors=errors, **_listed(row), **self.about(row))

    def _told(self, row: GroupCollection, group: UserGroup) -> HttpResponse:
        if group.collection_id == row.pk:
            return self._asked(row, group.name, InvalidInput("group", _("It is one of the groups here already.")))
        try:
            move = api.preview_move(row.uuid, group.uuid)
        except InvalidInput as error:
            return self._asked(row, group.name, error)
        in_two, kept = api.users_in_two(row.uuid, group.uuid)
        users: Any = users_where(Q(IsAnyOf("pk", in_two)))
        page = self.paged(users.order_by("username").values_list("pk", "username"))
        homes = _homes(row, [pk for pk, _name in page])
        people = [(name, homes.get(pk, ""), pk in kept) for pk, name in page]
        stay = move.in_two - move.kept
        told: dict[str, Any] = {"group": group, "named": group.name, "move": move, "stay": stay, "people": people}
        return self.show(page=page, **told, **_listed(row), **self.about(row))


def _arrived(group: UserGroup, moved: MoveData) -> str:
    sentence = _("“{name}” is the last of the groups now. Of its {members} members {left} stay in another group here.")
    if moved.in_two == moved.kept:
        sentence = _("“{name}” is the last of the groups now, with its {members} members.")
    return sentence.format(name=group.name, members=moved.members, left=moved.in_two - moved.kept)


def _called(row: GroupCollection, named: str) -> UserGroup | None:
    """The group of the scope with a name."""
    return api.groups_in(row.scope.data).filter(name_key=name_key(named)).first()


def _homes(row: GroupCollection, users: list[int]) -> dict[int, str]:
    """In which group of the collection each of some users is now."""
    inside = api.all_groups().filter(collection=row, memberships__user__in=users)
    return dict(inside.order_by().values_list("memberships__user", "name"))


class ArrivalNames(CollectionView):
    """What the groups are called that can be moved into a collection, for who types a name."""

    template = part = "_names.html"

    def get(self, request: HttpRequest, collection_uuid: UUID) -> HttpResponse:
        """Those with what was typed in the name."""
        rows = candidates(self.managed(collection_uuid)).filter(Contains("name", request.GET.get("group", "")))
        return self.show(names=rows.values_list("name", flat=True)[:PROPOSED])


def candidates(row: GroupCollection) -> QuerySet[UserGroup]:
    """The groups that can be moved into a collection, unless a rule makes a circle."""
    rows = api.groups_in(row.scope.data).prefetch_related(None).exclude(collection=row)
    rows = rows.filter(collection__parent_group=row.parent_group_id, choice="", moving_to=None)
    return rows if row.kind in (Kind.RULES, Kind.GENERATED) else rows.exclude(narrowing.IS_DYNAMIC)


def _listed(row: GroupCollection) -> dict[str, Any]:
    """The groups that can be moved into a collection, unless these are so many that one has to look for them."""
    found = list(candidates(row)[: LISTED + 1])
    return {"movable": found[:LISTED], "has_more": len(found) > LISTED}


class Departure(CollectionView):
    """Moving a group out of a collection: it is one by itself then, with its members."""

    template = "collection_out.html"

    def get(self, request: HttpRequest, collection_uuid: UUID) -> HttpResponse:
        """What that means, before it is done."""
        row = self.managed(collection_uuid)
        group = self.group(request.GET.get("group", ""), Action.MANAGE)
        if group.collection_id != row.pk or group.choice:
            return super().get(request, collection_uuid)
        return self.show(group=group, **self.about(row))

    def post(self, request: HttpRequest, collection_uuid: UUID) -> HttpResponse:
        """Move it, unless it has been moved already."""
        row = self.managed(collection_uuid)
        group = self.group(request.POST.get("group", ""), Action.MANAGE)
        if group.collection_id == row.pk:
            try:
                api.move_group(group.uuid, collection=None, **self.asking())
            except InvalidInput as error:
                status = 400 if (known := as_http(error)) is None else known.status_code
                return self.show(status=status, group=group, problem=error.sentence, **self.about(row))
        return self.done(row, _("“{name}” is a group by itself now, with its members.").format(name=group.name))


class NewSeat(CollectionView):
    """A new group in a collection."""

    def post(self, request: HttpRequest, collection_uuid: UUID) -> HttpResponse:
        """Make it; it is the last one by priority."""
        row = self.managed(collection_uuid)
        typed = {name: request.POST.get(name, "").strip() for name in ("group_name", "description", "size_limit")}
        try:
            made = api.create_group(
                row.scope.data,
                name=typed["group_name"],
                description=typed["description"].replace("\r\n", "\n"),
                collection=row.uuid,
                created_via=UserGroup.CreatedVia.PAGE,
                **_limited(typed["size_limit"]),
                **self.asking(),
            )
        except InvalidInput as error:
            field = "group_name" if error.field == "name" else error.field
            return self.board(row, error, errors={field: error.sentence}, typed=typed)
        sentence = _("The group “{name}” has been made; it is the last one.").format(name=made.name)
        if row.kind == Kind.RULES:
            sentence += " " + _("Give it a rule or people on its own page.")
        if odd := options.warning(made):
            sentence += " " + odd
        return self.done(row, sentence)


def _limited(typed: str) -> dict[str, Any]:
    """How many places it has; the setting says where nothing was typed."""
    if not typed:
        return {}
    if not typed.isdecimal() or len(typed) > 9:
        raise InvalidInput("size_limit", _("Give a whole number, or nothing for as many as is usual here."))
    return {"size_limit": int(typed)}
