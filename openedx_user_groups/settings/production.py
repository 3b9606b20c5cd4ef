"""Settings of production: the common ones, again for what the platform's own have replaced since."""

from .common import plugin_settings

__all__ = ["plugin_settings"]
