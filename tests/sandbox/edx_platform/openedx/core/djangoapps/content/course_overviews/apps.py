"""What the LMS knows of each course run."""

from django.apps import AppConfig


class CourseOverviewsConfig(AppConfig):
    """Labelled as the platform's own application is."""

    name = "openedx.core.djangoapps.content.course_overviews"
    label = "course_overviews"
