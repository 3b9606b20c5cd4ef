"""Scopes in the addresses of pages: ``course/<key>``, ``organization/<short name>`` and ``platform``; and from them."""

from __future__ import annotations

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey

from ..data import COURSE, INSTANCE, ORGANIZATION, ScopeData

PLATFORM = "platform"


class ScopeConverter:
    """One of them, as ScopeData; whether there is such a scope is not looked up."""

    regex = rf"{COURSE}/[^/?#]+(?:/[^/?#+:]+/[^/?#+:]+)?|{ORGANIZATION}/[^/]+|{PLATFORM}"

    def to_python(self, value: str) -> ScopeData:
        """Raises ValueError, which is no such page, for what is no course key."""
        if value == PLATFORM:
            return ScopeData(INSTANCE)
        kind, _slash, key = value.partition("/")
        if kind == COURSE:
            try:
                key = str(CourseKey.from_string(key))
            except InvalidKeyError:
                raise ValueError(key) from None
        return ScopeData(kind, key)

    def to_url(self, scope: ScopeData) -> str:
        """How an address names the scope."""
        return PLATFORM if scope.type == INSTANCE else f"{scope.type}/{scope.key}"


def dashboard(scope: ScopeData) -> str:
    """The address of the instructor dashboard of a course that has the tab; the platform leads on to its app."""
    if scope.type != COURSE or not settings.OPENEDX_USER_GROUPS_INSTRUCTOR_TAB:
        return ""
    try:
        return reverse("instructor_dashboard", kwargs={"course_id": scope.key})
    except NoReverseMatch:
        return ""
