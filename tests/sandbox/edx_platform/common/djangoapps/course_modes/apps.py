"""The tracks that courses offer."""

from django.apps import AppConfig


class CourseModesConfig(AppConfig):
    """Labelled as the platform's own application is."""

    name = "common.djangoapps.course_modes"
    label = "course_modes"
