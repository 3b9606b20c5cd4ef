"""The addresses of version 1."""

from django.urls import path

from .views import CriterionTypeListView

app_name = "openedx_user_groups"

urlpatterns = [
    path("criterion_types/", CriterionTypeListView.as_view(), name="criterion-types"),
]
