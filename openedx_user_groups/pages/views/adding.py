"""People are put into a group: typed or pasted, picked from those who learn there, or in a file."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from ... import api
from ...data import ScopeData
from ...exceptions import ImportNotFound, InvalidInput
from ...models import UserGroup
from ...naming import is_storable
from ...permissions import Action
from ...platform import people_file
from ...platform.people_file import Line, UnreadableFile
from ...web import access, narrowing
from ...web.accounts import accounts
from .. import forms, outcomes, uploads
from .base import PageView
from .group import GroupPage

PICKED_FROM = 25
MAX_SEARCH = 255


def token_of(request: HttpRequest) -> UUID | None:
    """The number of a form, so that the same form sent twice is the same list; see api.begin_import."""
    try:
        return UUID(request.POST.get("token", ""))
    except ValueError:
        return None


class WithUpload(PageView):
    """A page with a form that sends a file. One that is out of all proportion is refused before it is read."""

    is_too_large = False

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Whether the form is from here is looked at below: by then it has been read as a whole."""
        return csrf_exempt(super().as_view(**initkwargs))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Look at the size first."""
        self.is_too_large = uploads.is_out_of_all_proportion(request)
        if self.is_too_large:
            # Nothing of the request is looked at, and nothing done.
            return super().dispatch(request, *args, **kwargs)
        protected: HttpResponseBase = csrf_protect(super().dispatch)(request, *args, **kwargs)
        return protected


class AddPeople(WithUpload, GroupPage):
    """People are named, and checked or added."""

    template = "add.html"
    part = "_learners.html"
    section = "members"
    # Whether they are taken out instead.
    removes: ClassVar[bool] = False

    def get(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """The forms; with htmx the people to be picked from."""
        row = self.group(group_uuid, Action.MANAGE)
        learners = self._learners(row)
        if self._wants_part:
            return self.show(**learners)
        return self._form(row, learners=learners)

    def post(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """Begin with the list, or say what is wrong with it."""
        row = self.group(group_uuid, Action.MANAGE)
        if self.is_too_large:
            return self._form(row, 413, faults={"file": uploads.too_large().sentence})
        try:
            people = uploads.people(request) if "file" in request.FILES or "by_file" in request.POST else self._named()
        except InvalidInput as error:
            return self._form(row, 400, faults={error.field: error.sentence})
        imported = api.begin_import(
            row.uuid,
            people,
            uuid=token_of(request),
            removes=self.removes,
            reason=forms.reason(request),
            dry_run="check" in request.POST,
            discreet=access.is_discreet(self.person),
            **self.acting(),
        )
        if imported.is_check and "check" not in request.POST:
            imported = api.make_import_real(imported.uuid, discreet=access.is_discreet(self.person), **self.acting())
        return redirect("openedx_user_groups:pages:import", imported.uuid)

    def _named(self) -> list[Line]:
        """Whom the text names, and who was picked beside."""
        found = people_file.pasted(self.request.POST.get("people", ""))
        written = {line.person for line in found}
        last = found[-1].number if found else 0
        picked = [name for name in self.request.POST.getlist("picked") if name not in written]
        found += [Line(last + place, name) for place, name in enumerate(picked, start=1)]
        return uploads.bounded("people", found)

    def _form(self, row: UserGroup, status: int = 200, **more: Any) -> HttpResponse:
        typed = "" if self.is_too_large else self.request.POST.get("people", self._once_more(row))
        return self.show(
            status,
            **{
                "learners": more.pop("learners", None) or self._learners(row),
                "typed": typed,
                "reason": "" if self.is_too_large else self.request.POST.get("reason", ""),
                "token": uuid4(),
                "limit": settings.OPENEDX_USER_GROUPS_MAX_UPLOAD_BYTES,
                "too_large": uploads.too_large().sentence,
                "waiting": api.pending_members(row.uuid).count(),
                "imports": api.imports_of(self.person.user_id, group=row.uuid)[:5],
                **self.about(row),
                **more,
            },
        )

    def _once_more(self, row: UserGroup) -> str:
        """The people of a list of theirs that they come back from, or those of them who were not found."""
        try:
            imported = api.get_import(UUID(self.request.GET.get("from", "")))
        except (ValueError, ImportNotFound):
            return ""
        if imported.author_id != self.person.user_id or imported.group_uuid != row.uuid:
            return ""
        rows = api.imported_people(imported.uuid)
        return outcomes.as_text(rows.filter(outcome__in=outcomes.NOT_FOUND) if "missing" in self.request.GET else rows)

    def _learners(self, row: UserGroup) -> dict[str, Any]:
        """Some of those who learn there, by user name, and whether they are in the group."""
        search = self.request.GET.get("search", "")[:MAX_SEARCH].strip()
        query = {"search": search} if search and is_storable(search) else {}
        found = narrowing.users(api.population_of(row.uuid), query).order_by("username")
        ids = list(found.values_list("pk", flat=True)[: PICKED_FROM + 1])
        known = accounts(ids[:PICKED_FROM])
        members = set(api.members(row.uuid).filter(pk__in=ids).values_list("pk", flat=True))
        people = [(known[pk], pk in members) for pk in ids[:PICKED_FROM] if pk in known]
        return {"people": people, "has_more": len(ids) > PICKED_FROM, "search": search, "group_uuid": row.uuid}


class AddToGroups(WithUpload):
    """People are put into several groups of a scope by a file that names the group in each row."""

    template = "add_to_groups.html"

    def get(self, request: HttpRequest, scope: ScopeData) -> HttpResponse:
        """The form."""
        return self._form(self.scope(scope, Action.MANAGE))

    def post(self, request: HttpRequest, scope: ScopeData) -> HttpResponse:
        """Begin with the file, or say what is wrong with it."""
        found = self.scope(scope, Action.MANAGE)
        if self.is_too_large:
            return self._form(found, 413, faults={"file": uploads.too_large().sentence})
        discreet = access.is_discreet(self.person)
        try:
            content = uploads.content(request)
            imported = api.begin_import_of_groups(
                found,
                content,
                uuid=token_of(request),
                dry_run="check" in request.POST,
                discreet=discreet,
                **self.acting(),
            )
        except (InvalidInput, UnreadableFile) as error:
            told = error.sentence if isinstance(error, InvalidInput) else error.message
            return self._form(found, 400, faults={"file": told})
        if imported.is_check and "check" not in request.POST:
            imported = api.make_import_real(imported.uuid, discreet=discreet, **self.acting())
        return redirect("openedx_user_groups:pages:import", imported.uuid)

    def _form(self, scope: ScopeData, status: int = 200, **more: Any) -> HttpResponse:
        about = {"token": uuid4(), "limit": settings.OPENEDX_USER_GROUPS_MAX_UPLOAD_BYTES}
        return self.show(status, too_large=uploads.too_large().sentence, **about, **self.place(scope), **more)


class Waiting(GroupPage):
    """The addresses that wait for somebody to have an account with them."""

    template = "waiting.html"
    section = "members"

    def get(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """The addresses, a page at a time."""
        row = self.group(group_uuid, Action.MANAGE)
        return self.show(page=self.paged(api.pending_members(row.uuid)), **self.about(row))

    def post(self, request: HttpRequest, group_uuid: Any) -> HttpResponse:
        """Let those that were chosen wait no longer."""
        row = self.group(group_uuid, Action.MANAGE)
        chosen = forms.wholes(request.POST.getlist("chosen"), digits=18)
        gone = api.forget_pending_members(row.uuid, chosen)
        told = ngettext("{n} address waits no longer.", "{n} addresses wait no longer.", gone)
        messages.success(request, told.format(n=gone) if gone else _("No address was chosen."))
        return redirect("openedx_user_groups:pages:waiting", row.uuid)
