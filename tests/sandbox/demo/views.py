"""The login page, which tells whom one may be; and the frame of an instructor dashboard, for the tabs of plugins."""

from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.mixins import UserPassesTestMixin
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import TemplateView
from opaque_keys.edx.keys import CourseKey
from openedx_filters.learning import filters

from openedx.core.djangoapps.content.course_overviews.models import CourseOverview
from openedx_user_groups import api
from openedx_user_groups.permissions import Action, Person
from tests.sandbox.demo.accounts import ACCOUNTS


class Login(LoginView):
    """The login page; it tells whom one may be."""

    template_name = "sandbox/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Show the seeded accounts beside the form."""
        return super().get_context_data(**kwargs, accounts=ACCOUNTS)


def log_out(request: HttpRequest) -> HttpResponse:
    """Log out whoever follows the link, as the platform does."""
    logout(request)
    return redirect("login")


class InstructorDashboard(UserPassesTestMixin, TemplateView):
    """The dashboard of a course: its own tabs, which lead nowhere here, and what the filters of both kinds add."""

    template_name = "sandbox/instructor_dashboard.html"

    def test_func(self) -> bool:
        """For the staff of the course."""
        return Person(self.request.user).may(Action.VIEW, api.course_scope(self.kwargs["course_id"]))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The tabs in their order, as the platform asks for them."""
        course = get_object_or_404(CourseOverview, id=CourseKey.from_string(kwargs["course_id"]))
        tabs = [
            {"tab_id": "course_info", "title": "Course Info", "url": self.request.path, "sort_order": 10},
            {"tab_id": "enrollments", "title": "Enrollments", "url": "#", "sort_order": 20},
            {"tab_id": "cohorts", "title": "Cohorts", "url": "#", "sort_order": 90},
        ]
        # Releases of openedx-filters before 3.4 do not have it.
        if requested := getattr(filters, "InstructorDashboardTabsRequested", None):
            tabs, _user, _key = requested.run_filter(tabs=tabs, user=self.request.user, course_key=course.id)
        shown = sorted(tabs, key=lambda tab: tab["sort_order"])
        legacy, _template = filters.InstructorDashboardRenderStarted.run_filter(
            context={"course": course, "sections": []}, template_name=self.template_name
        )
        return super().get_context_data(**kwargs, course=course, tabs=shown, sections=legacy["sections"])
