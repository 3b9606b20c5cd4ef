"""The collections of a scope, and making one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ... import api
from ...data import COURSE, ORGANIZATION, CollectionData, ScopeData
from ...exceptions import CriterionError, InvalidGroup
from ...models import GroupCollection
from ...naming import name_key
from ...permissions import Action
from ...text import Contains
from ...web import narrowing, queries
from ...web.errors import as_http
from ..generators import generators, read_ranges
from .base import PageView

Kind = GroupCollection.Kind
PER_PAGE = 10
# How many names are proposed while one types.
PROPOSED = 30
# Who decides which group somebody is in: the kinds in the order of the form.
KINDS = (
    (
        Kind.RULES,
        gettext_lazy("Rules and people"),
        gettext_lazy("Each group has a rule, or people whom you put in. Who matches several is in the first of them."),
    ),
    (
        Kind.RANDOM,
        gettext_lazy("Chance"),
        gettext_lazy("Everybody is put into one of the groups by chance and stays there, as the weights share out."),
    ),
    (Kind.SELF, gettext_lazy("The learners"), gettext_lazy("Learners choose a group themselves while it has places.")),
    (
        Kind.GENERATED,
        gettext_lazy("A group for each choice"),
        gettext_lazy("Groups are made for you: one for each track, country or role, or for each range of a number."),
    ),
)
FIELDS = ("name", "rest_name", "kind", "parent_group", "criterion", "ranges")


class Collections(PageView):
    """The collections of a scope; not those that were made for a single group."""

    template = "collections.html"
    part = "_collections.html"

    def get(self, request: HttpRequest, scope: ScopeData) -> HttpResponse:
        """A page of them."""
        found = self.scope(scope)
        query = self.query(queries.CollectionsQuery)
        page = self.paged(narrowing.collections(api.collections_in(found), query), PER_PAGE)
        shown = list(zip(page.object_list, api.collections_data(page.object_list), strict=True))
        return self.show(page=page, shown=shown, query=query, tracks=found.type in _WITH_TRACKS, **self.place(found))


_WITH_TRACKS = (COURSE, ORGANIZATION)


class EnrollmentTracks(PageView):
    """The platform's own division of a course or an organization."""

    template = "collections.html"

    def get(self, request: HttpRequest, scope: ScopeData) -> HttpResponse:
        """Nothing is changed on a GET; such as when somebody had to log in before."""
        return redirect("openedx_user_groups:pages:collections", self.scope(scope))

    def post(self, request: HttpRequest, scope: ScopeData) -> HttpResponse:
        """The collection with a group for each track; the first request makes it."""
        found = api.enrollment_tracks(self.scope(scope, Action.MANAGE), **self.asking())
        return redirect("openedx_user_groups:pages:collection", found.uuid)


class NewCollection(PageView):
    """Making a collection."""

    template = "collection_new.html"

    def get(self, request: HttpRequest, scope: ScopeData) -> HttpResponse:
        """The form."""
        typed = {"kind": request.GET.get("kind", Kind.RULES), "parent_group": request.GET.get("parent_group", "")}
        return self._form(self.scope(scope, Action.MANAGE), typed)

    def post(self, request: HttpRequest, scope: ScopeData) -> HttpResponse:
        """Make it, or say at the field what is wrong with it."""
        found = self.scope(scope, Action.MANAGE)
        typed = {name: request.POST.get(name, "").strip() for name in FIELDS}
        try:
            made = self._made(found, typed)
        except (InvalidGroup, CriterionError) as error:
            return self._form(found, typed, error)
        messages.success(request, _("The collection “{name}” has been made.").format(name=made.name))
        return redirect("openedx_user_groups:pages:collection", made.uuid)

    def _form(self, scope: ScopeData, typed: Mapping[str, str], error: Any = None) -> HttpResponse:
        known = None if error is None else as_http(error)
        # What a criterion says is about the criterion.
        sentence = getattr(error, "sentence", None) or getattr(error, "message", "")
        return self.show(
            status=200 if known is None else known.status_code,
            kinds=KINDS,
            generators=generators(scope, self.person),
            typed=typed,
            errors={} if error is None else {getattr(error, "field", "criterion"): sentence},
            **self.place(scope),
        )

    def _made(self, scope: ScopeData, typed: Mapping[str, str]) -> CollectionData:
        names: dict[str, Any] = {"name": typed["name"], "rest_name": typed["rest_name"]}
        if typed["kind"] == Kind.GENERATED:
            if not typed["criterion"]:
                raise InvalidGroup("criterion", _("Say of what the groups are made."))
            ranges = read_ranges(typed["ranges"]) if typed["ranges"] else None
            return api.create_generated_collection(
                scope, criterion=typed["criterion"], ranges=ranges, **names, **self.asking()
            )
        parent = _group_called(scope, typed["parent_group"]) if typed["parent_group"] else None
        return api.create_collection(scope, kind=typed["kind"], parent_group=parent, **names, **self.acting())


def _group_called(scope: ScopeData, name: str) -> Any:
    """The UUID of the group with a name; raises InvalidGroup."""
    uuid = api.groups_in(scope).filter(name_key=name_key(name)).values_list("uuid", flat=True).first()
    if uuid is None:
        raise InvalidGroup("parent_group", _("No group here is called “{name}”.").format(name=name))
    return uuid


class GroupNames(PageView):
    """What the groups of a scope are called, for who types a name."""

    template = part = "_names.html"

    def get(self, request: HttpRequest, scope: ScopeData) -> HttpResponse:
        """Those with what was typed in the name."""
        typed = request.GET.get("parent_group", "")
        rows = api.groups_in(self.scope(scope)).prefetch_related(None).filter(Contains("name", typed))
        return self.show(names=rows.values_list("name", flat=True)[:PROPOSED])
