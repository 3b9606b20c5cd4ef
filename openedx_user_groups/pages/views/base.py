"""What all pages have in common: who asks is logged in, and the flag, permissions and scope are checked each time."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlsplit, urlunsplit

from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Page as PageOfRows
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views import View
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from ...data import ScopeData
from ...exceptions import FeatureDisabled
from ...models import GroupCollection, UserGroup
from ...permissions import Action, Person
from ...platform.titles import title
from ...visibility import is_on_anywhere
from ...web import access
from ...web.queries import Query
from .. import errors
from ..paths import dashboard

ROWS_PER_PAGE = 25
# How the address of a page says that somebody comes back to it from logging in, in the middle of something.
RESUMED = "resumed"


def _path(address: str) -> str:
    """The path and query of an address of ours, whichever host it names; of what is none, that of the first page."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    return urlunsplit(("", "", f"/{parts.path.lstrip('/')}", parts.query, ""))


class PageView(View):
    """A page, or with htmx the part of it that changes."""

    # The page, and the part of it that htmx asks for; views with one part only leave the latter out.
    template: ClassVar[str]
    part: ClassVar[str] = ""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """As a function that begins no transaction: the Python API has its own, and repeats them when it must."""
        return transaction.non_atomic_requests(super().as_view(**initkwargs))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer whoever is logged in; errors are told as people read them."""
        # The LMS has no middleware that does it.
        request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
        if not request.user.is_authenticated:
            return self._log_in(request)
        try:
            response = super().dispatch(request, *args, **kwargs)
        except Exception as error:
            told = errors.rendered(request, error)
            if told is None:
                raise
            response = told
        # What is told of people is not for caches, nor a part in the place of the page.
        patch_cache_control(response, private=True, no_store=True)
        patch_vary_headers(response, ["HX-Request"])
        return response

    def _log_in(self, request: HttpRequest) -> HttpResponse:
        if not self._wants_part and request.method in ("GET", "HEAD"):
            return redirect_to_login(request.get_full_path())
        # They go back to the page where they typed, which finds what it was; see drafts.js.
        page = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "/"
        login = redirect_to_login(f"{_path(page)}#{RESUMED}")
        return HttpResponseClientRedirect(login.url) if self._wants_part else login

    @property
    def _wants_part(self) -> bool:
        return bool(self.request.htmx)  # type: ignore[attr-defined]

    @cached_property
    def person(self) -> Person:
        """Who asks."""
        return Person(self.request.user)

    def show(self, status: int = 200, **context: Any) -> HttpResponse:
        """The page with what it shows, or the part that was asked for."""
        template = self.part if self.part and self._wants_part else self.template
        return render(self.request, f"openedx_user_groups/pages/{template}", context, status=status)

    def query(self, kind: type[Query]) -> dict[str, Any]:
        """The parameters of the query, checked; a field that was left empty asks for nothing.

        What the page has no field for is none of its affair: links from elsewhere bring such things along.
        """
        fields, filled = kind().fields, self.request.GET.copy()
        for name, values in self.request.GET.lists():
            if name not in fields or not any(values):
                del filled[name]
        return kind.read(filled)

    def scope(self, named: ScopeData, action: Action = Action.VIEW) -> ScopeData:
        """The scope of the address, when they may do this in it; raises InvalidScope, told as what is not there."""
        return access.scope(self.person, named, action)

    def anywhere(self) -> None:
        """Raises FeatureDisabled unless user groups are on somewhere; for pages over all scopes."""
        if not is_on_anywhere():
            raise FeatureDisabled

    def group(self, group_uuid: Any, action: Action = Action.VIEW) -> UserGroup:
        """The group of the address, when they may do this with it."""
        return access.group(self.person, str(group_uuid), action)

    def collection(self, collection_uuid: Any, action: Action = Action.VIEW) -> GroupCollection:
        """The same of a collection."""
        return access.collection(self.person, str(collection_uuid), action)

    def may_manage(self, scope: ScopeData) -> bool:
        """Whether the page offers what changes something."""
        return self.person.may(Action.MANAGE, scope)

    def acting(self) -> dict[str, Any]:
        """Who does it; for the Python API."""
        return {"acting_user": self.request.user}

    def asking(self) -> dict[str, Any]:
        """Who does it, and so on whose behalf rules are read; for the Python API."""
        return {"asker": self.person, **self.acting()}

    def paged(self, rows: Any, per_page: int = ROWS_PER_PAGE) -> PageOfRows[Any]:
        """The page of rows that the address asks for; the nearest there is."""
        return Paginator(rows, per_page).get_page(self.request.GET.get("page"))

    def place(self, scope: ScopeData) -> dict[str, Any]:
        """Where a page is, for its heading, and the way back to where the tab is."""
        around = {"scope_title": title(scope), "dashboard": dashboard(scope)}
        return {"scope": scope, "may_manage": self.may_manage(scope), **around}
