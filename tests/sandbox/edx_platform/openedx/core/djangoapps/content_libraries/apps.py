"""Content libraries, to which openedx-authz has a foreign key."""

from django.apps import AppConfig


class ContentLibrariesConfig(AppConfig):
    """Labelled as the platform's own application is."""

    name = "openedx.core.djangoapps.content_libraries"
    label = "content_libraries"
