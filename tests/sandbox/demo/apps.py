"""The commands and the pages of the sandbox."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Seeds, loads, demonstrates and shows."""

    name = "tests.sandbox.demo"
    label = "sandbox"
