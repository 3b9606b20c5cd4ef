"""The first page of the sandbox is the panel; and courses have an instructor dashboard, at the platform's address."""

from django.urls import path
from django.views.generic import RedirectView

from tests.sandbox.demo.views import InstructorDashboard

urlpatterns = [
    path("courses/<path:course_id>/instructor", InstructorDashboard.as_view(), name="instructor_dashboard"),
    path("", RedirectView.as_view(pattern_name="openedx_user_groups:pages:panel")),
]
