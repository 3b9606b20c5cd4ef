"""Enrollments, roles and profiles."""

from django.apps import AppConfig


class StudentConfig(AppConfig):
    """Labelled as the platform's own application is."""

    name = "common.djangoapps.student"
    label = "student"
