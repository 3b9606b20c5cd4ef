"""What an operator of the platform asks more."""

from django.apps import AppConfig


class CustomFormConfig(AppConfig):
    """An application beside those of the platform."""

    name = "custom_form_app"
