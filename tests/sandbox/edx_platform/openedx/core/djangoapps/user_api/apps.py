"""Preferences, tags and retirement of accounts."""

from django.apps import AppConfig


class UserApiConfig(AppConfig):
    """Labelled as the platform's own application is."""

    name = "openedx.core.djangoapps.user_api"
    label = "user_api"
