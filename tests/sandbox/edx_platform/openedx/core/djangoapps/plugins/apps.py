"""Connects the signals of plugins."""

from django.apps import AppConfig
from edx_django_utils.plugins import connect_plugin_receivers

from openedx.core.djangoapps.plugins.constants import ProjectType


class PluginsConfig(AppConfig):
    """Labelled as the platform's own application is."""

    name = "openedx.core.djangoapps.plugins"
    label = "plugins"

    def ready(self) -> None:
        """Connect what plugins declare in their ``signals_config``."""
        connect_plugin_receivers(ProjectType.LMS)
