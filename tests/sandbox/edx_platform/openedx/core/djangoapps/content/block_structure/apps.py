"""The blocks of each course."""

from django.apps import AppConfig


class BlockStructureConfig(AppConfig):
    """Labelled as the platform's own application is."""

    name = "openedx.core.djangoapps.content.block_structure"
    label = "block_structure"
