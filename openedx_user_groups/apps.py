"""The Django app, plugged into the LMS and Studio."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _

SETTINGS = {name: {"relative_path": f"settings.{name}"} for name in ("common", "production", "devstack", "test")}
URLS = {
    "namespace": "openedx_user_groups",
    "regex": r"^api/user_group/v1/",
    "relative_path": "rest_api.v1.urls",
}


class OpenedxUserGroupsConfig(AppConfig):
    """Groups of people in courses, organizations and the whole instance."""

    name = "openedx_user_groups"
    verbose_name = _("User groups")
    default_auto_field = "django.db.models.BigAutoField"

    plugin_app: ClassVar[dict[str, Any]] = {
        "url_config": {"lms.djangoapp": URLS, "cms.djangoapp": URLS},
        "settings_config": {"lms.djangoapp": SETTINGS, "cms.djangoapp": SETTINGS},
    }

    def ready(self) -> None:
        """Find the criteria and register the system checks."""
        from . import checks
        from .criteria.registry import discover

        discover()
        register(checks.plugins_load)
        register(checks.isolation_is_read_committed, Tags.database)
