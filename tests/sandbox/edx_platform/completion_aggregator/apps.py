"""The app, labelled as the real one."""

from django.apps import AppConfig


class CompletionAggregatorConfig(AppConfig):
    """Completion, summed up for whole courses."""

    name = "completion_aggregator"
    default_auto_field = "django.db.models.BigAutoField"
