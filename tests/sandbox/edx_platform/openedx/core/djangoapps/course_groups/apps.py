"""Cohorts."""

from django.apps import AppConfig


class CourseGroupsConfig(AppConfig):
    """Labelled as the platform's own application is."""

    name = "openedx.core.djangoapps.course_groups"
    label = "course_groups"
