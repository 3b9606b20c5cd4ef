"""The addresses in the LMS: the REST API, and the pages."""

from __future__ import annotations

from django.urls import include, path

from .pages import urls as pages
from .rest_api.v1 import urls as rest_api

app_name = "openedx_user_groups"
urlpatterns = [
    # In the namespace of the package, as in Studio, which has nothing else.
    path("api/user_group/v1/", include(rest_api.urlpatterns)),
    path("", include(pages)),
]
