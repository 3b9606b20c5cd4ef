"""The Django app, plugged into the LMS and Studio."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _

SETTINGS = {name: {"relative_path": f"settings.{name}"} for name in ("common", "production", "devstack", "test")}
NAMESPACE = "openedx_user_groups"
# The pages are the LMS's.
URLS = {"namespace": NAMESPACE, "regex": r"^", "relative_path": "urls"}
STUDIO_URLS = {"namespace": NAMESPACE, "regex": r"^api/user_group/v1/", "relative_path": "rest_api.v1.urls"}


class OpenedxUserGroupsConfig(AppConfig):
    """Groups of people in courses, organizations and the whole instance."""

    name = "openedx_user_groups"
    verbose_name = _("User groups")
    default_auto_field = "django.db.models.BigAutoField"

    plugin_app: ClassVar[dict[str, Any]] = {
        "url_config": {"lms.djangoapp": URLS, "cms.djangoapp": STUDIO_URLS},
        "settings_config": {"lms.djangoapp": SETTINGS, "cms.djangoapp": SETTINGS},
    }

    def ready(self) -> None:
        """Find the criteria, listen to what changes their answers, and register the system checks."""
        from . import checks
        from .criteria.registry import discover
        from .events import handlers
        from .groups import retirement_pipeline

        discover()
        handlers.connect()
        retirement_pipeline.connect()
        register(checks.plugins_load)
        register(checks.plugins_register)
        register(checks.settings_make_sense)
        register(checks.isolation_is_read_committed, Tags.database)
