"""Services: the one that refreshes groups, and the others, which note what happens and read."""

from __future__ import annotations

from django.conf import settings

from ..exceptions import WrongService


def refreshes() -> bool:
    """Whether this service refreshes groups."""
    return getattr(settings, "SERVICE_VARIANT", None) in (None, *settings.OPENEDX_USER_GROUPS_SERVICE_VARIANTS)


def check_service() -> None:
    """Raises WrongService where groups are not refreshed."""
    if not refreshes():
        raise WrongService()
