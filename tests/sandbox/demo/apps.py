"""The commands and the pages of the sandbox."""

from django.apps import AppConfig

from tests.sandbox.demo import schedule


class DemoConfig(AppConfig):
    """Seeds, loads, demonstrates and shows."""

    name = "tests.sandbox.demo"
    label = "sandbox"

    def ready(self) -> None:
        """Let time pass while the sandbox is served."""
        schedule.start()
