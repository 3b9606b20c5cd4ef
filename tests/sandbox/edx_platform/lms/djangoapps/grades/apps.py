"""Grades of courses and of assignments."""

from django.apps import AppConfig


class GradesConfig(AppConfig):
    """Labelled as the platform's own application is."""

    name = "lms.djangoapps.grades"
    label = "grades"
