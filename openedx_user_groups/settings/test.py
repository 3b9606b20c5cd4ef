"""Settings of test runs: the common ones, and a plugin that cannot be loaded is an error."""

from __future__ import annotations

from typing import Any

from . import common


def plugin_settings(settings: Any) -> None:
    """Set the defaults; errors of plugins are fatal."""
    common.plugin_settings(settings)
    settings.OPENEDX_USER_GROUPS_PLUGIN_ERRORS_ARE_FATAL = True
