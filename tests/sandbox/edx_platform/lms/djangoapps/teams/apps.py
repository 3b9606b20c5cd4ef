"""Teams of learners."""

from django.apps import AppConfig


class TeamsConfig(AppConfig):
    """Labelled as the platform's own application is."""

    name = "lms.djangoapps.teams"
    label = "teams"
