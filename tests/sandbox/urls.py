"""The pages of the sandbox, then those of every plugin."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.contrib.staticfiles.views import serve
from django.urls import include, path
from edx_django_utils.plugins import get_plugin_url_patterns

from openedx.core.djangoapps.plugins.constants import ProjectType
from tests.sandbox.demo.views import Login

urlpatterns = [
    path("login/", Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    # There is no web server in front, and DEBUG stays off because it would keep every statement in memory.
    path("static/<path:path>", serve, {"insecure": True}),
    *get_plugin_url_patterns(ProjectType.LMS),
    path("", include("tests.sandbox.demo.urls")),
]
