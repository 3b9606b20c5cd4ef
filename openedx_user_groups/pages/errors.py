"""Errors as people see them: a page, or a part of one, that says what is wrong and the way out, with REST's status."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..exceptions import InvalidScope
from ..web.errors import as_http, printable

PAGE = "openedx_user_groups/pages/error.html"
PART = "openedx_user_groups/pages/_error.html"

# By the status: what has happened, and what one can do.
HEADINGS = {
    403: _("You may look at this, but not change it"),
    404: _("This page is not here for you"),
    409: _("This does not fit with what is there now"),
    422: _("A criterion cannot be asked now"),
    503: _("Try again in a moment"),
}
ANYTHING_ELSE = _("This cannot be done")
# Fields into which people type what they would not like to type again.
TYPED: dict[str, str | Promise] = {
    "name": _("Name"),
    "group_name": _("Name"),
    "description": _("Description"),
    "tags": _("Tags"),
    "people": _("People"),
    "reason": _("Reason"),
    "rule": _("Rule"),
}
WAYS_OUT = {
    403: _("Those who manage the course or organization can change it, or give you the role to do it."),
    404: _(
        "It may have been deleted, or belong to a course or organization whose groups you do not look after. "
        "Look whether you are logged in with the right account."
    ),
    409: _("Go back and load the page again to see how things are."),
    422: _("Members stay as they are until it can be asked again. Whoever looks after the platform can see why."),
}


def rendered(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """The answer to a request that cannot be done; None for what nobody has foreseen, for the operator to see."""
    known = as_http(error)
    if known is None:
        return None
    # An address that names a scope which is not there, or not for them, is no page.
    status = 404 if isinstance(error, InvalidScope) else known.status_code
    context: dict[str, Any] = {
        "heading": HEADINGS.get(status, ANYTHING_ELSE),
        "message": " ".join(printable(sentence) for sentence in _sentences(known.detail)),
        "way_out": WAYS_OUT.get(status, ""),
        "uses": getattr(error, "uses", ()),
        "typed": [(label, request.POST[name]) for name, label in TYPED.items() if request.POST.get(name, "").strip()],
    }
    template = PART if request.htmx else PAGE  # type: ignore[attr-defined]
    return render(request, template, context, status=status)


def _sentences(detail: Any, name: str = "") -> Iterator[str]:
    """What the REST framework says of a request, and of which parameter it says so."""
    if isinstance(detail, Mapping):
        for key, part in detail.items():
            yield from _sentences(part, "" if key == "non_field_errors" else str(key))
    elif isinstance(detail, list):
        for part in detail:
            yield from _sentences(part, name)
    else:
        yield f"{name}: {detail}" if name else str(detail)


def status_of(error: Exception) -> int:
    """The status code of an answer that shows a form again."""
    known = as_http(error)
    return known.status_code if known else 400
