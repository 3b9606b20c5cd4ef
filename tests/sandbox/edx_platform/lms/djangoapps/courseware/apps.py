"""The state of learners in each block."""

from django.apps import AppConfig


class CoursewareConfig(AppConfig):
    """Labelled as the platform's own application is."""

    name = "lms.djangoapps.courseware"
    label = "courseware"
