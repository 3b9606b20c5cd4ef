"""The pages of the sandbox, then those of every plugin."""

from django.contrib import admin
from django.contrib.staticfiles.views import serve
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from edx_django_utils.plugins import get_plugin_url_patterns

from openedx.core.djangoapps.plugins.constants import ProjectType
from tests.sandbox.demo.views import Login, log_out

urlpatterns = [
    path("login/", Login.as_view(), name="login"),
    path("logout/", log_out, name="logout"),
    path("admin/", admin.site.urls),
    # There is no web server in front, and DEBUG stays off because it would keep every statement in memory.
    path("static/<path:path>", serve, {"insecure": True}),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    *get_plugin_url_patterns(ProjectType.LMS),
    path("", include("tests.sandbox.demo.urls")),
]
