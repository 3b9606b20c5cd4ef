"""Feature flags with overrides for courses and organizations."""

from django.apps import AppConfig


class WaffleUtilsConfig(AppConfig):
    """Labelled as the platform's own application is."""

    name = "openedx.core.djangoapps.waffle_utils"
    label = "waffle_utils"
