"""Forms: what somebody has typed into one, and what a page has put there; all of it has to be checked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

MAX_REASON = 1_000


def whole(text: str, digits: int = 9) -> int | None:
    """The whole number that so many ASCII digits name; None for all else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def wholes(texts: Iterable[str], digits: int = 9) -> list[int]:
    """Those among some texts."""
    return [number for text in texts if (number := whole(text, digits)) is not None]


def number(request: HttpRequest, name: str = "revision") -> int:
    """A number of the form, such as the revision that was edited; 0 for what is none."""
    return whole(request.POST.get(name, "")) or 0


def reason(request: HttpRequest) -> str:
    """Why, as it was typed."""
    return request.POST.get("reason", "")[:MAX_REASON]


def described(request: HttpRequest) -> dict[str, Any]:
    """The name, description and tags that somebody typed; of tags with a comma between them."""
    tags = [tag.strip() for tag in request.POST.get("tags", "").split(",")]
    # A browser sends the line breaks of forms as CR and LF.
    description = request.POST.get("description", "").replace("\r\n", "\n")
    return {"name": request.POST.get("name", ""), "description": description, "tags": [tag for tag in tags if tag]}


def typed(request: HttpRequest) -> dict[str, str]:
    """The same as it was typed, to be shown again."""
    return {name: request.POST.get(name, "") for name in ("name", "description", "tags")}
